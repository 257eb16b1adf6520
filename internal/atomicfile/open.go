package atomicfile

import (
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

// ReadFile is Open and io.ReadAll.
func ReadFile(path string) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
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
