package serve

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"
)

// stopping is a reader that takes so many pieces of an answer and then stops, which is seen at the deadline.
type stopping struct {
	*httptest.ResponseRecorder
	takes, pieces int
	deadline      time.Time
}

func (s *stopping) SetWriteDeadline(at time.Time) error {
	s.deadline = at
	return nil
}

func (s *stopping) Write(data []byte) (int, error) {
	s.pieces++
	if s.deadline.IsZero() {
		return 0, errors.New("no deadline: it would be waited for without end")
	}
	s.deadline = time.Time{} // each piece has its own
	if s.pieces > s.takes {
		return 0, errors.New("too late")
	}
	return s.ResponseRecorder.Write(data)
}

// A reader that stops in the middle of a page is waited for a while, and a slow one as long as it reads.
func TestReadersThatStop(t *testing.T) {
	const size, pieces = 1 << 20, 1 << 20 / (64 << 10)
	b := body{kind: "text/html", plain: make([]byte, size)}
	for _, takes := range []int{pieces, 3, 0} {
		w := &stopping{ResponseRecorder: httptest.NewRecorder(), takes: takes}
		b.send(w, httptest.NewRequest("GET", "/", nil))
		if w.Body.Len() != takes*size/pieces || w.pieces != min(takes+1, pieces) {
			t.Errorf("a reader of %d pieces got %d bytes, and was written to %d times", takes, w.Body.Len(), w.pieces)
		}
	}
}

// A handler that panics leaves the run to others.
func TestPanicUnlocksTheRun(t *testing.T) {
	w := newWorld(60, 10)
	r := looked(t, w.grown(t, 3).Dir())
	r.head.log.Steps = nil // what can't be: drawing curves panics
	func() {
		defer func() {
			if recover() == nil {
				t.Error("it doesn't panic")
			}
		}()
		(&server{}).figures(httptest.NewRecorder(), httptest.NewRequest("GET", "/?reference=0", nil), r)
	}()
	if !r.mu.TryLock() {
		t.Fatal("the run is locked")
	}
	r.mu.Unlock()
}
