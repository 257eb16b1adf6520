package report

import (
	"slices"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/report/figure"
)

// trained reports whether the network was trained on the examples.
func (in *Input) trained() bool { return in.Split == dynamics.TrainSplit }

// analogue is what to know of measures that were made for training splits.
func (in *Input) analogue() string {
	if in.trained() {
		return ""
	}
	return "test-split analogue"
}

// dataMap is the map of the examples, nil where the log keeps no probabilities.
func (a *analysis) dataMap() *figure.Figure {
	v := a.in.Values
	if v == nil || v.Confidence == nil {
		return nil
	}
	return figure.DataMap{Dataset: a.in.title(), Network: a.in.Network, Note: a.in.analogue(),
		Confidence: v.Confidence, Variability: v.Variability, Right: a.measures.LearningSpeed}.Draw()
}

// pageValue is a measure that the page sorts by; its numbers are in a blob.
type pageValue struct {
	Title string `json:"title"`
}

// valueBlobs writes the measures over values, and returns their titles.
func (a *analysis) valueBlobs(write func(k int, values []float32)) []pageValue {
	var out []pageValue
	for k, m := range a.in.Values.Named() {
		values := make([]float32, len(m.Values))
		for i, x := range m.Values {
			values[i] = float32(x)
		}
		write(k, values)
		out = append(out, pageValue{m.Title})
	}
	return out
}

// memorisedRow says what became of the training examples that a reference, which had not seen them,
// gets wrong and right.
type memorisedRow struct {
	Reference, Wrong        string
	WrongLearned, WrongStep string
	RightLearned, RightStep string
}

// memorised lists a row for each reference of a training split.
func (a *analysis) memorised() []memorisedRow {
	if !a.in.trained() {
		return nil
	}
	log := &a.in.Log
	final := log.Correct(len(log.Predictions) - 1)
	_, good := learningSteps(log, a.measures)
	var rows []memorisedRow
	for _, r := range a.in.References {
		var learned, count [2]int
		var steps [2][]int
		for i, right := range r.Correct(log.Labels) {
			side := 0
			if right {
				side = 1
			}
			count[side]++
			if final[i] {
				learned[side]++
				steps[side] = append(steps[side], good[i])
			}
		}
		text := func(side int) (share, median string) {
			if count[side] == 0 {
				return "–", "–"
			}
			slices.Sort(steps[side])
			share, median = textfmt.Share(float64(learned[side])/float64(count[side]), 1), "–"
			if n := len(steps[side]); n > 0 {
				median = textfmt.Thousands(steps[side][(n-1)/2])
			}
			return share, median
		}
		row := memorisedRow{Reference: r.Name, Wrong: textfmt.Thousands(count[0])}
		row.WrongLearned, row.WrongStep = text(0)
		row.RightLearned, row.RightStep = text(1)
		rows = append(rows, row)
	}
	return rows
}
