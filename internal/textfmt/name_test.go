package textfmt

import "testing"

func TestPlainName(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "cat": "cat", "été 1": "été 1", "\U0001f642\u200d": "\U0001f642\u200d", `a\b`: `a\b`,
		"caf\xe9": `caf\xe9`, "\x1b[31m": `\x1b[31m`, "a\nb": `a\x0ab`, "\u0085": `\xc2\x85`, "é\xff": `é\xff`, "\ufffd": "\ufffd",
	} {
		if got := PlainName(in); got != want {
			t.Errorf("PlainName(%q) = %q, want %q", in, got, want)
		}
	}
}
