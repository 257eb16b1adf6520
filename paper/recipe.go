package paper

import (
	"fmt"
	"math"

	"shoal/internal/textfmt"
	"shoal/published"
	"shoal/record"
	"shoal/report/figure"
	"shoal/track"
)

// What the published recipes have in common.
const (
	publishedPrecision = "float32"
	publishedTest      = 10_000 // images that each evaluation of theirs scores: the whole test split
)

// recipe says what the published recipe of a large network would take on the machine that made its first run,
// beside what that run took and reached: from its seconds for an epoch and for a scored image. It is "" where
// the run is as long as the recipe, or is to be, or doesn't know what it took.
func (c collected) recipe(d DatasetSummary) string {
	if len(c.runs) == 0 || c.Smaller {
		return ""
	}
	numbers, known := published.For(c.Dataset)
	full, err := track.Builtin(c.Dataset)
	r := c.counted()[0]
	own := r.summarise()
	epochs := float64(own.Epochs)
	longest := epochs
	if planned := own.PlannedEpochs.Known(); planned != nil {
		longest = max(epochs, *planned)
	}
	if !known || err != nil || !(epochs > 0) || !(own.Seconds.Training > 0) || longest >= full.Training.Epochs {
		return ""
	}
	schedule, err := record.ParseSchedule(full.Evaluation.Schedule)
	if err != nil { // it is built in
		return ""
	}
	perEpoch := int(math.Round(float64(own.Steps) / epochs))
	evaluations := len(schedule.Steps(perEpoch, int(math.Round(full.Training.Epochs*float64(perEpoch)))))
	initial := 0
	for _, answers := range r.Initial {
		initial += len(answers)
	}
	image := own.Seconds.Evaluation / float64(own.Evaluations*own.Examples+initial)
	training := own.Seconds.Training / epochs * full.Training.Epochs
	scoring := image * float64(evaluations*publishedTest+initial)
	trained := textfmt.Passes(epochs)
	if !own.over() {
		trained = own.Passes() + " epochs"
	}
	return textfmt.Signs(fmt.Sprintf("%s has %s %s here, after %s, %s of training and %s of scoring%s. The paper's %s has %s. The %s epochs that are published for it would take about %s of training and %s of scoring on the same machine, %s in all",
		c.Network, mean(d.Accuracy), figure.AtTheEnd(c.soFar()), trained, textfmt.Duration(own.Seconds.Training), textfmt.Duration(own.Seconds.Evaluation), inPrecision(own),
		numbers.NetworkName, textfmt.Percent(numbers.Network), textfmt.PassCount(full.Training.Epochs), textfmt.Duration(training), textfmt.Duration(scoring), textfmt.Duration(training+scoring)))
}

// inPrecision says what a run computes in, "" where that isn't known.
func inPrecision(r RunSummary) string {
	if r.Precision == "" {
		return ""
	}
	return " in " + r.Precision
}
