package predlog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"shoal/internal/atomicfile"
)

const (
	maxHeader = 128 << 20 // bytes: a million names of examples are 50 MB
	maxLine   = 1 << 30
)

// ErrNoHeader is wrapped when a log has no whole first line: its writer has just begun.
var ErrNoHeader = errors.New("it has no complete line yet")

// File is a log that is read from its beginning, or from an offset that was reached before. It sees
// what is appended while it is read.
type File struct {
	*Header
	Path string
	// Start is the offset of the first line after the header, and Offset that of the next line.
	Start, Offset int64

	file *os.File
	in   *bufio.Reader
	last int // step of the line before, -1 for none
	head *Line
	has  bool // an evaluation, as Arrange has seen
}

// Line is one line of a log after the header.
type Line struct {
	Step       int
	Start, End int64 // the bytes that it has in the file, its newline included

	of  *File
	raw *line
}

// Open opens a log and reads its header. The error wraps ErrNoHeader while that isn't there.
func Open(path string) (*File, error) {
	file, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{Path: path, file: file, in: bufio.NewReaderSize(file, 1<<16), last: -1}
	text, err := f.first()
	if err == nil {
		f.Header, err = parseHeader(text)
	}
	if err == io.EOF {
		err = ErrNoHeader
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("log %q, line 1: %w", path, err)
	}
	f.Start = f.Offset
	return f, nil
}

// first reads the first line. What can't be a header is not read to its end, which may be far.
func (f *File) first() ([]byte, error) {
	if start, err := f.in.Peek(1); err == nil && start[0] != '{' {
		return nil, errors.New("not the header of a log: it doesn't begin with {")
	}
	return f.line(maxHeader)
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// Name is the file's name without its folder.
func (f *File) Name() string { return filepath.Base(f.Path) }

// SeekTo has Next read from an offset at which a line begins.
func (f *File) SeekTo(offset int64) error {
	var before [1]byte
	if _, err := f.file.ReadAt(before[:], offset-1); err != nil || before[0] != '\n' || offset < f.Start {
		return fmt.Errorf("log %q has no line that begins at byte %d, up to which it was read before: it was cut or replaced", f.Path, offset)
	}
	if _, err := f.file.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	f.in.Reset(f.file)
	f.Offset, f.last, f.head = offset, -1, nil
	return nil
}

// Peek returns the next line without passing it; io.EOF where there is no complete one.
func (f *File) Peek() (*Line, error) {
	if f.head != nil {
		return f.head, nil
	}
	start := f.Offset
	text, err := f.line(f.longest())
	if err == io.EOF {
		return nil, err
	}
	var raw *line
	if err == nil {
		raw, err = parseLine(text)
	}
	if err == nil && *raw.Step <= f.last {
		err = fmt.Errorf("step %d follows step %d, want increasing steps", *raw.Step, f.last)
	}
	if err == nil && f.Resumed != NotResumed && *raw.Step < f.Resumed {
		err = fmt.Errorf("step %d is before step %d, from which the training resumed", *raw.Step, f.Resumed)
	}
	if err != nil {
		return nil, f.at(start, err)
	}
	f.head = &Line{Step: *raw.Step, Start: start, End: f.Offset, of: f, raw: raw}
	return f.head, nil
}

// Pass goes to the line after the one that Peek has shown.
func (f *File) Pass() {
	if f.head != nil {
		f.last, f.head = f.head.Step, nil
	}
}

// Part decodes the line's vectors.
func (l *Line) Part() (*Part, error) {
	p, err := l.raw.part(l.of.Header)
	if err != nil {
		return nil, l.of.at(l.Start, err)
	}
	return p, nil
}

// longest bounds a line by what the split's vectors may take: 4/3 of the bytes that maxValues values
// and everything else have, and what zlib adds.
func (f *File) longest() int {
	return min(maxLine, 1<<20+len(f.Labels)*(2*maxValues+7)*3/2)
}

// line reads a complete line of at most so many bytes, without its newline. The result is valid until
// the next call.
func (f *File) line(most int) ([]byte, error) {
	var long []byte
	for {
		piece, err := f.in.ReadSlice('\n')
		f.Offset += int64(len(piece))
		if len(long)+len(piece) > most+1 {
			return nil, fmt.Errorf("it is longer than %d bytes", most)
		}
		switch {
		case err == nil && long == nil:
			return piece[:len(piece)-1], nil
		case err == nil:
			long = append(long, piece...)
			return long[:len(long)-1], nil
		case err == bufio.ErrBufferFull:
			long = append(long, piece...)
		case err == io.EOF: // what there is of it is read again with the rest
			f.Offset -= int64(len(long) + len(piece))
			f.in.Reset(f.file)
			if _, err := f.file.Seek(f.Offset, io.SeekStart); err != nil {
				return nil, err
			}
			return nil, io.EOF
		default:
			return nil, err
		}
	}
}

// at adds file and line to an error about the line that begins at an offset.
func (f *File) at(offset int64, err error) error {
	number, counted := 1, true
	from := io.NewSectionReader(f.file, 0, offset)
	buf := make([]byte, 1<<16)
	for {
		n, err := from.Read(buf)
		number += bytes.Count(buf[:n], []byte("\n"))
		if err != nil {
			counted = err == io.EOF
			break
		}
	}
	if !counted {
		return fmt.Errorf("log %q, byte %d: %w", f.Path, offset, err)
	}
	return fmt.Errorf("log %q, line %d: %w", f.Path, number, err)
}

// Error adds file and line to an error about the line.
func (l *Line) Error(err error) error { return l.of.at(l.Start, err) }
