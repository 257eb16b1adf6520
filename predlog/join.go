package predlog

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Join makes one evaluation of the lines that the ranks of a session have of a step, which come by
// rank. It is not whole when they don't cover the split: other ranks have yet to write theirs. An
// example that several ranks have counts as the lowest of them says.
func Join(lines []*Line) (joined *Part, whole bool, err error) {
	var parts []*Part
	for _, l := range lines {
		p, err := l.Part()
		if err != nil {
			return nil, false, err
		}
		parts = append(parts, p)
	}
	if len(parts) == 1 && parts[0].Index == nil {
		return parts[0], true, nil
	}
	j := joiner{out: &Part{Step: lines[0].Step}, by: make([]int, len(lines[0].of.Labels))}
	j.begin(parts[0])
	for k, p := range parts {
		if problem := j.add(k, p); problem != "" {
			return nil, false, fmt.Errorf("logs %q and %q, step %d: %s", lines[0].of.Path, lines[k].of.Path, p.Step, problem)
		}
	}
	j.measure(parts)
	return j.out, j.covered == len(j.by), nil
}

// joiner fills an evaluation from parts.
type joiner struct {
	out             *Part
	by              []int // 1 + the part that an example is from, 0 for none
	covered         int
	repeats, differ int
}

func (j *joiner) begin(first *Part) {
	n := len(j.by)
	j.out.Predictions = make([]uint16, n)
	if first.Right != nil {
		j.out.Right = make([]bool, n)
	}
	for name := range first.Values {
		if j.out.Values == nil {
			j.out.Values = map[string][]float32{}
		}
		j.out.Values[name] = make([]float32, n)
	}
}

// add fills in what part k has that the earlier ones haven't, and says what is wrong with it.
func (j *joiner) add(k int, p *Part) string {
	if (p.Right == nil) != (j.out.Right == nil) {
		return "only one of them has \"right\""
	}
	if mine, theirs := slices.Sorted(maps.Keys(p.Values)), slices.Sorted(maps.Keys(j.out.Values)); !slices.Equal(mine, theirs) {
		return fmt.Sprintf("one has the values [%s], the other [%s]", strings.Join(theirs, " "), strings.Join(mine, " "))
	}
	for at, class := range p.Predictions {
		i := at
		if p.Index != nil {
			i = p.Index[at]
		}
		if j.by[i] > 0 {
			j.repeats++
			if class != j.out.Predictions[i] {
				j.differ++
			}
			continue
		}
		j.by[i], j.covered = k+1, j.covered+1
		j.out.Predictions[i] = class
		if p.Right != nil {
			j.out.Right[i] = p.Right[at]
		}
		for name, values := range p.Values {
			j.out.Values[name][i] = values[at]
		}
	}
	return twoModels(j.differ, j.repeats)
}

// twoModels says that answers of several ranks are not those of one model. One that differs may be the
// rounding of another batch, however few repeats there are.
func twoModels(differ, repeats int) string {
	if differ <= 1 || 100*differ <= repeats {
		return ""
	}
	return fmt.Sprintf("%d of %d examples that several ranks have are predicted differently, want at most 1 in 100: are these two models?", differ, repeats)
}

// CheckLate compares lines that have the whole split with the answers that other ranks gave of it, which
// [Join] had without them.
func CheckLate(lines []*Line, answers []uint16) error {
	for _, l := range lines {
		p, err := l.Part()
		if err != nil {
			return err
		}
		if p.Index != nil {
			continue
		}
		differ := 0
		for i, class := range p.Predictions {
			if class != answers[i] {
				differ++
			}
		}
		if problem := twoModels(differ, len(answers)); problem != "" {
			return l.Error(errors.New(problem))
		}
	}
	return nil
}

// measure joins what the parts that count say of the evaluation as a whole: the first epoch that is known,
// the mean loss over their examples, the longest time. A part that only repeats others may come later than
// they are imported, so that it must not count.
func (j *joiner) measure(parts []*Part) {
	j.out.Epoch, j.out.Seconds = math.NaN(), math.NaN()
	loss, count := 0.0, 0.0
	for k, p := range parts {
		if k > 0 && !slices.Contains(j.by, k+1) {
			continue
		}
		if math.IsNaN(j.out.Epoch) {
			j.out.Epoch = p.Epoch
		}
		if !(p.Seconds <= j.out.Seconds) && !math.IsNaN(p.Seconds) {
			j.out.Seconds = p.Seconds
		}
		if m := float64(len(p.Predictions)); m > 0 {
			count += m
			loss += float64((p.Loss - loss) * float64(m/count)) // of one part alone it is that part's, to the bit
		}
	}
	if j.out.Loss = loss; count == 0 { // NaN where one doesn't know it
		j.out.Loss = math.NaN()
	}
}
