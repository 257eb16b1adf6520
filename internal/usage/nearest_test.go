package usage

import "testing"

func TestDidYouMean(t *testing.T) {
	names := []string{"mnist", "fashion", "cifar10", "cifar100", "epochs", "evaluate", "seed", "k"}
	for got, want := range map[string]string{
		"mnits": "mnist", "mnis": "mnist", "MNIST": "mnist", "cifar-10": "cifar10", "fashon": "fashion", "fashion-mnist": "", "epoch": "epochs", "eval": "evaluate",
		"evalaute": "evaluate", "sede": "seed", "xyz": "", "": "", "svm": "", "c": "", "imagenet": "",
	} {
		if want != "" {
			want = `; did you mean "` + want + `"?`
		}
		if hint := DidYouMean(got, names); hint != want {
			t.Errorf("%q: %q, want %q", got, hint, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"", "ab", 2}, {"kitten", "sitting", 3}, {"ab", "ba", 1}, {"abcd", "acbd", 1}, {"same", "same", 0}} {
		if d := distance(c.a, c.b); d != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, d, c.want)
		}
	}
}
