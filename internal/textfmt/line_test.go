package textfmt

import "testing"

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"plain: \"ü\" − 5 %": "plain: \"ü\" − 5 %",
		"a\nb\x1b[2Jc\x00":   `a\nb\x1b[2Jc\x00`,
		"\u202eright":        `\u202eright`,
	} {
		if got := Line(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
