package textfmt

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes a text safe to print within a line: whatever could move the cursor, change colours or
// the direction of writing, end the line or be no UTF-8 is written as in a Go string: \x1b, \n,
// \u202e. Names of classes, references, studies and folders come from outside and may hold any of
// it.
func Line(text string) string { return visible(text, "") }

// visible writes all characters of text that aren't plain, but for those in kept, as escapes.
func visible(text, kept string) string {
	plain := func(r rune, size int) bool {
		return strings.ContainsRune(kept, r) || (unicode.IsPrint(r) || unicode.Is(unicode.Zs, r)) && (r != utf8.RuneError || size > 1)
	}
	clean := true
	for i, r := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		clean = clean && plain(r, size)
	}
	if clean {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case plain(r, size):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		text = text[size:]
	}
	return b.String()
}

// A Terminal is a writer to something that may be one: what is written through it comes out as Line
// prints it, but for tabs and ends of lines. Escapes are those of JSON, too, where it holds any.
type Terminal struct {
	w    io.Writer
	rest []byte // the begin of a character whose end is still to come
}

// NewTerminal returns a Terminal that writes to w.
func NewTerminal(w io.Writer) *Terminal { return &Terminal{w: w} }

// Unwrap is what t writes to.
func (t *Terminal) Unwrap() io.Writer { return t.w }

// Write writes p. A character may come in pieces.
func (t *Terminal) Write(p []byte) (int, error) {
	text := append(t.rest, p...)
	whole := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if last := text[len(text)-back:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				whole -= back
			}
			break
		}
	}
	t.rest = append([]byte(nil), text[whole:]...)
	if _, err := io.WriteString(t.w, visible(string(text[:whole]), "\n\t")); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Fprintf is fmt.Fprintf with every string argument as Line prints it: for tables and lines whose
// names come from outside. The format may end lines and cells, the names can't.
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	safe := make([]any, len(args))
	for i, a := range args {
		if s, ok := a.(string); ok {
			a = Line(s)
		}
		safe[i] = a
	}
	return fmt.Fprintf(w, format, safe...)
}
