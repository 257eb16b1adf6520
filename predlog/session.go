package predlog

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Split is what the logs of a run say of one evaluation split.
type Split struct {
	*Header // of its first log
	// Sessions are the trainings in their order: the first, and those that resumed it.
	Sessions []*Session
}

// Session is one training with all its ranks. It replaces what the sessions before it say of steps
// after Resumed.
type Session struct {
	Resumed int     // the step that it resumed from, or NotResumed
	Files   []*File // by rank
}

// List returns the logs in the folder of a run, by name; none where it has no logs.
func List(run string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(run, Folder))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var paths []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".jsonl" {
			paths = append(paths, filepath.Join(run, Folder, e.Name()))
		}
	}
	return paths, err
}

// Arrange sorts open logs into splits and sessions. Nothing in the logs says which of them are of one
// session: those are that resumed from one step, in the order of their times. A log that comes late may
// therefore change the sessions of others. Logs that can't be of one run are an error that names two of them. The splits are in the
// order of their names, but for MainSplit, which is the first.
func Arrange(files []*File) ([]*Split, error) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b *File) int {
		return cmp.Or(a.time().Compare(b.time()), cmp.Compare(a.Name(), b.Name()))
	})
	byName := map[string][]*File{}
	var names []string
	for _, f := range files {
		if byName[f.Split] == nil {
			names = append(names, f.Split)
		}
		byName[f.Split] = append(byName[f.Split], f)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(b2i(a != MainSplit), b2i(b != MainSplit)), cmp.Compare(a, b))
	})
	var splits []*Split
	for _, name := range names {
		s, first, err := arrangeSplit(byName[name])
		if err != nil {
			return nil, err
		}
		for _, other := range splits[:min(len(splits), 1)] {
			if problem := s.differsInRun(other.Header); problem != "" {
				return nil, fmt.Errorf("log %q and those of split %q are of two runs: %s; give each a folder of its own", first.Path, other.Split, problem)
			}
		}
		splits = append(splits, s)
	}
	return splits, nil
}

// arrangeSplit makes a split of its logs, which are in order of time, and returns the log that its
// header is of: the first with an evaluation, or the last.
func arrangeSplit(files []*File) (*Split, *File, error) {
	first := files[len(files)-1]
	var logged []*File
	for _, f := range files {
		if err := f.findEvaluation(); err != nil {
			return nil, nil, err
		}
		if f.has {
			logged = append(logged, f)
		}
	}
	if len(logged) > 0 {
		first = logged[0]
	}
	for k, f := range logged {
		if problem := f.differs(first.Header); problem != "" {
			return nil, nil, twoRuns(first, f, problem)
		}
		if k := slices.IndexFunc(logged[:k], func(e *File) bool { return e.Rank == f.Rank }); k >= 0 && f.Resumed == NotResumed {
			return nil, nil, twoRuns(logged[k], f, "the second doesn't say from which step it resumed the first")
		}
	}
	s := &Split{Header: first.Header}
	for _, f := range files { // also those without an evaluation: their sessions are not those of others
		s.place(f)
	}
	slices.SortStableFunc(s.Sessions, func(a, b *Session) int {
		return cmp.Or(cmp.Compare(b2i(a.Resumed != NotResumed), b2i(b.Resumed != NotResumed)), a.Files[0].time().Compare(b.Files[0].time()))
	})
	return s, first, nil
}

func twoRuns(a, b *File, problem string) error {
	return fmt.Errorf("logs %q and %q are of two runs: %s; give each a folder of its own", a.Path, b.Path, problem)
}

// place puts a log into the newest session that resumed from its step and lacks its rank, or into one
// of its own.
func (s *Split) place(f *File) {
	var home *Session
	for _, session := range s.Sessions {
		if session.Resumed == f.Resumed && !slices.ContainsFunc(session.Files, func(e *File) bool { return e.Rank == f.Rank }) {
			home = session
		}
	}
	if home == nil {
		home = &Session{Resumed: f.Resumed}
		s.Sessions = append(s.Sessions, home)
	}
	home.Files = append(home.Files, f)
	slices.SortFunc(home.Files, func(a, b *File) int { return cmp.Compare(a.Rank, b.Rank) })
}

// String names the logs of the sessions that have an evaluation, in their order, with / between them and //
// between sessions.
func (s *Split) String() string {
	var sessions []string
	for _, session := range s.Sessions {
		var names []string
		for _, f := range session.Files {
			if f.has {
				names = append(names, f.Name())
			}
		}
		if len(names) > 0 {
			sessions = append(sessions, strings.Join(names, "/"))
		}
	}
	return strings.Join(sessions, "//")
}

// Next returns the lines of the least step that was not returned yet, by rank; io.EOF where no file
// has a further line.
func (s *Session) Next() ([]*Line, error) {
	var lines []*Line
	for _, f := range s.Files {
		l, err := f.Peek()
		if err == io.EOF {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(lines) > 0 && l.Step < lines[0].Step {
			lines = nil
		}
		if len(lines) == 0 || l.Step == lines[0].Step {
			lines = append(lines, l)
		}
	}
	if lines == nil {
		return nil, io.EOF
	}
	for _, l := range lines {
		l.of.Pass()
	}
	return lines, nil
}

// Behind reports whether a rank below those of lines, which are of one step, may yet write its own: it has
// evaluations, but no further line. Its answers would count instead of theirs.
func (s *Session) Behind(lines []*Line) (bool, error) {
	highest := lines[len(lines)-1].of.Rank
	for _, f := range s.Files {
		if f.Rank >= highest || !f.has || slices.ContainsFunc(lines, func(l *Line) bool { return l.of == f }) {
			continue
		}
		if _, err := f.Peek(); err == io.EOF {
			return true, nil
		} else if err != nil {
			return false, err
		}
	}
	return false, nil
}

// File is the log that has the line.
func (l *Line) File() *File { return l.of }

// findEvaluation looks whether the log has an evaluation.
func (f *File) findEvaluation() error {
	f.has = f.Offset > f.Start
	if f.has {
		return nil
	}
	_, err := f.Peek()
	f.has = err == nil
	if err == io.EOF {
		return nil
	}
	return err
}

// time is that of the log's name, zero for a name of another form.
func (f *File) time() time.Time {
	t, _, _ := parseName(f.Name())
	return t
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
