package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"shoal/dynamics"
	"shoal/ingest"
	"shoal/internal/textfmt"
	"shoal/report"
	"shoal/runlog"
)

// pace is how often things are done; each is done less often where it takes long.
type pace struct {
	look    time.Duration // for new evaluations
	figures time.Duration // drawing curves
	page    time.Duration // computing what takes long
	rest    int           // how many times what it took passes until a thing is done again
}

func (p pace) orUsual() pace {
	if p == (pace{}) {
		return pace{look: 500 * time.Millisecond, figures: time.Second, page: 5 * time.Second, rest: 10}
	}
	return p
}

// after is how long to wait from the end of what took cost until it is done again.
func (p pace) after(usual, cost time.Duration) time.Duration {
	return max(usual, time.Duration(p.rest)*cost)
}

// run is a run that is followed. Its goroutine (follow) alone uses the fields up to mu; those below are
// what readers see.
type run struct {
	dir, name, split string
	source           source
	pace             pace
	drawing          chan struct{} // held while a page is drawn
	begun            int64         // makes keys of this process differ from those of others
	db, view         *runlog.Run
	file             os.FileInfo // of the open database
	seen             stamp       // of the database when it was read
	seenAt           time.Time   // when that was
	failed           bool        // to read the database, at the last look
	reopened         bool        // the database, since it was read: it may be of another run
	mistake          error       // why what is new in the log can't be imported
	said             string      // the mistake that a person was told of last
	regrouped        bool        // the run was given other groups of examples
	history          *runlog.History
	background       sync.WaitGroup // draws the page

	mu   sync.Mutex
	news *news         // of what is below
	all  *news         // of all runs
	wake chan struct{} // asks for a look
	shown
}

// shown is what readers see of a run.
type shown struct {
	looked  bool   // the run was looked at
	key     string // another one for other data: pages read themselves again
	resets  int
	status  status
	head    head
	growing *report.Growing // nil while there is nothing to draw a page of
	grew    time.Time       // when the last evaluation came
	readers int

	figures   int // evaluations in the curves that pages were told of
	figuresAt time.Time
	drawn     map[int]*drawn // curves by reference
	drawCost  time.Duration

	page     *page
	pages    int // that were drawn, or begun
	pageBusy bool
	pageAt   time.Time // from when on it may be drawn again
	stale    bool      // the run says something else about itself than when the page was drawn
	problem  string    // why the page can't be drawn; "" for nothing
	sheets   *report.Sheets
}

// page is the drawn page of a run.
type page struct {
	body
	version, evaluations int
}

// status is how a run is doing. Its JSON is what pages are told.
type status struct {
	Kind string   `json:"kind"` // waiting, running, finished, interrupted, failed, deleted or problem
	Text string   `json:"text"`
	base string   // the text without how far the run is
	Age  *float64 `json:"age"` // seconds since the last evaluation came; filled in for a page, null where there is none
}

// head is what a run says of itself before there is a page.
type head struct {
	title    string
	attached bool
	meta     runlog.Meta
	log      dynamics.Log // steps, epochs
	accuracy []float64
}

func (s *server) newRun(dir, name string, o Options) *run {
	r := &run{dir: dir, name: name, split: o.Split, pace: o.pace.orUsual(), drawing: s.drawing, begun: time.Now().UnixNano(),
		news: newNews(), all: s.news, wake: make(chan struct{}, 1), source: source{dir: dir, bring: ingest.Refresh}}
	r.status = status{Kind: "waiting", Text: "reading the run"}
	r.head.title = name
	r.newKey()
	return r
}

// news tells everybody who waits.
type news struct {
	mu sync.Mutex
	c  chan struct{}
}

func newNews() *news { return &news{c: make(chan struct{})} }

// next is closed at the next news.
func (n *news) next() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.c
}

func (n *news) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.c)
	n.c = make(chan struct{})
}

// newKey says that what readers have is of other data.
func (r *run) newKey() {
	r.resets++
	r.key = fmt.Sprintf("%x-%d", r.begun, r.resets)
	r.growing, r.page, r.sheets, r.drawn, r.figures, r.head.log, r.head.accuracy = nil, nil, nil, nil, 0, dynamics.Log{}, nil
	r.problem, r.grew, r.pageAt = "", time.Time{}, time.Time{}
}

// follow keeps the run up to date until ctx is done.
func (r *run) follow(ctx context.Context, say func(string, ...any)) {
	defer r.source.close()
	defer r.closeDatabase()
	defer r.background.Wait()
	for ctx.Err() == nil {
		began := time.Now()
		now, err := r.look(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			now = mistaken(err)
		}
		if r.say(now); err != nil && now.Text != r.said {
			say("%s: %v", r.dir, err)
		}
		r.said = ""
		if err != nil {
			r.said = now.Text
		}
		r.announceFigures()
		r.redraw(ctx)
		if !r.looked {
			r.update(func() { r.looked = true })
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-time.After(r.pace.after(r.pace.look, time.Since(began))):
		}
	}
}

// say tells readers how the run is doing, where that is news.
func (r *run) say(now status) {
	r.mu.Lock()
	now = r.counted(now)
	news := now != r.status
	r.mu.Unlock()
	if news {
		r.update(func() { r.status = now })
	}
}

// counted is a status that also says how far the run is, which is locked.
func (r *run) counted(now status) status {
	now.base = now.Text
	if n := len(r.head.accuracy); n > 0 {
		now.Text += fmt.Sprintf(" · %s · %s · accuracy %s", textfmt.Moment(r.head.log.Steps[n-1], r.head.log.Epochs[n-1]), textfmt.Number(n, "evaluation"), textfmt.Percent(r.head.accuracy[n-1]))
	}
	return now
}

// update changes what readers see, and tells them.
func (r *run) update(change func()) {
	r.mu.Lock()
	change()
	r.mu.Unlock()
	r.news.tell()
	r.all.tell()
}

// look reads what is new, and says how the run is doing.
func (r *run) look(ctx context.Context) (status, error) {
	deleted := status{Kind: "deleted", Text: "the run was deleted; this is what was read before"}
	if gone(r.dir) {
		r.closeDatabase()
		r.source.read = nil
		return deleted, nil
	}
	r.mistake = r.source.refresh(ctx)
	if errors.Is(r.mistake, runlog.ErrLocked) {
		r.mistake = nil
	}
	began := time.Now() // before the stamp is read
	now, err := stampOf(r.source.place())
	if os.IsNotExist(err) && r.mistake == nil {
		r.closeDatabase()
		if r.history != nil {
			return deleted, nil
		}
		return status{Kind: "waiting", Text: "waiting for the first evaluation"}, nil
	}
	if err == nil && (r.db == nil || !os.SameFile(now.file, r.file)) {
		err = r.open(now.file)
	}
	if err == nil && (r.failed || now.differs(r.seen) || r.seen.recent(r.seenAt)) {
		if err = r.read(ctx); err == nil {
			r.seen, r.seenAt = now, began
		}
	}
	r.failed = err != nil
	if err = cmp.Or(r.mistake, err); err != nil {
		return status{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.statusOf(r.history), nil
}

// gone reports whether there is no run folder any more.
func gone(dir string) bool {
	_, err := os.Stat(dir)
	return os.IsNotExist(err)
}

// stamp tells whether a database was written.
type stamp struct {
	file os.FileInfo
	log  os.FileInfo // of its write-ahead log; nil for none
}

func stampOf(dir string) (s stamp, err error) {
	path := filepath.Join(dir, runlog.Database)
	s.log, _ = os.Stat(path + "-wal")
	s.file, err = os.Stat(path)
	return s, err
}

// grain is more than that of the clocks of file systems: within two seconds (FAT) of a change, another
// one need not change the stamp.
const grain = 3 * time.Second

// recent reports whether the database was written so short a time before a moment that the stamp, read at
// that moment, need not tell of what was written since.
func (s stamp) recent(at time.Time) bool { return s.file != nil && at.Sub(s.newest()) < grain }

// newest is when the database was last written.
func (s stamp) newest() time.Time {
	at := s.file.ModTime()
	if s.log != nil && s.log.ModTime().After(at) {
		at = s.log.ModTime()
	}
	return at
}

func (s stamp) differs(other stamp) bool {
	return differs(s.file, other.file) || differs(s.log, other.log)
}

func differs(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return (a == nil) != (b == nil)
	}
	return a.Size() != b.Size() || !a.ModTime().Equal(b.ModTime())
}

// open opens the database of the run.
func (r *run) open(file os.FileInfo) error {
	r.closeDatabase()
	db, err := runlog.OpenReadOnly(r.source.place())
	if err != nil {
		return err
	}
	view := db
	if r.split != "" {
		if view, err = db.Split(r.split); err != nil {
			db.Close()
			return err
		}
	}
	r.db, r.view, r.file, r.seen = db, view, file, stamp{}
	r.reopened = true
	return nil
}

func (r *run) closeDatabase() {
	if r.db != nil {
		_ = r.db.Close() // it was only read
	}
	r.db, r.view = nil, nil
}

// read takes over what is new in the database: evaluations after those that are known where these are
// as they were, or else everything.
func (r *run) read(ctx context.Context) error {
	var fresh dynamics.Log
	changed := r.history == nil || r.reopened
	err := r.view.Snapshot(ctx, func(now *runlog.Run) error {
		if changed {
			return nil
		}
		marks, err := now.Marks()
		if err != nil {
			return err
		}
		references, err := now.References()
		if err != nil {
			return err
		}
		known := r.history.Marks
		if len(marks) < len(known) || !slices.Equal(marks[:len(known)], known) || !same(references, r.history.References) {
			changed = true
			return nil
		}
		for e, err := range now.Evaluations(r.history.LastStep()) {
			if err != nil {
				return err
			}
			fresh.Append(e.Step, e.Epoch, e.Predictions, e.Right)
		}
		meta, err := now.Meta()
		if err != nil {
			return err
		}
		given, err := now.Groups()
		if err == nil {
			r.regrouped = r.regrouped || !reflect.DeepEqual(given, r.history.Groups)
			r.history.Meta, r.history.Marks, r.history.Groups = meta, marks, given
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case changed:
		return r.readAll(ctx)
	}
	return r.grow(&fresh, false)
}

// readAll reads the whole run. Readers keep what they have if that is how it begins.
func (r *run) readAll(ctx context.Context) error {
	h, err := r.view.Load(ctx)
	if err != nil {
		return err
	}
	r.reopened = false
	from, another := 0, false
	if r.history != nil && r.growing != nil && same(h.References, r.history.References) && begins(&h.Log, &r.history.Log) {
		from = len(r.history.Log.Steps)
		r.history.Meta, r.history.Marks, r.history.Groups = h.Meta, h.Marks, h.Groups
	} else {
		own := *h
		own.Log = dynamics.Log{Labels: h.Log.Labels}
		r.history, another = &own, true
	}
	var fresh dynamics.Log
	for t := from; t < len(h.Log.Steps); t++ {
		fresh.Append(h.Log.Steps[t], h.Log.Epochs[t], h.Log.Predictions[t], h.Log.RightGiven(t))
	}
	return r.grow(&fresh, another)
}

// begins reports whether a log begins as another, whole, is.
func begins(l, with *dynamics.Log) bool {
	n := len(with.Steps)
	if len(l.Steps) < n || !slices.Equal(l.Labels, with.Labels) {
		return false
	}
	for t := range n {
		if l.Steps[t] != with.Steps[t] || !slices.Equal(l.Predictions[t], with.Predictions[t]) || !slices.Equal(l.RightGiven(t), with.RightGiven(t)) {
			return false
		}
	}
	return true
}

// same reports whether two lists of references are equal.
func same(a, b []runlog.Reference) bool {
	return slices.EqualFunc(a, b, func(x, y runlog.Reference) bool {
		return x.ID == y.ID && x.Name == y.Name && x.Kind == y.Kind && slices.Equal(x.Predictions, y.Predictions) && slices.Equal(x.Right, y.Right)
	})
}
