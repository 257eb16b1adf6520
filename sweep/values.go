package sweep

import (
	"errors"
	"strconv"
	"strings"
)

// parseSeed reads a number that a study file can hold.
func parseSeed(text string) (uint64, error) {
	return strconv.ParseUint(strings.TrimSpace(text), 10, 63)
}

// splitValues splits a list at its commas, but for those within quotes or brackets.
func splitValues(list string) ([]string, error) {
	var values []string
	var quote rune
	depth, start := 0, 0
	for i, r := range list {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '[' || r == '{':
			depth++
		case r == ']' || r == '}':
			depth--
		case r == ',' && depth == 0:
			values = append(values, list[start:i])
			start = i + 1
		}
		if depth < 0 {
			return nil, errors.New("a bracket closes that wasn't open")
		}
	}
	if quote != 0 || depth != 0 {
		return nil, errors.New("a quote or a bracket isn't closed")
	}
	values = append(values, list[start:])
	for k, v := range values {
		values[k] = unquoted(strings.TrimSpace(v))
	}
	return values, nil
}

// unquoted removes quotes that are around a whole value.
func unquoted(v string) string {
	if n := len(v); n >= 2 && (v[0] == '"' || v[0] == '\'') && v[n-1] == v[0] && !strings.ContainsRune(v[1:n-1], rune(v[0])) {
		return v[1 : n-1]
	}
	return v
}
