// Package textfmt prints numbers, times and sentences: one function for every look. Functions are
// for figures and pages, which have unbroken spaces and true minus signs, unless they name a
// terminal.
package textfmt

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Thousands groups digits: 12,345; with a true minus sign.
func Thousands(n int) string {
	s, negative := strings.CutPrefix(strconv.Itoa(n), "-") // the least number has no positive counterpart
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if negative {
		return "−" + s
	}
	return s
}

// thousands groups the digits of a number that need not be whole or small.
func thousands(x float64) string {
	if math.Abs(x) >= 1<<53 { // more digits than it has; an int may not hold it
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
	return Thousands(int(math.Round(x)))
}

// Percent prints a share as published accuracies are, unbroken: "97.92 %".
func Percent(x float64) string { return Share(x, 2) }

// PlainPercent is Percent for a terminal and for scripts that read it: with a plain space and
// hyphen.
func PlainPercent(x float64) string { return PlainShare(x, 2) }

// Share prints a share in per cent with so many decimals, and more where [ShareDecimals] says so.
func Share(x float64, decimals int) string {
	return Signs(strconv.FormatFloat(100*x, 'f', ShareDecimals(x, decimals), 64)) + "\u00a0%"
}

// PlainShare is Share as PlainPercent is Percent.
func PlainShare(x float64, decimals int) string {
	return PlainZeros(strconv.FormatFloat(100*x, 'f', ShareDecimals(x, decimals), 64)) + " %"
}

// ShareDecimals is how many decimals a share in per cent has, at least so many: what is neither none nor all isn't
// written as either, since whether some are left is what people look for there. 9,993 of 9,996 are 99.97 %, not
// 100.0 %. What is nearer than a part in a billion was rounded before.
func ShareDecimals(x float64, decimals int) int {
	const rounded = 1e-9
	rest := math.Min(x, 1-x) // of a difference, which may be below 0, nothing is asked
	for rest > rounded && 100*rest < .5*math.Pow10(-decimals)*(1+rounded) {
		decimals++
	}
	return decimals
}

// Signs writes true minus signs: before digits, in R- and in R+ - R-; hyphens stay, as in CIFAR-100. A zero has no
// sign. An apostrophe after a letter is a curly one. A per cent sign stays on the line of its number.
func Signs(s string) string {
	r := []rune(strings.ReplaceAll(PlainZeros(s), " %", "\u00a0%"))
	for k, c := range r {
		if c == '\'' && k > 0 && unicode.IsLetter(r[k-1]) {
			r[k] = '’'
		}
		if c != '-' {
			continue
		}
		next, before := ' ', ' '
		if k+1 < len(r) {
			next = r[k+1]
		}
		if k > 0 {
			before = r[k-1]
		}
		difference := k > 1 && before == ' ' && next == ' ' && r[k-2] == '+' // R+ - R-
		if difference || before == 'R' && !inWord(r, k-2) && !inWord(r, k+1) || unicode.IsDigit(next) && !unicode.IsLetter(before) && !unicode.IsDigit(before) {
			r[k] = '−'
		}
	}
	return string(r)
}

// inWord reports whether a text has a letter or a digit at k.
func inWord(r []rune, k int) bool {
	return k >= 0 && k < len(r) && (unicode.IsLetter(r[k]) || unicode.IsDigit(r[k]))
}

// signedZero is a zero with a sign, and what stands before and after it.
var signedZero = regexp.MustCompile(`(^|[^\pL\d.])[+-](0(?:\.0+)?)($|[^\pL\d.]|\.$|\.\s)`)

// PlainZeros writes zeros without a sign: what is rounded to -0.00 or +0.00 is 0.00.
func PlainZeros(s string) string {
	for range 2 { // what stands after one zero may stand before the next
		s = signedZero.ReplaceAllString(s, "$1$2$3")
	}
	return s
}

// Sentence gives a reason a capital letter, unless it begins with a name from the code, a full
// stop, and what Signs gives.
func Sentence(s string) string {
	r := []rune(Signs(s))
	if len(r) == 0 {
		return ""
	}
	if first, _, _ := strings.Cut(s, " "); !strings.Contains(first, "_") {
		r[0] = unicode.ToUpper(r[0])
	}
	return stopped(string(r))
}

// SentenceOf is Sentence, but for a name at its beginning, which stays as it is: svm is no Svm.
func SentenceOf(name, s string) string {
	if rest, ok := strings.CutPrefix(s, name+" "); ok {
		return stopped(name + " " + Signs(rest))
	}
	return Sentence(s)
}

// stopped is a text with a full stop.
func stopped(text string) string {
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// Slug makes a part of a file name of a name that people gave: lower case letters, digits and
// hyphens, so that it leaves no folder and means nothing to a terminal. It may be empty.
func Slug(name string) string {
	between := func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') }
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), between), "-")
}
