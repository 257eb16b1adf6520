package npy

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// parseHeader reads the dictionary with exactly the keys descr, fortran_order and shape, in any
// order.
func parseHeader(text []byte, known func(kind string) bool) (*Array, error) {
	p := &parser{rest: string(bytes.TrimRight(text, " \n")), known: known}
	a := &Array{}
	var fortran bool
	seen := map[string]bool{}
	err := p.expect('{')
	for err == nil && !p.accept('}') {
		var key string
		if key, err = p.quoted(); err != nil {
			break
		}
		if seen[key] {
			return nil, fmt.Errorf("header names %q twice", key)
		}
		seen[key] = true
		if err = p.expect(':'); err != nil {
			break
		}
		switch key {
		case "descr":
			if a.Type, err = p.descr(); errors.Is(err, errOtherType) {
				return nil, err
			}
		case "fortran_order":
			fortran, err = p.boolean()
		case "shape":
			a.Shape, err = p.tuple()
		default:
			return nil, fmt.Errorf("header has the unknown key %q", key)
		}
		if err == nil && !p.accept(',') {
			if err = p.expect('}'); err == nil {
				break
			}
		}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("damaged header: %w", err)
	case p.rest != "":
		return nil, fmt.Errorf("damaged header: %q follows the dictionary", p.rest)
	case len(seen) != 3:
		return nil, errors.New("header lacks descr, fortran_order or shape")
	case fortran && len(a.Shape) > 1:
		return nil, errors.New("array in Fortran order: save numpy.ascontiguousarray(a)")
	}
	return a, nil
}

// A parser consumes the header from the left.
type parser struct {
	rest  string
	known func(kind string) bool // element types
}

func (p *parser) space() { p.rest = strings.TrimLeft(p.rest, " \n") }

func (p *parser) accept(c byte) bool {
	p.space()
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	p.space()
	return true
}

func (p *parser) expect(c byte) error {
	if !p.accept(c) {
		return fmt.Errorf("want %q before %q", c, p.rest[:min(len(p.rest), 20)])
	}
	return nil
}

func (p *parser) quoted() (string, error) {
	for _, quote := range "'\"" {
		if p.accept(byte(quote)) {
			text, rest, ok := strings.Cut(p.rest, string(quote))
			if !ok || strings.ContainsAny(text, "\\\n") {
				return "", errors.New("a string without its end")
			}
			p.rest = rest
			return text, nil
		}
	}
	return "", fmt.Errorf("want a string before %q", p.rest[:min(len(p.rest), 20)])
}

var types = []string{"u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8"}

// plain reports whether an element type is one of an Array.
func plain(kind string) bool { return slices.Contains(types, kind) || isText("<"+kind) }

// errOtherType is wrapped for elements of a type that is sound, and not read.
var errOtherType = errors.New("elements of another type")

func (p *parser) descr() (string, error) {
	p.space()
	if strings.HasPrefix(p.rest, "[") {
		return "", fmt.Errorf("%w, structured: save a plain array of numbers", errOtherType)
	}
	text, err := p.quoted()
	if err != nil {
		return "", err
	}
	if len(text) > 2 && p.known(text[1:]) {
		switch {
		case text[0] == '<', text[0] == '|' && (text[2:] == "1" && text[1] != 'U' || text[1] == 'S'):
			return text[1:], nil
		case text[0] == '>':
			return "", fmt.Errorf("%w, big-endian %q: save a.astype('<%s')", errOtherType, text, text[1:])
		}
	}
	if text == "|O" {
		return "", fmt.Errorf("%w, \"|O\" (Python objects, which are code): save numbers, or text as a.astype(str)", errOtherType)
	}
	return "", fmt.Errorf("%w, %q: save a.astype('<f4'), or '<u2' for classes", errOtherType, text)
}

// maxText bounds the characters of a text: longer than any path.
const maxText = 1 << 16

// isText reports whether a type is one of text: a byte order, S or U, and how many characters.
func isText(descr string) bool {
	if len(descr) < 3 || descr[1] != 'S' && descr[1] != 'U' {
		return false
	}
	n, err := strconv.Atoi(descr[2:])
	return err == nil && n >= 0 && n <= maxText && strconv.Itoa(n) == descr[2:]
}

func (p *parser) boolean() (bool, error) {
	p.space()
	for word, value := range map[string]bool{"True": true, "False": false} {
		if rest, ok := strings.CutPrefix(p.rest, word); ok {
			p.rest = rest
			return value, nil
		}
	}
	return false, fmt.Errorf("want True or False before %q", p.rest[:min(len(p.rest), 20)])
}

func (p *parser) tuple() ([]int, error) {
	if err := p.expect('('); err != nil {
		return nil, err
	}
	var shape []int
	for !p.accept(')') {
		after := strings.TrimLeft(p.rest, "0123456789")
		n, err := strconv.Atoi(strings.TrimSuffix(p.rest, after))
		if err != nil {
			return nil, fmt.Errorf("want a dimension before %q", p.rest[:min(len(p.rest), 20)])
		}
		shape, p.rest = append(shape, n), after
		if !p.accept(',') {
			// Without a comma this is the last one, and (3) is no tuple.
			if len(shape) == 1 {
				return nil, errors.New("the shape is no tuple")
			}
			if err := p.expect(')'); err != nil {
				return nil, err
			}
			break
		}
	}
	return shape, nil
}
