package predlog

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// Folder is the folder of a run that has its logs.
const Folder = "log"

// stamp is the form of the time in a log's name.
const stamp = "20060102T150405Z"

// Writer writes the log of one process and split, of which it makes a new file: a Go program attaches
// by it. It is for one goroutine.
type Writer struct {
	header Header
	file   *os.File
	last   int
}

// Create begins a log in the folder of a run, which need not be there yet.
func Create(run string, h Header) (*Writer, error) {
	if h.Split == "" {
		h.Split = MainSplit
	}
	text, err := h.encode()
	if err != nil {
		return nil, fmt.Errorf("begin log in %q: %w", run, err)
	}
	dir := filepath.Join(run, Folder)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("begin log: %w", err)
	}
	now, err := later(dir, time.Now().UTC(), h.Rank)
	if err != nil {
		return nil, fmt.Errorf("begin log: %w", err)
	}
	var unique [4]byte
	rand.Read(unique[:])
	name := fmt.Sprintf("%s-r%d-%s.jsonl", now.Format(stamp), h.Rank, hex.EncodeToString(unique[:]))
	file, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o666)
	if err != nil {
		return nil, fmt.Errorf("begin log: %w", err)
	}
	w := &Writer{header: h, file: file, last: -1}
	if err := w.write(text); err != nil {
		file.Close()
		os.Remove(file.Name())
		return nil, err
	}
	return w, nil
}

// later is now or, where the rank has a log of this second or a later one, a second after that: the
// times in the names tell which file resumed which.
func later(dir string, now time.Time, rank int) (time.Time, error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if t, r, ok := parseName(e.Name()); ok && r == rank && !now.Truncate(time.Second).After(t) {
			now = t.Add(time.Second)
		}
	}
	return now, err
}

// parseName reads the time and the rank in a log's name.
func parseName(name string) (t time.Time, rank int, ok bool) {
	m := logName.FindStringSubmatch(name)
	if m == nil {
		return t, 0, false
	}
	t, err := time.Parse(stamp, m[1])
	if err == nil {
		rank, err = strconv.Atoi(m[2])
	}
	return t, rank, err == nil
}

var logName = regexp.MustCompile(`^(\d{8}T\d{6}Z)-r(\d+)-[0-9a-f]{8}\.jsonl$`)

// Path is the file that is written.
func (w *Writer) Path() string { return w.file.Name() }

// Log appends a part. Steps come in increasing order. When it returns, the part survives the death of
// the process.
func (w *Writer) Log(p Part) error {
	if p.Step <= w.last {
		return fmt.Errorf("log %q: step %d follows step %d, want increasing steps", w.Path(), p.Step, w.last)
	}
	text, err := p.encode(&w.header)
	if err != nil {
		return fmt.Errorf("log %q: %w", w.Path(), err)
	}
	if err := w.write(text); err != nil {
		return err
	}
	w.last = p.Step
	return nil
}

// write appends a line by one call. What a full disk took of it is cut off again.
func (w *Writer) write(text []byte) error {
	info, err := w.file.Stat()
	if err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	if _, err := w.file.Write(append(text, '\n')); err != nil {
		if cut := w.file.Truncate(info.Size()); cut != nil {
			return fmt.Errorf("write log: %w; what it took of the line can't be cut off: %w", err, cut)
		}
		return fmt.Errorf("write log: %w", err)
	}
	return nil
}

// Close ends the log.
func (w *Writer) Close() error {
	if err := w.file.Sync(); err != nil {
		w.file.Close()
		return err
	}
	return w.file.Close()
}
