package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// update is what a page is told, as one server-sent event. Its id is a cursor, which a reader that
// comes back gives.
type update struct {
	Reload      bool              `json:"reload,omitempty"`      // what the page has is of other data
	Keep        []int             `json:"keep,omitempty"`        // steps: earlier evaluations beyond these were dropped
	Evaluations []json.RawMessage `json:"evaluations,omitempty"` // new ones: report.Growing.Rows
	Status      *status           `json:"status,omitempty"`
	Figures     int               `json:"figures,omitempty"` // there are curves up to this step
	Page        int               `json:"page,omitempty"`    // version of the page
}

// cursor is what a reader has.
type cursor struct {
	key         string
	evaluations int
	thinned     int
	status      status
	figures     int
	page        int
	over        bool // it was told to begin again
}

func (c cursor) String() string { return fmt.Sprintf("%s.%d.%d", c.key, c.evaluations, c.thinned) }

// parseCursor reads a cursor; what it can't read is that of a reader who has nothing.
func parseCursor(text string) cursor {
	parts := strings.Split(text, ".")
	c := cursor{key: parts[0]}
	if len(parts) == 3 {
		evaluations, err := strconv.Atoi(parts[1])
		thinned, err2 := strconv.Atoi(parts[2])
		if err == nil && err2 == nil && evaluations >= 0 {
			c.evaluations, c.thinned = evaluations, thinned
		}
	}
	return c
}

// since is what a reader doesn't have yet, nil for nothing; more is closed when there is something else.
func (r *run) since(c cursor) (u *update, now cursor, more <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, more = c, r.news.next()
	if c.over {
		return nil, c, nil // nothing more
	}
	if c.key != r.key || r.growing != nil && c.evaluations > r.growing.Len() {
		now.over = true
		return &update{Reload: true}, now, more
	}
	u = &update{}
	if g := r.growing; g != nil {
		if c.thinned != g.Thinned() && c.evaluations > 0 {
			u.Keep = g.Shown()
		}
		u.Evaluations = g.Rows(c.evaluations)
		now.evaluations, now.thinned = g.Len(), g.Thinned()
	}
	if r.status != c.status {
		u.Status, now.status = r.status.aged(r.grew), r.status
	}
	if r.figures > c.figures {
		u.Figures, now.figures = r.head.log.Steps[r.figures-1], r.figures
	}
	if r.page != nil && r.page.version > c.page {
		u.Page, now.page = r.page.version, r.page.version
	}
	if now == c {
		u = nil
	}
	return u, now, more
}

// aged is a status with the time since the last evaluation came.
func (s status) aged(at time.Time) *status {
	if !at.IsZero() {
		age := max(time.Since(at), 0).Seconds()
		s.Age = &age
	}
	return &s
}

// events is the stream of a run's updates.
func (s *server) events(w http.ResponseWriter, req *http.Request, r *run) {
	r.arrive(1)
	defer r.arrive(-1)
	last := req.Header.Get("Last-Event-ID")
	if last == "" {
		last = req.URL.Query().Get("after")
	}
	at := parseCursor(last)
	s.stream(w, req, func() (any, string, <-chan struct{}) {
		u, now, more := r.since(at)
		at = now
		if u == nil {
			return nil, "", more
		}
		return u, now.String(), more
	})
}

// arrive counts who reads the run.
func (r *run) arrive(n int) {
	r.mu.Lock()
	r.readers += n
	r.mu.Unlock()
	r.ask()
}

// ask has the run looked at now.
func (r *run) ask() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Times of a stream.
const (
	patience = 30 * time.Second // a reader that takes no bytes for so long is gone
	alive    = 15 * time.Second // between signs of life, where there is nothing to say
)

// deliver writes to a reader, who may be slow, and reports whether it took all. One that has stopped reading
// would count as a reader for ever, for whom pages are drawn.
func deliver(w http.ResponseWriter, data []byte) bool {
	control := http.NewResponseController(w)
	for piece := range slices.Chunk(data, 64<<10) {
		_ = control.SetWriteDeadline(time.Now().Add(patience))
		if _, err := w.Write(piece); err != nil {
			return false
		}
	}
	return true
}

// stream sends what next has, whenever there is something, until the reader or the server ends. next
// returns nil where there is nothing, and what is closed when there may be.
func (s *server) stream(w http.ResponseWriter, req *http.Request, next func() (event any, id string, more <-chan struct{})) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	write := func(text []byte) bool { return deliver(w, text) && control.Flush() == nil }
	sign := time.NewTicker(alive)
	defer sign.Stop()
	if !write([]byte("retry: 2000\n\n")) {
		return
	}
	for {
		event, id, more := next()
		if event != nil {
			text, err := json.Marshal(event)
			if err != nil {
				return
			}
			if !write(fmt.Appendf(nil, "id: %s\ndata: %s\n\n", id, bytes.ReplaceAll(text, []byte("\n"), nil))) {
				return
			}
			continue
		}
		select {
		case <-more:
		case <-sign.C:
			if !write([]byte(": still here\n\n")) {
				return
			}
		case <-req.Context().Done():
			return
		case <-s.stop:
			return
		}
	}
}
