package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Text returns a one-dimensional array of text. Bytes (S) are taken as they are. In characters (U)
// the halves of surrogate pairs by which Python stands for bytes that aren't UTF-8 (PEP 383) become
// those bytes again.
func (a *Array) Text() ([]string, error) {
	if a.Type[0] != 'U' && a.Type[0] != 'S' || len(a.Shape) != 1 {
		return nil, fmt.Errorf("elements %s of shape %v, want text in one dimension", a.Type, a.Shape)
	}
	out := make([]string, a.Len())
	size := a.size()
	for i := range out {
		element := a.Raw[i*size : (i+1)*size]
		if a.Type[0] == 'S' {
			out[i] = strings.TrimRight(string(element), "\x00")
			continue
		}
		var err error
		if out[i], err = characters(element); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return out, nil
}

// characters decodes 4 bytes a character, to which NumPy adds zeros at the end.
func characters(raw []byte) (string, error) {
	var out []byte
	zeros := 0
	for ; len(raw) > 0; raw = raw[4:] {
		r := binary.LittleEndian.Uint32(raw)
		if r == 0 {
			zeros++
			continue
		}
		for ; zeros > 0; zeros-- {
			out = append(out, 0)
		}
		switch {
		case r >= 0xdc80 && r <= 0xdcff:
			out = append(out, byte(r))
		case r > utf8.MaxRune || !utf8.ValidRune(rune(r)):
			return "", fmt.Errorf("0x%x is no character", r)
		default:
			out = utf8.AppendRune(out, rune(r))
		}
	}
	return string(out), nil
}

// WriteText writes texts as a one-dimensional array of characters. What isn't UTF-8 is an error.
func WriteText(w io.Writer, texts []string) error {
	longest := 1
	for i, text := range texts {
		if !utf8.ValidString(text) {
			return fmt.Errorf("text %d, %q, isn't UTF-8", i, text)
		}
		longest = max(longest, utf8.RuneCountInString(text))
	}
	if _, err := w.Write(header(fmt.Sprintf("<U%d", longest), []int{len(texts)})); err != nil {
		return err
	}
	row := make([]byte, 4*longest)
	for _, text := range texts {
		clear(row)
		for i, r := range []rune(text) {
			binary.LittleEndian.PutUint32(row[4*i:], uint32(r))
		}
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}
