package textfmt

import (
	"math"
	"testing"
)

func TestWords(t *testing.T) {
	for _, c := range [][2]string{ // got, want
		{Thousands(0), "0"},
		{Thousands(999), "999"},
		{Thousands(1000), "1,000"},
		{Thousands(-1234567), "−1,234,567"},
		{Percent(.9792), "97.92\u00a0%"},
		{PlainPercent(.9792), "97.92 %"},
		{Share(-.055, 1), "−5.5\u00a0%"},
		{Signs("-1 to R-, a-1 and log-1, 2-3"), "−1 to R−, a-1 and log-1, 2-3"},
		{Signs("the CIFAR-100 network, R-, (R-)"), "the CIFAR-100 network, R−, (R−)"},
		{Signs("-0.00 [-0.01, +0.00] ~"), "0.00 [−0.01, 0.00] ~"},
		{Signs("-0.00 -0.0 +0 -0"), "0.00 0.0 0 0"},
		{Sentence("by -0.0"), "By 0.0."},
		{Signs("-0.001, -0.05, resnet-0, 1-0, -0x"), "−0.001, −0.05, resnet-0, 1-0, −0x"},
		{Share(-.0001, 1), "0.0\u00a0%"},
		{Share(9993./9996, 1), "99.97\u00a0%"}, // neither all
		{Share(.9995, 1), "99.95\u00a0%"},      // half a digit, which may be rounded either way
		{Share(.9994, 1), "99.9\u00a0%"},
		{Share(1./850, 0), "0.1\u00a0%"}, // nor none
		{Share(0, 0), "0\u00a0%"},
		{Share(1, 1), "100.0\u00a0%"},
		{Share(1-1e-12, 1), "100.0\u00a0%"}, // a mean of ones
		{PlainShare(.996, 0), "99.6 %"},
		{PlainPercent(49999. / 50000), "99.998 %"},
		{PlainPercent(-.00001), "0.00 %"},
		{Sentence("the ratio is -0.5"), "The ratio is −0.5."},
		{Sentence("it can't be told: seeds' orders differ from 'svm'"), "It can’t be told: seeds’ orders differ from 'svm’."},
		{Sentence("shallow_only is 20 %"), "shallow_only is 20\u00a0%."},
		{Sentence("one sharp, right-skewed peak"), "One sharp, right-skewed peak."},
		{Sentence("by -0.01 [-0.06, 0.04]"), "By −0.01 [−0.06, 0.04]."},
		{Sentence("accuracy 2: R+ 1, R- 0.5"), "Accuracy 2: R+ 1, R− 0.5."},
		{Sentence("at convergence: R+ - R- > 0"), "At convergence: R+ − R− > 0."},
		{Sentence("a - b, and cifar - 10"), "A - b, and cifar - 10."},
		{Sentence("cifar-10 and 3-5"), "Cifar-10 and 3-5."},
		{Sentence("Done."), "Done."},
		{SentenceOf("svm", "svm stops at -1"), "svm stops at −1."},
		{SentenceOf("svm", "svm-strong is another"), "Svm-strong is another."},
		{SentenceOf("svm", "up to 6 % svm predicts it"), "Up to 6\u00a0% svm predicts it."},
		{Sentence(""), ""},
	} {
		if got, want := c[0], c[1]; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{"SVM, RBF (C=1)": "svm-rbf-c-1", "forest": "forest", "../x": "x", "": ""} {
		if got := Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
}

// Numbers beyond what an int has, and the least int, are printed as well.
func TestExtremes(t *testing.T) {
	for got, want := range map[string]string{
		Thousands(math.MinInt64): "−9,223,372,036,854,775,808",
		Thousands(math.MaxInt64): "9,223,372,036,854,775,807",
		Epochs(1e18):             "1e+18",
		Epochs(math.Inf(1)):      "+Inf",
		Decimals(-1e300):         "-1e+300",
		Epochs(12345.4):          "12,345",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
