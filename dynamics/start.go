package dynamics

import (
	"fmt"
	"math"

	"shoal/internal/textfmt"
)

const (
	leastInitial = 100  // random initialisations that claim 1 needs
	oneClass     = .9   // share of the examples from which on a network counts as answering one class
	sameFrom     = .8   // the ratios within which R± counts as 1 ...
	sameTo       = 1.25 // ... the two being each other's inverse
)

// claim1: R± starts at 1.0. A single untrained network can't tell: it tends to answer one class for
// nearly everything, and its R± is then how much likelier that class is among what the reference
// gets right. So the claim is about random initialisations, at least leastInitial of them, and an
// equivalence test: it holds when the 95 % interval of their ratio (see Initialisations) lies within
// sameFrom to sameTo, fails when it lies outside, and can't be judged otherwise. A wide interval is
// no evidence for 1.
func claim1(e *evidence) (Numbers, Outcome, string) {
	first := e.curve.Points[0]
	commonest, share := commonest(e.log.Predictions[0])
	start := &StartNumbers{Step: first.Step, Ratio: first.Ratio(), Accuracy: first.DeepAccuracy().Value,
		ClassAdjustedRatio: ClassAdjusted(e.log.Labels, e.shallow.get, e.deep[0].get), CommonestClass: commonest, CommonestClassShare: share,
		Initial: initialise(e.log.Labels, e.shallow, e.options.Initial)}
	numbers, in := Numbers{Start: start}, start.Initial
	if in.Count < leastInitial {
		return numbers, CannotJudge, fmt.Sprintf("one initialisation says nothing, since an untrained network answers a class or a few for nearly everything: "+
			"it takes %d random initialisations of the network, and %d were scored", leastInitial, in.Count)
	}
	if in.Right < leastCell || in.Wrong < leastCell {
		return numbers, CannotJudge, fmt.Sprintf("of the %s examples on which initialisations were scored the reference gets %d right and %d wrong; a ratio needs %d of each",
			textfmt.Thousands(in.Examples), in.Right, in.Wrong, leastCell)
	}
	if !in.Ratio.Defined {
		return numbers, CannotJudge, fmt.Sprintf("none of %d random initialisations is right on what the reference gets wrong", in.Count)
	}
	found := fmt.Sprintf("over %d random initialisations R+ over R− is %v", in.Count, in.Ratio)
	switch r := in.Ratio; {
	case r.Lo >= sameFrom && r.Hi <= sameTo:
		return numbers, Holds, fmt.Sprintf("%s, within %v to %v%s", found, sameFrom, sameTo, in.single())
	case r.Hi < sameFrom || r.Lo > sameTo:
		return numbers, Fails, fmt.Sprintf("%s, outside %v to %v%s", found, sameFrom, sameTo, in.single())
	}
	return numbers, CannotJudge, fmt.Sprintf("%s, too wide to lie within or outside %v to %v%s", found, sameFrom, sameTo, in.single())
}

// commonest is the class that a network answers most often, and for which share of the examples.
func commonest(answers []uint16) (class int, share float64) {
	counts := histogram(answers)
	for c, k := range counts {
		if k > counts[class] {
			class = c
		}
	}
	return class, float64(counts[class]) / float64(len(answers))
}

// Initialisations is what the networks of many random initialisations say against a reference,
// before any training.
type Initialisations struct {
	Count    int `json:"count"`
	Examples int `json:"examples"` // the first of the split, on which they were scored
	Right    int `json:"right"`    // of these, for the reference
	Wrong    int `json:"wrong"`
	// Ratio is the mean of R+ over the mean of R-. Networks that answer one class each have exactly 1
	// in it when every class is answered equally often, whatever the reference; R± of each of them
	// is something else. The interval covers initialisations (Student's t) and examples; it is on the
	// safe side, covering more than 95 %, since examples are in both parts of its variance.
	Ratio Estimate `json:"ratio"`
	// Least and Most are the range of R± that nine in ten of the initialisations lie within; null
	// where a twentieth has none.
	Least *float64 `json:"least"`
	Most  *float64 `json:"most"`
	// OneClass is the share of the networks that answer one class for nine tenths of the examples.
	OneClass float64 `json:"one_class"`
}

// single says how single initialisations lie about the ratio.
func (in Initialisations) single() string {
	text := ""
	if in.Least != nil && in.Most != nil {
		text = fmt.Sprintf("; single ones lie between %.2f and %.2f", *in.Least, *in.Most)
	}
	if in.OneClass >= .5 {
		text += fmt.Sprintf(", since %s of them answer one class for nearly everything: there R± is 1 in the mean over classes only", textfmt.PlainShare(in.OneClass, 0))
	}
	return text
}

// initialise counts the answers of initialisations, each for the first examples.
func initialise(labels []uint16, shallow mask, answers [][]uint16) Initialisations {
	in := Initialisations{Count: len(answers)}
	if in.Count == 0 {
		return in
	}
	in.Examples = len(answers[0])
	for i := range in.Examples {
		if shallow.get(i) {
			in.Right++
		}
	}
	in.Wrong = in.Examples - in.Right
	perExample := make([]float64, in.Examples) // share of the initialisations that are right
	var plus, minus, single []float64
	constant := 0
	for _, a := range answers {
		var hits [2]float64
		for i, y := range a {
			if y != labels[i] {
				continue
			}
			perExample[i] += 1 / float64(in.Count)
			if shallow.get(i) {
				hits[0]++
			} else {
				hits[1]++
			}
		}
		plus, minus = append(plus, hits[0]/float64(in.Right)), append(minus, hits[1]/float64(in.Wrong))
		if r := plus[len(plus)-1] / minus[len(minus)-1]; r > 0 && !math.IsInf(r, 1) {
			single = append(single, math.Log(r))
		}
		if _, share := commonest(a); share >= oneClass {
			constant++
		}
	}
	in.OneClass = float64(constant) / float64(in.Count)
	in.Ratio = ratioOfMeans(plus, minus, perExample, shallow)
	if 20*(in.Count-len(single)) <= in.Count {
		lo, hi := within(single, .05)
		lo, hi = math.Exp(lo), math.Exp(hi)
		in.Least, in.Most = &lo, &hi
	}
	return in
}

// ratioOfMeans is mean(plus)/mean(minus), one pair an initialisation, with an interval by the delta
// method on its logarithm. Its variance has a part for the initialisations and one for the examples,
// whose share of right answers perExample is.
func ratioOfMeans(plus, minus, perExample []float64, shallow mask) Estimate {
	p, _ := moments(plus)
	q, _ := moments(minus)
	if !(p > 0 && q > 0) {
		return Estimate{}
	}
	contrast := make([]float64, len(plus))
	for k := range plus {
		contrast[k] = plus[k]/p - minus[k]/q
	}
	_, between := moments(contrast)
	between /= float64(len(contrast))
	var groups [2][]float64
	for i, share := range perExample {
		if shallow.get(i) {
			groups[0] = append(groups[0], share/p)
		} else {
			groups[1] = append(groups[1], share/q)
		}
	}
	_, right := moments(groups[0])
	_, wrong := moments(groups[1])
	examples := right/float64(len(groups[0])) + wrong/float64(len(groups[1]))
	return Combined(math.Log(p/q), examples, Component{between, float64(len(contrast) - 1)}).exp()
}
