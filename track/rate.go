package track

import (
	"math"
	"strconv"
	"strings"

	"shoal/deep"
	"shoal/internal/usage"
)

// ParseRate reads a schedule of the learning rate: constant, cosine, onecycle, or
// steps:FACTOR@EPOCH,EPOCH,... (multiply by FACTOR at each of those epochs); warmup:EPOCHS+SCHEDULE
// rises linearly first. Those start from rate, which must be above 0. linear:RATE@EPOCH,... goes
// straight from point to point and has rates of its own: rate must be 0. Epochs may have fractions.
func ParseRate(text string, rate float64) (deep.LearningRate, error) {
	name, argument, _ := strings.Cut(text, ":")
	switch {
	case name == "linear":
		if rate != 0 {
			return nil, usage.Errorf("learning rate schedule %q has its own rates: leave out the learning rate of %v", text, rate)
		}
		return parseLinear(text, argument)
	case !(rate > 0) || math.IsInf(rate, 0):
		return nil, usage.Errorf("learning rate is %v: want a finite number above 0 for schedule %q", rate, text)
	case text == "constant":
		return deep.Constant(rate), nil
	case text == "cosine":
		return deep.Cosine(rate), nil
	case text == "onecycle":
		return deep.OneCycle(rate), nil
	case name == "steps":
		return parseSteps(text, argument, rate)
	case name == "warmup":
		count, rest, ok := strings.Cut(argument, "+")
		epochs, valid := parseEpochs(count)
		if !ok || !valid || strings.HasPrefix(rest, "warmup") || OwnRates(rest) {
			return nil, usage.Errorf("learning rate schedule %q: want warmup:EPOCHS+SCHEDULE, such as warmup:1+cosine", text)
		}
		then, err := ParseRate(rest, rate)
		if err != nil {
			return nil, err
		}
		return deep.Warmup(epochs, then), nil
	}
	return nil, usage.Errorf("unknown learning rate schedule %q: want constant, cosine, onecycle, steps:FACTOR@EPOCH,..., linear:RATE@EPOCH,... or warmup:EPOCHS+SCHEDULE%s", text, usage.DidYouMean(name, []string{"constant", "cosine", "onecycle", "steps", "linear", "warmup"}))
}

func parseSteps(text, argument string, rate float64) (deep.LearningRate, error) {
	bad := usage.Errorf("learning rate schedule %q: want steps:FACTOR@EPOCH,EPOCH,..., such as steps:0.1@150,250", text)
	factor, list, ok := strings.Cut(argument, "@")
	f, err := strconv.ParseFloat(factor, 64)
	if !ok || err != nil || !(f > 0) || math.IsInf(f, 0) {
		return nil, bad
	}
	var epochs []float64
	for _, word := range strings.Split(list, ",") {
		e, valid := parseEpochs(word)
		if !valid || len(epochs) > 0 && e <= epochs[len(epochs)-1] {
			return nil, bad
		}
		epochs = append(epochs, e)
	}
	return deep.Steps(rate, f, epochs...), nil
}

// OwnRates reports whether a schedule of the learning rate says the rates themselves, so that there
// is no learning rate beside it.
func OwnRates(schedule string) bool {
	name, _, _ := strings.Cut(schedule, ":")
	return name == "linear"
}

// parseLinear reads the points of linear:RATE@EPOCH,...
func parseLinear(text, argument string) (deep.LearningRate, error) {
	bad := usage.Errorf("learning rate schedule %q: want linear:RATE@EPOCH,... with rates of 0 or more, one of them above, and epochs that rise, such as linear:0@0,0.1@4,0.003@12", text)
	var points []deep.RatePoint
	highest := 0.0
	for _, word := range strings.Split(argument, ",") {
		rate, epoch, ok := strings.Cut(word, "@")
		r, err := strconv.ParseFloat(rate, 64)
		e, wrong := strconv.ParseFloat(epoch, 64)
		if !ok || err != nil || wrong != nil || !(r >= 0) || math.IsInf(r, 0) || !(e >= 0 && e <= maxEpochs) {
			return nil, bad
		}
		if len(points) > 0 && e <= points[len(points)-1].Epoch {
			return nil, bad
		}
		points = append(points, deep.RatePoint{Epoch: e, Rate: r})
		highest = max(highest, r)
	}
	if highest == 0 {
		return nil, bad
	}
	return deep.Linear(points...), nil
}

// parseEpochs reads a number of epochs above 0.
func parseEpochs(text string) (epochs float64, ok bool) {
	e, err := strconv.ParseFloat(text, 64)
	return e, err == nil && e > 0 && e <= maxEpochs
}
