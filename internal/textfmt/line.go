package textfmt

import (
	"strconv"
	"strings"
	"unicode"
)

// Line is a text from elsewhere as one line that a terminal only shows: what can't be printed,
// newlines and escape sequences among it, is written as in Go.
func Line(text string) string {
	var out strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			out.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		out.WriteString(quoted[1 : len(quoted)-1])
	}
	return out.String()
}
