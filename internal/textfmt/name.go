package textfmt

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PlainName is the name of a file or a folder as text: bytes that aren't UTF-8 and control characters
// are written as \xff, so that names mean nothing to a terminal, and different ones stay different
// unless they have such text already.
func PlainName(name string) string {
	if utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl) {
		return name
	}
	var b strings.Builder
	for len(name) > 0 {
		r, size := utf8.DecodeRuneInString(name)
		if r == utf8.RuneError && size == 1 || unicode.IsControl(r) {
			for _, c := range []byte(name[:size]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		} else {
			b.WriteString(name[:size])
		}
		name = name[size:]
	}
	return b.String()
}
