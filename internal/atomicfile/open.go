package atomicfile

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Open opens a regular file for reading. What isn't one is an error: a named pipe that nobody
// writes to would be waited for without end, and a device need not have an end.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is %s, want a file", path, kind(info.Mode()))
	}
	return os.Open(path)
}

// ReadSmall reads a whole file of at most limit bytes. A larger one is an error before it is read:
// it isn't what it was taken for, and what parses it may take many times its size.
func ReadSmall(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size := int64(0)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	var data bytes.Buffer
	if size <= limit {
		data.Grow(int(size) + bytes.MinRead)
		if size, err = data.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
			return nil, err
		}
	}
	if size > limit {
		return nil, fmt.Errorf("%q has %d bytes or more, want at most %d: is it the right file?", path, size, limit)
	}
	return data.Bytes(), nil
}

func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
