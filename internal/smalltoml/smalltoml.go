// Package smalltoml decodes TOML that a person wrote: it refuses texts whose size or nesting no
// study has, because the decoder's time and memory grow with the square of the nesting (a table
// header of a million names takes 24 GB).
package smalltoml

import (
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// MaxBytes is the longest text that Decode reads.
const MaxBytes = 256 << 10

// maxDepth is how deep tables and lists may nest, and how many names a key may have.
const maxDepth = 16

// Decode is toml.Decode for a text of at most MaxBytes, with keys of at most 16 names and values
// nested at most 16 deep.
func Decode(text string, v any) (toml.MetaData, error) {
	if len(text) > MaxBytes {
		return toml.MetaData{}, fmt.Errorf("%d bytes, want at most %d: is this a study?", len(text), MaxBytes)
	}
	if line := tooDeep(text); line > 0 {
		return toml.MetaData{}, fmt.Errorf("line %d: keys or values nested more than %d deep", line, maxDepth)
	}
	return toml.Decode(text, v)
}

// tooDeep returns the line that nests too deep, counted from 1, or 0. It knows strings and comments
// and nothing else of TOML; what is no TOML is for the decoder to say.
func tooDeep(text string) int {
	depth, dots, line := 0, 0, 1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\n':
			line++
			dots = 0
		case '#':
			if end := strings.IndexByte(text[i:], '\n'); end >= 0 {
				i += end - 1
			} else {
				return 0
			}
		case '"', '\'':
			end := stringEnd(text, i)
			line += strings.Count(text[i:end], "\n")
			i = end - 1
		case '[', '{':
			depth++
			dots = 0
		case ']', '}':
			depth--
		case '=', ',':
			dots = 0
		case '.':
			dots++
		}
		if depth > maxDepth || dots >= maxDepth {
			return line
		}
	}
	return 0
}

// stringEnd returns where the string ends that begins at i, behind its quotes; a string in single
// quotes of one line that has none ends with the line.
func stringEnd(text string, i int) int {
	quote := text[i : i+1]
	long := strings.HasPrefix(text[i:], strings.Repeat(quote, 3))
	if long {
		quote = strings.Repeat(quote, 3)
	}
	for at := i + len(quote); at < len(text); at++ {
		switch {
		case text[at] == '\\' && quote[0] == '"':
			at++
		case strings.HasPrefix(text[at:], quote):
			return at + len(quote)
		case text[at] == '\n' && !long:
			return at
		}
	}
	return len(text)
}
