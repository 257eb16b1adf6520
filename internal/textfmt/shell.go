package textfmt

import "strings"

// ShellQuote makes a word safe to paste into a POSIX shell: in single quotes if it must be.
func ShellQuote(word string) string {
	if word == "" || strings.ContainsAny(word, " \t\n'\"$&|;<>()*?[]{}~`!#\\") {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
