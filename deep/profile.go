package deep

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Profile collects where the time of steps goes, by kind of layer and direction. Give one to a
// Trainer; a nil Profile costs nothing. The zero value is ready for use.
type Profile struct {
	mu    sync.Mutex
	times map[string]time.Duration
	off   bool // nothing is counted
}

// ProfileLine is one kind of work: "conv 3x3 forward", for instance.
type ProfileLine struct {
	Kind    string
	Seconds float64
	Share   float64 // of all lines, 0..1
}

// Lines returns what was collected, the longest first.
func (p *Profile) Lines() []ProfileLine {
	p.mu.Lock()
	defer p.mu.Unlock()
	var total time.Duration
	for _, t := range p.times {
		total += t
	}
	var lines []ProfileLine
	for k, t := range p.times {
		lines = append(lines, ProfileLine{k, t.Seconds(), t.Seconds() / max(total.Seconds(), 1e-12)})
	}
	slices.SortFunc(lines, func(a, b ProfileLine) int {
		if a.Seconds != b.Seconds {
			if a.Seconds > b.Seconds {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Kind, b.Kind)
	})
	return lines
}

// count turns the counting on or off.
func (p *Profile) count(on bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.off = !on
}

// stopwatch runs from start to stop.
type stopwatch struct {
	p    *Profile
	from time.Time
}

func (p *Profile) start() stopwatch {
	if p == nil {
		return stopwatch{}
	}
	return stopwatch{p, time.Now()}
}

func (s stopwatch) stop(l layer, backward bool) {
	if s.p == nil {
		return
	}
	direction := " forward"
	if backward {
		direction = " backward"
	}
	s.add(l.kind() + direction)
}

func (s stopwatch) add(kind string) {
	if s.p == nil {
		return
	}
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if s.p.off {
		return
	}
	if s.p.times == nil {
		s.p.times = map[string]time.Duration{}
	}
	s.p.times[kind] += time.Since(s.from)
}
