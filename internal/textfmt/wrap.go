package textfmt

import (
	"io"
	"os"
	"regexp"
	"strings"

	"golang.org/x/term"
)

// Columns is the width of the terminal that w is, 0 for anything else.
func Columns(w io.Writer) int {
	if t, ok := w.(*Terminal); ok {
		w = t.Unwrap()
	}
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return 0
}

// Say is Fprintf for sentences: where w is a terminal, no line is longer than it is wide, unless a
// word is. What programs read, and lines that are a path and nothing else, don't go through it.
func Say(w io.Writer, format string, args ...any) (int, error) {
	var text strings.Builder
	_, _ = Fprintf(&text, format, args...) // a builder takes all
	lines, columns := strings.Split(text.String(), "\n"), Columns(w)
	for k, line := range lines {
		lines[k] = Fit(line, columns)
	}
	return io.WriteString(w, strings.Join(lines, "\n"))
}

// aCommand finds the last command of a line, however this program was called: shoal, ./shoal,
// '/my tools/shoal'.
var aCommand = regexp.MustCompile(`^.*:( )(?:(?:\S*[/\\])?shoal[-.\w]*|'[^']*[/\\]shoal[-.\w]*') [a-z]`)

// Fit is a line, broken between words where a terminal of so many columns (0: none) would break it
// within them. A command at its end ("...: shoal run --resume runs/a") is not broken, so that it can
// be copied: it gets a line of its own, which the terminal wraps.
func Fit(line string, columns int) string {
	if columns <= 0 || Width(line) <= columns {
		return line
	}
	command := ""
	if at := aCommand.FindStringSubmatchIndex(line); at != nil {
		line, command = line[:at[2]], line[at[3]:]
	}
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	line = Wrap(line, columns, indent)
	switch last := line[strings.LastIndexByte(line, '\n')+1:]; {
	case command == "":
		return line
	case Width(last)+1+Width(command) <= columns:
		return line + " " + command
	}
	return line + "\n" + command
}

// together stands for a space at which no line ends; strings.Fields doesn't take it for one, as it does a
// no-break space.
const together = "\x00"

// Wrap breaks a text between words into lines of at most so many columns, each behind indent.
func Wrap(text string, columns int, indent string) string {
	var out []string
	line := ""
	for _, word := range strings.Fields(strings.ReplaceAll(text, " %", together+"%")) { // a unit stays with its number
		word = strings.ReplaceAll(word, together, " ")
		if line != "" && Width(indent)+Width(line)+1+Width(word) > columns {
			out = append(out, indent+line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(append(out, indent+line), "\n")
}

// Width is the number of columns of a text.
func Width(text string) int {
	n := 0
	for _, c := range text {
		n += RuneWidth(c)
	}
	return n
}

// RuneWidth is the number of columns of a character, rather too many than too few: from the Korean
// letters on most scripts take two.
func RuneWidth(c rune) int {
	if c >= 0x1100 && c != '…' && !(c >= 0x2000 && c < 0x2e80) {
		return 2
	}
	return 1
}
