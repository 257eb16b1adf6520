package easiness

import (
	"fmt"
	"math"

	"shoal/contingency"
	"shoal/dynamics"
)

// Family is models of one kind: refits of a reference, or seeds of a network.
type Family struct {
	Name  string
	Right [][]bool // members × n: what each gets right
}

// accuracy is the mean of the members' accuracies, 0 to 1.
func (f Family) accuracy() float64 {
	sum := 0.0
	for _, r := range f.Right {
		sum += contingency.RightShare(r) / float64(len(f.Right))
	}
	return sum
}

// check reports members that don't fit n examples.
func (f Family) check(n int) error {
	for k, r := range f.Right {
		if len(r) != n {
			return fmt.Errorf("%s: member %d has answers to %d examples, want %d", f.Name, k+1, len(r), n)
		}
	}
	return nil
}

// Shares are parts of the variance of what decides whether a model gets an example right; they sum to
// 1. One that is about 0 may come out below.
type Shares struct {
	Example dynamics.Estimate `json:"example"` // what the other family sees alike
	Family  dynamics.Estimate `json:"family"`  // what its own family alone repeats
	Noise   dynamics.Estimate `json:"noise"`   // what changes from one member to the next
}

// Shared is how much of easiness a reference and a network share. Where Reason is not empty, nothing
// is estimated.
type Shared struct {
	Reference         string            `json:"reference"`
	Network           string            `json:"network"`
	Refits            int               `json:"refits"`
	Seeds             int               `json:"seeds"`
	Accuracy          float64           `json:"accuracy"`         // mean of the refits
	NetworkAccuracy   float64           `json:"network_accuracy"` // mean of the seeds where they are compared
	Steps             []int             `json:"steps"`            // where that is, one a seed
	WithinReference   dynamics.Estimate `json:"rho_refits"`
	WithinNetwork     dynamics.Estimate `json:"rho_seeds"`
	Between           dynamics.Estimate `json:"rho_between"`
	Ratio             dynamics.Estimate `json:"ratio"`
	ReferenceVariance Shares            `json:"reference_variance"`
	NetworkVariance   Shares            `json:"network_variance"`
	Reason            string            `json:"reason,omitempty"`
}

// Compare answers whether easiness is the example's: how the refits of a reference and the seeds of a
// network agree within and between the two, where they are equally accurate. All logs and refits are of
// the examples of labels.
func Compare(labels []uint16, refits Family, network string, seeds []*dynamics.Log) (Shared, error) {
	if err := check(labels, refits, seeds); err != nil {
		return Shared{}, err
	}
	out := Shared{Reference: refits.Name, Network: network, Refits: len(refits.Right), Seeds: len(seeds), Accuracy: refits.accuracy()}
	if out.Reason = tooFew(out.Refits, out.Seeds, 2); out.Reason != "" {
		return out, nil
	}
	deep := Family{Name: network}
	var at []int
	at, out.Reason = equallyAccurate(refits, network, seeds)
	for k, t := range at {
		out.Steps = append(out.Steps, seeds[k].Steps[t])
		deep.Right = append(deep.Right, seeds[k].Correct(t))
	}
	out.NetworkAccuracy = deep.accuracy()
	if out.Reason != "" {
		return out, nil
	}
	out.estimate(labels, refits, deep)
	return out, nil
}

// check reports answers that are not to the same examples.
func check(labels []uint16, refits Family, seeds []*dynamics.Log) error {
	if err := refits.check(len(labels)); err != nil {
		return err
	}
	for k, l := range seeds {
		if err := l.Check(); err != nil {
			return fmt.Errorf("run %d: %w", k+1, err)
		}
		if len(l.Labels) != len(labels) || contingency.Right(l.Labels, labels) != len(labels) {
			return fmt.Errorf("run %d scores other examples: its labels differ", k+1)
		}
	}
	return nil
}

// tooFew says that there are fewer refits than 2, or fewer seeds than needed.
func tooFew(refits, seeds, needed int) string {
	if refits < 2 || seeds < needed {
		return fmt.Sprintf("it takes 2 refits and %d seeds or more; there are %d and %d", needed, refits, seeds)
	}
	return ""
}

// equallyAccurate finds the evaluation of each seed whose accuracy is nearest to the refits', and says
// where that is not near enough.
func equallyAccurate(refits Family, network string, seeds []*dynamics.Log) (at []int, reason string) {
	want := refits.accuracy()
	for k, l := range seeds {
		t, equal := l.EquallyAccurate(want)
		at = append(at, t)
		if !equal && reason == "" {
			reason = fmt.Sprintf("seed %d of %s is %.2f %% accurate at the evaluation nearest to the %.2f %% of the refits of %s: train longer, or score more often there",
				k+1, network, 100*l.Accuracies()[t], 100*want, refits.Name)
		}
	}
	return at, reason
}

// estimate estimates correlations, ratio and shares of two families.
func (out *Shared) estimate(labels []uint16, refits, deep Family) {
	s := strataOf(labels)
	var m, d []member
	for _, r := range refits.Right {
		m = append(m, s.member(r))
	}
	for _, r := range deep.Right {
		d = append(d, s.member(r))
	}
	all := [3]correlation{s.common(within(m)), s.common(within(d)), s.common(across(m, d))}
	for _, c := range all {
		if math.IsNaN(c.rho) {
			out.Reason = fmt.Sprintf("too few examples that %s and %s get right and wrong: their agreement has no estimate", out.Reference, out.Network)
			return
		}
	}
	x := estimates{rho: [3]float64{all[0].rho, all[1].rho, all[2].rho}}
	for i, a := range all {
		for j, b := range all {
			x.cov[i][j] = covariance(a.influence, b.influence)
		}
	}
	out.WithinReference, out.WithinNetwork, out.Between = x.fisher(0), x.fisher(1), x.fisher(2)
	if !(x.rho[0] > 0 && x.rho[1] > 0) {
		out.Reason = fmt.Sprintf("refits of %s, or seeds of %s, don't agree with each other: there is nothing to share", out.Reference, out.Network)
		return
	}
	out.Ratio = x.ratio()
	out.ReferenceVariance, out.NetworkVariance = x.shares(0), x.shares(1)
}

// estimates are the correlations between refits, between seeds and between both, with their
// covariances.
type estimates struct {
	rho [3]float64
	cov [3][3]float64
}

// fisher is the interval of a correlation by Fisher's transformation.
func (x *estimates) fisher(k int) dynamics.Estimate {
	r := x.rho[k]
	z, half := math.Atanh(r), float64(contingency.Z95*math.Sqrt(x.cov[k][k])/(1-float64(r*r)))
	return dynamics.Estimate{Value: r, Lo: math.Tanh(z - half), Hi: math.Tanh(z + half), Defined: true}
}

// variance is that of a function of the correlations with this gradient.
func (x *estimates) variance(gradient [3]float64) float64 {
	sum := 0.0
	for i := range gradient {
		for j := range gradient {
			sum += float64(gradient[i] * gradient[j] * x.cov[i][j])
		}
	}
	return math.Max(0, sum)
}

// around is a value with its interval by a gradient.
func (x *estimates) around(value float64, gradient [3]float64) dynamics.Estimate {
	half := float64(contingency.Z95 * math.Sqrt(x.variance(gradient)))
	return dynamics.Estimate{Value: value, Lo: value - half, Hi: value + half, Defined: true}
}

func (x *estimates) ratio() dynamics.Estimate {
	reliability := math.Sqrt(float64(x.rho[0] * x.rho[1]))
	r := x.rho[2] / reliability
	return x.around(r, [3]float64{-r / (2 * x.rho[0]), -r / (2 * x.rho[1]), 1 / reliability})
}

// shares of the family k, 0 for the reference and 1 for the network: see the package's comment.
func (x *estimates) shares(k int) Shares {
	own, other := x.rho[k], x.rho[1-k]
	lean := math.Sqrt(own / other)
	example := float64(x.rho[2] * lean)
	var byExample, byFamily, byNoise [3]float64
	byExample[k], byExample[1-k], byExample[2] = example/(2*own), -example/(2*other), lean
	for i := range byFamily {
		byFamily[i] = -byExample[i]
	}
	byFamily[k]++
	byNoise[k] = -1
	return Shares{Example: x.around(example, byExample), Family: x.around(own-example, byFamily), Noise: x.around(1-own, byNoise)}
}
