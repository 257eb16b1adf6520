package serve

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"shoal/internal/textfmt"
	"shoal/report"
)

// routes are the addresses of the server.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.front)
	mux.HandleFunc("GET /events", s.frontEvents)
	mux.HandleFunc("GET /card/{run}", s.of(s.card))
	mux.HandleFunc("GET /run/{run}/{$}", s.of(s.page))
	mux.HandleFunc("GET /run/{run}/events", s.of(s.events))
	mux.HandleFunc("GET /run/{run}/figures", s.of(s.figures))
	mux.HandleFunc("GET /run/{run}/sheet/{key}/{sheet}", s.of(s.sheet))
	return mux
}

// of finds the run of an address.
func (s *server) of(answer func(http.ResponseWriter, *http.Request, *run)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		k, err := strconv.Atoi(req.PathValue("run"))
		if err != nil || k < 0 || k >= len(s.runs) {
			http.NotFound(w, req)
			return
		}
		answer(w, req, s.runs[k])
	}
}

// body is an answer, plain and packed.
type body struct {
	kind          string
	plain, packed []byte
}

func newBody(kind string, plain []byte) body {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(plain) // a buffer takes everything
	_ = w.Close()
	return body{kind, plain, packed.Bytes()}
}

func (b body) send(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Content-Type", b.kind)
	w.Header().Set("Vary", "Accept-Encoding")
	data := b.plain
	if strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		data = b.packed
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	deliver(w, data)
}

// atMost is how long a reader waits for a page before it gets a card instead.
const atMost = 2 * time.Second

// page answers with the page of a run, or with its card until there is one.
func (s *server) page(w http.ResponseWriter, req *http.Request, r *run) {
	r.arrive(1) // pages are drawn for readers alone
	defer r.arrive(-1)
	giveUp := time.After(atMost)
	for {
		r.mu.Lock()
		drawn, none := r.page, r.looked && r.growing == nil
		more := r.news.next()
		r.mu.Unlock()
		if drawn != nil {
			drawn.send(w, req)
			return
		}
		select {
		case <-more:
		case <-req.Context().Done():
			return
		case <-s.stop:
			return
		case <-giveUp:
			none = true
		}
		if none {
			s.cards(w, req, []*run{r})
			return
		}
	}
}

// drawn are curves that were drawn, and how far the run was.
type drawn struct {
	body
	figures     []template.HTML
	evaluations int
}

// figures answers with the curves against a reference.
func (s *server) figures(w http.ResponseWriter, req *http.Request, r *run) {
	k, err := strconv.Atoi(req.URL.Query().Get("reference"))
	if err == nil {
		var d *drawn
		if d, err = r.lockedCurves(k); err == nil {
			d.send(w, req)
			return
		}
	}
	http.Error(w, err.Error(), http.StatusNotFound)
}

// lockedCurves locks the run for its curves, and leaves it unlocked whatever happens: the server continues
// after a handler that panics, and so has everybody else to.
func (r *run) lockedCurves(k int) (*drawn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.curves(k)
}

// curves are those against a reference, at least as far as pages were told of; they are drawn once for
// all readers. The run is locked meanwhile.
func (r *run) curves(k int) (*drawn, error) {
	if r.growing == nil {
		return nil, fmt.Errorf("no curves yet")
	}
	if d := r.drawn[k]; d != nil && d.evaluations >= r.figures {
		return d, nil
	}
	began := time.Now()
	figures, err := r.growing.Figures(k)
	if err != nil {
		return nil, err
	}
	n := r.growing.Len()
	text, err := json.Marshal(struct {
		Step    int             `json:"step"`
		Figures []template.HTML `json:"figures"`
	}{r.head.log.Steps[n-1], figures})
	if err != nil {
		return nil, err
	}
	if r.drawn == nil {
		r.drawn = map[int]*drawn{}
	}
	r.drawn[k] = &drawn{newBody("application/json", text), figures, n}
	r.drawCost = time.Since(began)
	return r.drawn[k], nil
}

// sheet answers with a sheet of images. It never changes: its address has the key of the run's data.
func (s *server) sheet(w http.ResponseWriter, req *http.Request, r *run) {
	k, err := strconv.Atoi(req.PathValue("sheet"))
	r.mu.Lock()
	sheets, key := r.sheets, r.key
	r.mu.Unlock()
	kind, data, ok := sheets.Sheet(k)
	if err != nil || !ok || req.PathValue("key") != key {
		http.NotFound(w, req)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=86400, immutable")
	deliver(w, data)
}

// overviewFiles has the page of several runs side by side.
//
//go:embed page/overview.html.tmpl
var overviewFiles embed.FS

// overview is what its template sees.
type overview struct {
	Style template.CSS
	Title string
	Alone bool // one run, which has no page yet
	Cards []card
}

// card is a run beside others.
type card struct {
	Index                  int
	Name, Title            string
	Status                 status
	Page, Ready            bool // it has a page of its own, which is drawn
	Evaluations, When, Got string
	Reference, Ratio       string
	Hint                   bool // it has no reference
	Figures                []template.HTML
}

// front answers with the runs side by side, or with the page of the only one.
func (s *server) front(w http.ResponseWriter, req *http.Request) {
	if len(s.runs) == 1 {
		http.Redirect(w, req, "/run/0/", http.StatusFound)
		return
	}
	s.cards(w, req, s.runs)
}

func (s *server) cards(w http.ResponseWriter, req *http.Request, runs []*run) {
	v := overview{Style: report.BaseStyle(), Title: "Runs", Alone: len(runs) < len(s.runs) || len(runs) == 1}
	if v.Alone {
		v.Title = runs[0].name
	}
	for _, r := range runs {
		v.Cards = append(v.Cards, s.cardOf(r))
	}
	s.fill(w, req, v)
}

func (s *server) fill(w http.ResponseWriter, req *http.Request, v any) {
	html, err := report.Fill(overviewFiles, "overview.html.tmpl", v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	newBody("text/html; charset=utf-8", html).send(w, req)
}

// card answers with one card alone: the page takes over that part.
func (s *server) card(w http.ResponseWriter, req *http.Request, r *run) {
	s.fill(w, req, overview{Title: r.name, Cards: []card{s.cardOf(r)}})
}

// cardOf describes a run beside others, by its first reference.
func (s *server) cardOf(r *run) card {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := card{Name: r.name, Title: r.head.title, Status: r.status, Page: r.growing != nil, Ready: r.page != nil, Evaluations: textfmt.Thousands(len(r.head.accuracy))}
	for k, other := range s.runs {
		if other == r {
			c.Index = k
		}
	}
	n := len(r.head.accuracy)
	if n == 0 {
		return c
	}
	c.When, c.Got = textfmt.Moment(r.head.log.Steps[n-1], r.head.log.Epochs[n-1]), textfmt.Percent(r.head.accuracy[n-1])
	if r.growing == nil {
		c.Hint = true
		c.Figures = []template.HTML{report.AccuracyFigure(r.head.title, r.head.log.Steps, r.head.log.Epochs, r.head.accuracy)}
		return c
	}
	c.Reference, c.Ratio = r.growing.Glance(0)
	if d, err := r.curves(0); err == nil {
		c.Figures = d.figures[:2] // R±, and the accuracies
	}
	return c
}

// cardState is what a card shows changes with.
type cardState struct {
	key, title, kind, text string
	evaluations            int
	page                   bool
}

func (r *run) cardState() cardState {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := cardState{r.key, r.head.title, r.status.Kind, r.status.base, r.figures, r.page != nil}
	if r.growing == nil {
		c.evaluations = len(r.head.accuracy)
	}
	return c
}

// frontEvents tells which of the runs have changed, by their number: first of all of them, then at most
// as often as curves are drawn.
func (s *server) frontEvents(w http.ResponseWriter, req *http.Request) {
	for _, r := range s.runs {
		r.arrive(1)
		defer r.arrive(-1)
	}
	told := make([]cardState, len(s.runs))
	s.stream(w, req, func() (any, string, <-chan struct{}) {
		more := s.news.next()
		var list []int
		for k, r := range s.runs {
			if now := r.cardState(); now != told[k] {
				told[k], list = now, append(list, k)
			}
		}
		if list == nil {
			return nil, "", more
		}
		return list, "cards", more
	})
}
