package worlds

import (
	"math/rand/v2"

	"shoal/internal/pcg"
)

// A stream draws the numbers of rand.NewPCG one by one, as rand.Rand, or lets a loop look at those that
// come next: a world takes millions, and asks each whether it is below some chance. That is done without
// branches, which would be mispredicted.
type stream struct {
	*rand.Rand
	source *pcg.Source
	ahead  [512]uint64
	drawn  int // of ahead
}

func newStream(seed1, seed2 uint64) *stream {
	s := &stream{source: pcg.New(seed1, seed2)}
	s.Rand, s.drawn = rand.New(s), len(s.ahead)
	return s
}

// Uint64 makes a stream the source of its own rand.Rand.
func (s *stream) Uint64() uint64 {
	if s.drawn == len(s.ahead) {
		s.read()
	}
	s.drawn++
	return s.ahead[s.drawn-1]
}

// few is how many examples a loop looks ahead for.
const few = 64

// peek are the next numbers, at least so many; who uses them adds to drawn.
func (s *stream) peek(least int) []uint64 {
	if s.drawn+least > len(s.ahead) {
		s.read()
	}
	return s.ahead[s.drawn:]
}

// read keeps what isn't drawn, and reads on.
func (s *stream) read() {
	kept := copy(s.ahead[:], s.ahead[s.drawn:])
	s.source.Fill(s.ahead[kept:])
	s.drawn = 0
}

// bit is 1 for true.
func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
