package textfmt

import (
	"bytes"
	"errors"
	"testing"
)

var terminalCases = map[string]string{
	"plain, R± 98.5 % → ä 図":    "plain, R± 98.5 % → ä 図",
	"\x1b[2J\x1b]0;title\x07":   `\x1b[2J\x1b]0;title\x07`,
	"a\rb\bc\x7f\x00":           `a\rb\x08c\x7f\x00`,
	"\u009b31m":                 `\u009b31m`, // the one-character form of ESC [
	"\x9b31m, \xff":             `\x9b31m, \xff`,
	"abc\u202egpj.exe":          `abc\u202egpj.exe`,
	"a\u2028b\u2066c\U000e0001": `a\u2028b\u2066c\U000e0001`,
	"\u00a0\u202f, \ufffd":      "\u00a0\u202f, \ufffd",
}

func TestLine(t *testing.T) {
	for text, want := range terminalCases {
		if got := Line(text); got != want {
			t.Errorf("Line(%q) = %q, want %q", text, got, want)
		}
	}
	if got := Line("two\nlines\tand a tab"); got != `two\nlines\tand a tab` {
		t.Errorf("got %q, want one line", got)
	}
}

func TestTerminal(t *testing.T) {
	for text, want := range terminalCases {
		for size := 1; size <= 4; size++ { // pieces that cut characters
			var b bytes.Buffer
			w := NewTerminal(&b)
			rest := []byte("x\t" + text + "\n")
			for len(rest) > 0 {
				n, err := w.Write(rest[:min(size, len(rest))])
				if err != nil || n != min(size, len(rest)) {
					t.Fatalf("wrote %d, %v", n, err)
				}
				rest = rest[n:]
			}
			if got := b.String(); got != "x\t"+want+"\n" {
				t.Errorf("%q in pieces of %d: %q, want %q", text, size, got, want)
			}
		}
	}
	if _, err := NewTerminal(broken{}).Write([]byte("x")); err == nil {
		t.Error("the error of the writer is lost")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken") }
