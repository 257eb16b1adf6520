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
// rises linearly first. Epochs may have fractions.
func ParseRate(text string, rate float64) (deep.LearningRate, error) {
	name, argument, _ := strings.Cut(text, ":")
	switch {
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
		if !ok || !valid || strings.HasPrefix(rest, "warmup") {
			return nil, usage.Errorf("learning rate schedule %q: want warmup:EPOCHS+SCHEDULE, such as warmup:1+cosine", text)
		}
		then, err := ParseRate(rest, rate)
		if err != nil {
			return nil, err
		}
		return deep.Warmup(epochs, then), nil
	}
	return nil, usage.Errorf("unknown learning rate schedule %q: want constant, cosine, onecycle, steps:FACTOR@EPOCH,... or warmup:EPOCHS+SCHEDULE", text)
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

// parseEpochs reads a number of epochs above 0.
func parseEpochs(text string) (epochs float64, ok bool) {
	e, err := strconv.ParseFloat(text, 64)
	return e, err == nil && e > 0 && e <= maxEpochs
}
