package track

import (
	"slices"
	"strings"
	"testing"

	"shoal/internal/usage"
)

func TestWith(t *testing.T) {
	s, err := Builtin("cifar10")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key, text string
		got       func(Study) bool
	}{
		{"training.crop", "2", func(s Study) bool { return s.Training.Crop == 2 }},
		{"training.flip", "false", func(s Study) bool { return !s.Training.Flip }},
		{"training.learning_rate", "1", func(s Study) bool { return s.Training.LearningRate == 1 }},
		{"training.label_smoothing", "1e-1", func(s Study) bool { return s.Training.LabelSmoothing == .1 }},
		{"training.schedule", "warmup:1+cosine", func(s Study) bool { return s.Training.Schedule == "warmup:1+cosine" }},
		{"training.schedule", `"cosine"`, func(s Study) bool { return s.Training.Schedule == "cosine" }},
		{"training.mean", "[0.5, 0.25, 0.125]", func(s Study) bool { return slices.Equal(s.Training.Mean, Channels{.5, .25, .125}) }},
		{"network.name", "resnet20", func(s Study) bool { return s.Network.Name == "resnet20" }},
		{"data.limit_train", "100", func(s Study) bool { return s.Data.LimitTrain == 100 }},
		{"evaluation.schedule", "every:50", func(s Study) bool { return s.Evaluation.Schedule == "every:50" }},
	} {
		changed, err := s.With(c.key, c.text)
		if err != nil || !c.got(changed) {
			t.Errorf("%s = %s: %+v, %v", c.key, c.text, changed, err)
			continue
		}
		if d, err := Differences(s, changed); err != nil || len(d) == 0 || slices.ContainsFunc(d, func(x string) bool { return !strings.HasPrefix(x, c.key) }) {
			t.Errorf("%s = %s changes %q (%v)", c.key, c.text, d, err)
		}
	}
	for _, c := range []struct{ key, text, want string }{
		{"training.epoch", "1", `unknown key "training.epoch": want one of data.dataset, `},
		{"training", "1", "unknown key"}, {"seed", "1", "unknown key"}, {"training.", "1", "unknown key"}, {"reference.name", "x", "unknown key"},
		{"data.absolute", "/x", "unknown key"}, {"network.init_sha256", "0", "unknown key"},
		{"training.crop", "two", "line 1"}, {"training.crop", "2\nflip = true", "training.crop"}, {"training.crop", "1.5", "training.crop"},
		{"training.batch", "0", "want 1 to"}, {"training.flip", "maybe", "training.flip"}, {"training.mean", "[1", "training.mean"},
		{"network.name", "nonsense", "unknown network"},
	} {
		_, err := s.With(c.key, c.text)
		if _, isUsage := err.(*usage.Error); !isUsage || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %q: error is %v, want one of usage with %q", c.key, c.text, err, c.want)
		}
	}
}
