package record

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"shoal/internal/usage"
)

// A Schedule says after which training steps the network is scored. Step 0 and the last step always
// are.
type Schedule struct {
	pieces []piece
	tail   int // evaluations in each of the last two tenths of the steps, at least
}

// A piece holds up to an epoch; the last one, whose until is +Inf, to the end.
type piece struct {
	every  int     // 0 when growth is set
	growth float64 // from one scored step to the next, at least
	until  float64 // epochs, inclusive
}

// ParseSchedule reads an evaluation schedule:
//
//	every:1                after every step
//	every:50               after steps 50, 100, ...
//	log:1.02               every step at first, then each at least 1.02 times the last
//	every:1@2,every:20     every step to the end of epoch 2, then steps divisible by 20
//	log:1.1,tail:5         and 5 more, evenly, in each of the last two tenths of the steps
//
// A tail comes last. Five evaluations are what it takes to tell whether accuracy has stopped rising.
// A piece with @EPOCH ends there; only the last one, and no other, has none.
func ParseSchedule(text string) (Schedule, error) {
	var s Schedule
	words := strings.Split(text, ",")
	if last := len(words) - 1; last > 0 {
		if count, ok := strings.CutPrefix(words[last], "tail:"); ok {
			n, err := strconv.Atoi(count)
			if err != nil || n < 1 || n > 1000 {
				return Schedule{}, usage.Errorf("evaluation schedule %q: tail %q: want a number of evaluations, 1 to 1000", text, count)
			}
			s.tail, words = n, words[:last]
		}
	}
	for i, word := range words {
		p, err := parsePiece(text, word)
		if err != nil {
			return Schedule{}, err
		}
		last := i == len(words)-1
		switch {
		case last && !math.IsInf(p.until, 1):
			return Schedule{}, usage.Errorf("evaluation schedule %q: the last piece has an end: drop its @, or add a piece for the rest", text)
		case !last && math.IsInf(p.until, 1):
			return Schedule{}, usage.Errorf("evaluation schedule %q: piece %q needs its last epoch, as in %s@2", text, word, word)
		case i > 0 && p.until <= s.pieces[i-1].until:
			return Schedule{}, usage.Errorf("evaluation schedule %q: piece %q ends no later than the one before", text, word)
		}
		s.pieces = append(s.pieces, p)
	}
	return s, nil
}

func parsePiece(text, word string) (piece, error) {
	got := ""
	if word != text {
		got = fmt.Sprintf("; got %q", word)
	}
	bad := usage.Errorf("evaluation schedule %q: want every:N, log:FACTOR or pieces such as every:1@2,every:20, and tail:N at the end%s", text, got)
	p := piece{until: math.Inf(1)}
	body, end, ends := strings.Cut(word, "@")
	if ends {
		e, err := strconv.ParseFloat(end, 64)
		if err != nil || !(e > 0) || math.IsInf(e, 0) {
			return p, bad
		}
		p.until = e
	}
	name, argument, _ := strings.Cut(body, ":")
	switch name {
	case "every":
		n, err := strconv.Atoi(argument)
		if err != nil || n < 1 {
			return p, bad
		}
		p.every = n
	case "log":
		f, err := strconv.ParseFloat(argument, 64)
		if err != nil || !(f > 1) || math.IsInf(f, 0) {
			return p, bad
		}
		p.growth = f
	default:
		return p, bad
	}
	return p, nil
}

// Steps lists the scored steps of a training, ascending: 0 first, total last.
func (s Schedule) Steps(perEpoch, total int) []int {
	steps := []int{0}
	for step := 1; step <= total; step++ {
		if s.wants(step, steps[len(steps)-1], perEpoch) || step == total {
			steps = append(steps, step)
		}
	}
	for k := range 2 * s.tail { // the last of them is the last step
		steps = append(steps, int(math.Round(float64(total)*(1-float64(k)/float64(10*s.tail)))))
	}
	slices.Sort(steps)
	return slices.Compact(steps)
}

// wants reports whether step is scored when the one scored before was last.
func (s Schedule) wants(step, last, perEpoch int) bool {
	for _, p := range s.pieces {
		if float64(step) > float64(p.until*float64(perEpoch))+1e-6 {
			continue
		}
		if p.every > 0 {
			return step%p.every == 0
		}
		return float64(step) >= float64(float64(last)*p.growth)-1e-9
	}
	return false
}
