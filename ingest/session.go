package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"shoal/predlog"
	"shoal/runlog"
)

// splitImport imports what is new of one split.
type splitImport struct {
	run     *runlog.Run // as seen from the split
	out     *Result
	options Options
	have    map[int]float64  // the epoch of every step that the run has
	last    int              // the greatest of them, -1 for none
	epoch   float64          // the greatest of the epochs
	stored  map[string]int64 // how far the files were read, as the run has it
	epochNote
}

// importSplit imports what is new of a split.
func importSplit(ctx context.Context, run *runlog.Run, s *predlog.Split, out *Result, o Options) error {
	view, err := viewOf(run, s.Header)
	if err != nil {
		return err
	}
	x := &splitImport{run: view, out: out, options: o, have: map[int]float64{}, last: -1}
	if x.stored, err = view.Sources(); err != nil {
		return err
	}
	if err := x.arrange(s); err != nil {
		return err
	}
	steps, epochs, err := view.Times()
	if err != nil {
		return err
	}
	for k, step := range steps {
		x.note(step, epochs[k])
	}
	if err := x.checkTraining(s); err != nil {
		return err
	}
	for k, session := range s.Sessions {
		if err := x.session(ctx, session, x.limit(s.Sessions[k+1:])); err != nil {
			return err
		}
	}
	return nil
}

// checkTraining refuses logs of a training that begins, where the run has evaluations of files that are
// not among them: two trainings would be one where their steps differ.
func (x *splitImport) checkTraining(s *predlog.Split) error {
	here := map[string]bool{}
	begins := ""
	for _, session := range s.Sessions {
		for _, f := range session.Files {
			here[f.Name()] = true
			if session.Resumed == predlog.NotResumed && !x.begun(session) {
				begins = f.Name()
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(x.stored)) {
		if begins != "" && len(x.have) > 0 && !here[name] {
			return fmt.Errorf("run %q has evaluations of %q, which is not among the files, and %q is of a training that begins: if that takes its place remove the run's %s, else give it a folder of its own",
				x.run.Dir(), name, begins, runlog.Database)
		}
	}
	return nil
}

// arrange starts from nothing if files that were read belong together otherwise than they did then,
// as after a log of another rank came late: evaluations may have been made of parts of two trainings.
func (x *splitImport) arrange(s *predlog.Split) error {
	before, err := x.run.Sessions()
	if now := s.String(); err != nil || now == before {
		return err
	}
	var read []string
	for _, session := range s.Sessions {
		for _, f := range session.Files {
			if _, known := x.stored[f.Name()]; known {
				read = append(read, f.Name())
			}
		}
	}
	if x.known(before) == x.known(s.String()) {
		read = nil
	}
	for _, name := range read {
		delete(x.stored, name)
	}
	return x.run.SetSessions(s.String(), read)
}

// known is the arrangement of those files that were read.
func (x *splitImport) known(sessions string) string {
	var out []string
	for _, session := range strings.Split(sessions, "//") {
		names := slices.DeleteFunc(strings.Split(session, "/"), func(name string) bool { _, known := x.stored[name]; return !known })
		if len(names) > 0 {
			out = append(out, strings.Join(names, "/"))
		}
	}
	return strings.Join(out, "//")
}

// note adds a step that the run has.
func (x *splitImport) note(step int, epoch float64) {
	x.have[step], x.last = epoch, max(x.last, step)
	if epoch > x.epoch {
		x.epoch = epoch
	}
}

// forget removes the steps of a stretch.
func (x *splitImport) forget(s *runlog.Stretch) {
	kept := x.have
	x.have, x.last, x.epoch = map[int]float64{}, -1, 0
	for step, epoch := range kept {
		if step > s.After && step <= s.UpTo {
			x.out.Replaced++
		} else {
			x.note(step, epoch)
		}
	}
}

// limit is the last step that counts of what comes before sessions: those that have begun replace
// what is after.
func (x *splitImport) limit(later []*predlog.Session) int {
	limit := math.MaxInt
	for _, s := range later {
		if x.begun(s) {
			limit = min(limit, s.Resumed)
		}
	}
	return limit
}

// begun reports whether an evaluation of the session has been imported: only then the run knows one
// of its files.
func (x *splitImport) begun(s *predlog.Session) bool {
	for _, f := range s.Files {
		if _, known := x.stored[f.Name()]; known {
			return true
		}
	}
	return false
}

// session imports what is new of a session, up to the step limit.
func (x *splitImport) session(ctx context.Context, s *predlog.Session, limit int) error {
	m := &merge{splitImport: x, Session: s, limit: limit, read: map[string]int64{}, waits: map[string]bool{}}
	for _, f := range s.Files {
		m.read[f.Name()] = f.Start
		if at, known := x.stored[f.Name()]; known && at > f.Start {
			if err := f.SeekTo(at); err != nil {
				return err
			}
			m.read[f.Name()] = at
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		lines, err := s.Next()
		if err == nil {
			err = m.step(lines)
		}
		if err == io.EOF {
			return m.store()
		}
		if err != nil {
			return errors.Join(err, m.store())
		}
	}
}

// merge is the import of one session.
type merge struct {
	*splitImport
	*predlog.Session
	limit int              // the last step that counts
	read  map[string]int64 // how far each file may be said to be read
	waits map[string]bool  // files that have a line which waits: they are read from there next time
}

// step imports the lines of one step.
func (m *merge) step(lines []*predlog.Line) error {
	step := lines[0].Step
	if _, have := m.have[step]; have && m.begun(m.Session) || step > m.limit {
		if err := m.checkLate(lines); err != nil {
			return err
		}
		m.pass(lines)
		return nil
	}
	part, whole, err := predlog.Join(lines)
	if err != nil {
		return err
	}
	if whole && (step > m.last || !m.begun(m.Session)) { // else the ranks have gone past it
		var behind bool
		if behind, err = m.Behind(lines); err != nil {
			return err
		}
		whole = !behind
	}
	if !whole {
		m.out.Waiting++
		for _, l := range lines {
			m.waits[l.File().Name()] = true
		}
		return nil
	}
	if _, have := m.have[step]; have && m.Resumed == step { // scored again where it resumed
		m.pass(lines)
		return nil
	} else if have && m.Resumed == predlog.NotResumed {
		return lines[0].Error(fmt.Errorf("run %q has an evaluation of step %d from elsewhere: give the logs a folder of their own", m.run.Dir(), step))
	}
	m.checkEpoch(part)
	m.pass(lines)
	return m.take(part)
}

// checkLate compares lines of a step that the session has with what the run has of it: a rank may write the
// whole split after another's was imported.
func (m *merge) checkLate(lines []*predlog.Line) error {
	step := lines[0].Step
	if _, have := m.have[step]; !have || len(m.Files) < 2 || step > m.limit || step == m.Resumed {
		return nil
	}
	for e, err := range m.run.Evaluations(step - 1) {
		if err != nil {
			return err
		}
		return predlog.CheckLate(lines, e.Predictions)
	}
	return nil
}

// pass notes that lines were read, unless an earlier line of their file waits.
func (m *merge) pass(lines []*predlog.Line) {
	for _, l := range lines {
		if name := l.File().Name(); !m.waits[name] {
			m.read[name] = l.End
		}
	}
}

// take stores an evaluation. The first one of a session that resumed takes the place of all that the
// earlier ones say after the step that it resumed from.
func (m *merge) take(p *predlog.Part) error {
	t := runlog.Taken{Evaluation: evaluation(p), Read: m.read}
	if m.Resumed != predlog.NotResumed && !m.begun(m.Session) {
		t.Replaced = &runlog.Stretch{After: m.Resumed, UpTo: m.limit}
	}
	if _, err := m.run.Take(t); err != nil {
		return err
	}
	if t.Replaced != nil {
		m.forget(t.Replaced)
	}
	m.note(p.Step, p.Epoch)
	maps.Copy(m.stored, m.read)
	m.out.Added++
	if m.options.Progress != nil {
		m.options.Progress(Progress{Step: p.Step, Evaluations: m.out.Added})
	}
	return nil
}

// store notes how far the files were read. A session that has no evaluation in the run leaves no
// trace there: it has replaced nothing yet.
func (m *merge) store() error {
	if !m.begun(m.Session) {
		return nil
	}
	maps.DeleteFunc(m.read, func(name string, n int64) bool { at, known := m.stored[name]; return known && at == n })
	maps.Copy(m.stored, m.read)
	if len(m.read) == 0 {
		return nil
	}
	return m.run.SetSources(m.read)
}

// checkEpoch takes an epoch that doesn't fit those of the steps around it as not known.
func (m *merge) checkEpoch(p *predlog.Part) {
	if p.Step > m.last && !(p.Epoch < m.epoch) { // in order, as logs are written
		return
	}
	resumes := m.Resumed != predlog.NotResumed && !m.begun(m.Session)
	for _, step := range slices.Backward(slices.Sorted(maps.Keys(m.have))) { // so that the note names one step, a near one
		if resumes && step > m.Resumed && step <= m.limit { // is about to be replaced
			continue
		}
		if epoch := m.have[step]; step < p.Step && epoch > p.Epoch || step > p.Step && epoch < p.Epoch {
			m.forgetEpoch(m.options, p, step, epoch)
			return
		}
	}
}
