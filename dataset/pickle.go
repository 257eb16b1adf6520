package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPickleValues bounds the values in one pickle. The largest official file holds about 200,000: a
// name and two labels for each of 50,000 images, and what the memo keeps.
const maxPickleValues = 1 << 20

// unpickle reads the few kinds of values of the CIFAR Python release: a dictionary of strings,
// lists, integers and one numpy array of bytes. It is an opcode reader and no unpickler: it imports
// nothing, knows four global names by their text, and every opcode that isn't needed is an error.
//
// It reads protocol 2 as Python 2 wrote it, and as Python 3 writes it, where byte strings are text
// passed to _codecs.encode. Strings share memory with data.
//
// Values are nil, bool, int64, []byte (strings of all kinds), *pickleList, pickleDict, pickleTuple,
// pickleGlobal, pickleType and *pickleArray.
func unpickle(data []byte) (any, error) {
	p := &pickle{data: data, memo: map[uint32]any{}}
	for {
		code, err := p.take(1)
		if err != nil {
			return nil, err
		}
		if code[0] == '.' {
			break
		}
		at := p.at - 1
		if err := p.step(code[0]); err != nil {
			return nil, fmt.Errorf("pickle opcode %q at byte %d: %w", code[0], at, err)
		}
		if p.made++; p.made > 4*maxPickleValues || len(p.stack) > maxPickleValues {
			return nil, fmt.Errorf("pickle with more than %d values: not a file of this dataset", maxPickleValues)
		}
	}
	if p.at != len(p.data) {
		return nil, fmt.Errorf("%d bytes follow the end of the pickle", len(p.data)-p.at)
	}
	if len(p.stack) != 1 || len(p.marks) != 0 {
		return nil, errors.New("pickle ends in the middle of a value")
	}
	return p.stack[0], nil
}

type (
	pickleList   struct{ items []any }
	pickleDict   map[string]any
	pickleTuple  []any
	pickleGlobal string   // "module name"
	pickleType   struct{} // numpy's dtype of bytes
	pickleArray  struct { // numpy's array of bytes
		shape   []int64
		fortran bool
		data    []byte
	}
)

type pickle struct {
	data  []byte
	at    int
	made  int
	stack []any
	marks []int
	memo  map[uint32]any
	coded int // bytes that went through _codecs.encode
}

var errPickleShort = errors.New("pickle cut short: fetch the file again")

func (p *pickle) take(n int) ([]byte, error) {
	if n < 0 || n > len(p.data)-p.at {
		return nil, errPickleShort
	}
	p.at += n
	return p.data[p.at-n : p.at : p.at], nil
}

// number takes n bytes as a little-endian unsigned number.
func (p *pickle) number(n int) (uint32, error) {
	b, err := p.take(n)
	if err != nil {
		return 0, err
	}
	var word [4]byte
	copy(word[:], b)
	return binary.LittleEndian.Uint32(word[:]), nil
}

func (p *pickle) push(v any) { p.stack = append(p.stack, v) }

// floor is the height of the stack that may not be popped.
func (p *pickle) floor() int {
	if len(p.marks) == 0 {
		return 0
	}
	return p.marks[len(p.marks)-1]
}

var errPickleStack = errors.New("nothing on the stack")

func (p *pickle) top() (any, error) {
	if len(p.stack) <= p.floor() {
		return nil, errPickleStack
	}
	return p.stack[len(p.stack)-1], nil
}

// popMark removes and returns what was pushed since the last mark.
func (p *pickle) popMark() ([]any, error) {
	if len(p.marks) == 0 {
		return nil, errors.New("no mark on the stack")
	}
	n := len(p.stack) - p.floor()
	p.marks = p.marks[:len(p.marks)-1]
	return p.pop(n)
}

// pop removes and returns the n values on top, in the order in which they were pushed.
func (p *pickle) pop(n int) ([]any, error) {
	rest := len(p.stack) - n
	if rest < p.floor() {
		return nil, errPickleStack
	}
	items := slices.Clone(p.stack[rest:])
	p.stack = p.stack[:rest]
	return items, nil
}

// step executes one opcode. The names are those of Python's pickletools.
func (p *pickle) step(code byte) error {
	switch code {
	case 0x80: // PROTO
		version, err := p.number(1)
		if err == nil && (version != 2 || p.at != 2) {
			err = fmt.Errorf("protocol %d, want 2 as in the official files", version)
		}
		return err
	case '(': // MARK
		p.marks = append(p.marks, len(p.stack))
	case '}': // EMPTY_DICT
		p.push(pickleDict{})
	case ']': // EMPTY_LIST
		p.push(&pickleList{})
	case ')': // EMPTY_TUPLE
		p.push(pickleTuple{})
	case 'N', 0x88, 0x89, 'K', 'M', 'J': // NONE, NEWTRUE, NEWFALSE, BININT1, BININT2, BININT
		return p.constant(code)
	case 'U', 'T', 'X': // SHORT_BINSTRING, BINSTRING, BINUNICODE
		width := 4
		if code == 'U' {
			width = 1
		}
		n, err := p.number(width)
		if err != nil {
			return err
		}
		text, err := p.take(int(n))
		p.push(text)
		return err
	case 'q', 'r', 'h', 'j': // BINPUT, LONG_BINPUT, BINGET, LONG_BINGET
		return p.remember(code)
	case 'a', 'e', 's', 'u': // APPEND, APPENDS, SETITEM, SETITEMS
		return p.fill(code)
	case 't', 0x85, 0x86, 0x87: // TUPLE, TUPLE1, TUPLE2, TUPLE3
		return p.tuple(code)
	case 'c', 'R', 'b': // GLOBAL, REDUCE, BUILD
		return p.construct(code)
	default:
		return errors.New("not allowed: no official file needs it, and it could run code")
	}
	return nil
}

func (p *pickle) constant(code byte) error {
	switch code {
	case 'N':
		p.push(nil)
	case 0x88, 0x89:
		p.push(code == 0x88)
	case 'J':
		n, err := p.number(4)
		p.push(int64(int32(n)))
		return err
	default:
		width := 1
		if code == 'M' {
			width = 2
		}
		n, err := p.number(width)
		p.push(int64(n))
		return err
	}
	return nil
}

func (p *pickle) remember(code byte) error {
	width := 1
	if code == 'r' || code == 'j' {
		width = 4
	}
	index, err := p.number(width)
	if err != nil {
		return err
	}
	if code == 'q' || code == 'r' {
		p.memo[index], err = p.top()
		return err
	}
	value, ok := p.memo[index]
	if !ok {
		return fmt.Errorf("no value %d in the memo", index)
	}
	p.push(value)
	return nil
}

// fill appends to the list, or sets keys of the dictionary, below the items.
func (p *pickle) fill(code byte) (err error) {
	var items []any
	if code == 'e' || code == 'u' {
		items, err = p.popMark()
	} else {
		items, err = p.pop(map[byte]int{'a': 1, 's': 2}[code])
	}
	if err != nil {
		return err
	}
	target, err := p.top()
	if err != nil {
		return err
	}
	if code == 'a' || code == 'e' {
		list, ok := target.(*pickleList)
		if !ok {
			return errors.New("appends to a value that is no list")
		}
		list.items = append(list.items, items...)
		return nil
	}
	dict, ok := target.(pickleDict)
	if !ok || len(items)%2 != 0 {
		return errors.New("sets items of a value that is no dictionary")
	}
	for i := 0; i < len(items); i += 2 {
		key, ok := items[i].([]byte)
		if !ok {
			return errors.New("a key that is no string")
		}
		dict[string(key)] = items[i+1]
	}
	return nil
}

func (p *pickle) tuple(code byte) (err error) {
	var items []any
	if code == 't' {
		items, err = p.popMark()
	} else {
		items, err = p.pop(int(code - 0x84))
	}
	p.push(pickleTuple(items))
	return err
}

// construct reads a global name, "calls" it on its arguments or gives it its state. The result can
// only be an array of bytes, its type, or a string.
func (p *pickle) construct(code byte) error {
	if code == 'c' {
		rest := string(p.data[p.at:min(len(p.data), p.at+100)])
		module, rest, ok := strings.Cut(rest, "\n")
		name, _, ok2 := strings.Cut(rest, "\n")
		if !ok || !ok2 {
			return errors.New("a global name without its end")
		}
		p.at += len(module) + len(name) + 2
		switch full := module + " " + name; full {
		case "numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct",
			"numpy ndarray", "numpy dtype", "_codecs encode":
			p.push(pickleGlobal(strings.Replace(full, "._core", ".core", 1)))
			return nil
		default:
			return fmt.Errorf("global %q is not allowed: no official file needs it, and it could run code", full)
		}
	}
	call, err := p.pop(2)
	if err != nil {
		return err
	}
	args, ok := call[1].(pickleTuple)
	if !ok {
		return errors.New("arguments that are no tuple")
	}
	var made any
	if code == 'R' {
		made, err = p.reduce(call[0], args)
	} else {
		made, err = build(call[0], args)
	}
	p.push(made)
	return err
}

// reduce returns the result of one of three known calls.
func (p *pickle) reduce(target any, args pickleTuple) (any, error) {
	switch target {
	case pickleGlobal("numpy.core.multiarray _reconstruct"):
		if len(args) == 3 && args[0] == any(pickleGlobal("numpy ndarray")) {
			return &pickleArray{}, nil
		}
	case pickleGlobal("numpy dtype"):
		if len(args) == 3 {
			if name, ok := args[0].([]byte); ok && string(name) == "u1" {
				return pickleType{}, nil
			}
			return nil, errors.New("an array of other elements than unsigned bytes")
		}
	case pickleGlobal("_codecs encode"):
		if len(args) == 2 {
			text, ok := args[0].([]byte)
			coding, ok2 := args[1].([]byte)
			// Without the limit one long text could be decoded again and again.
			if p.coded += len(text); ok && ok2 && string(coding) == "latin1" && p.coded <= len(p.data) {
				return latin1(text)
			}
		}
	}
	return nil, errors.New("a call that no official file makes")
}

// latin1 turns UTF-8 text back into the bytes that Python 3 wrapped in it.
func latin1(text []byte) ([]byte, error) {
	out, n := make([]byte, len(text)), 0
	for i := 0; i < len(text); i, n = i+1, n+1 {
		out[n] = text[i]
		if text[i] < utf8.RuneSelf {
			continue
		}
		// U+0080 to U+00FF are C2 80 to C3 BF.
		if text[i]&^1 != 0xc2 || i+1 == len(text) || text[i+1]&0xc0 != 0x80 {
			return nil, errors.New("bytes as text beyond Latin-1")
		}
		out[n] = text[i]<<6 | text[i+1]&0x3f
		i++
	}
	return out[:n], nil
}

// build gives an array its state (version, shape, type, Fortran order, data). The state of the type
// of bytes is ignored.
func build(target any, state pickleTuple) (any, error) {
	if target == any(pickleType{}) {
		return target, nil
	}
	array, ok := target.(*pickleArray)
	if !ok || len(state) != 5 || array.data != nil {
		return nil, errors.New("state for a value that has none")
	}
	shape, ok1 := state[1].(pickleTuple)
	_, ok2 := state[2].(pickleType)
	fortran, ok3 := state[3].(bool)
	data, ok4 := state[4].([]byte)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return nil, errors.New("an array whose state isn't shape, type, order and bytes")
	}
	size := int64(1)
	for _, d := range shape {
		n, ok := d.(int64)
		if !ok || n < 0 || n > int64(len(data)) || size*n > int64(len(data)) {
			return nil, errors.New("an array whose shape doesn't match its bytes")
		}
		size *= n
		array.shape = append(array.shape, n)
	}
	if size != int64(len(data)) {
		return nil, errors.New("an array whose shape doesn't match its bytes")
	}
	array.fortran, array.data = fortran, data
	return array, nil
}
