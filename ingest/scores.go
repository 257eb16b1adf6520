package ingest

import (
	"errors"
	"fmt"
	"math"

	"shoal/dynamics"
	"shoal/internal/npy"
	"shoal/predlog"
)

// scored fills in predictions and values from the next N × K probabilities or logits.
func (m *matrix) scored(s *npy.Stream, p *predlog.Part) error {
	n := len(m.head.Labels)
	c := newScorer(n)
	row := make([]float64, m.k)
	for i, y := range m.head.Labels {
		if err := s.Floats(row); err != nil {
			return err
		}
		if int(y) >= m.k {
			return fmt.Errorf("label of example %d is %d, want 0 to %d", i, y, m.k-1)
		}
		if m.scores == "probabilities" {
			if err := logarithms(row); err != nil {
				return fmt.Errorf("example %d: %w", i, err)
			}
		}
		if err := c.add(i, row, int(y)); err != nil {
			return err
		}
	}
	if m.scores == "logits" && c.probable() {
		return errors.New("every example has numbers from 0 to 1 that add up to 1, which are no logits: call the array probabilities")
	}
	c.fill(p)
	return nil
}

// logarithms replaces probabilities by their logarithms, which are logits of them.
func logarithms(row []float64) error {
	sum := 0.0
	for k, v := range row {
		if !(v >= 0 && v <= 1+1e-3) {
			return fmt.Errorf("class %d has probability %v, want 0 to 1; are these logits? call the array logits", k, v)
		}
		sum += v
		row[k] = math.Log(math.Max(v, 1e-30)) // finite, for the margin
	}
	if !(math.Abs(sum-1) < .02) { // half precision rounds
		return fmt.Errorf("the probabilities add up to %v, want 1; are these logits? call the array logits", sum)
	}
	return nil
}

// scorer gathers what the logits of one evaluation say.
type scorer struct {
	predictions []uint16
	values      map[string][]float32
	loss        float64
	// Of the rows so far: how many are shares (0 to 1, adding up to 1), and whether one has a number between.
	shares  int
	between bool
}

func newScorer(n int) *scorer {
	c := &scorer{predictions: make([]uint16, n), values: map[string][]float32{}}
	for _, name := range []string{dynamics.ValueP, dynamics.ValueMargin, dynamics.ValueLoss, dynamics.ValueEL2N} {
		c.values[name] = make([]float32, n)
	}
	return c
}

// add takes the logits of example i.
func (c *scorer) add(i int, logits []float64, label int) error {
	best, sum, inside := 0, 0.0, true
	for k, v := range logits {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("example %d, class %d is %v, want a finite number", i, k, v)
		}
		if v > logits[best] {
			best = k
		}
		sum, inside = sum+v, inside && v >= 0 && v <= 1+1e-3
		c.between = c.between || v > 0 && v < 1
	}
	if inside && math.Abs(sum-1) < .02 {
		c.shares++
	}
	v := dynamics.ValuesOf(logits, label)
	c.predictions[i] = uint16(best)
	c.values[dynamics.ValueP][i], c.values[dynamics.ValueMargin][i] = float32(v.P), float32(v.Margin)
	c.values[dynamics.ValueLoss][i], c.values[dynamics.ValueEL2N][i] = float32(v.Loss), float32(v.EL2N)
	c.loss += v.Loss
	return nil
}

// probable reports whether what was added as logits are probabilities. Eight such rows don't come by chance.
func (c *scorer) probable() bool {
	return c.between && c.shares == len(c.predictions) && c.shares >= 8
}

// fill fills in the part; its loss is the mean, unless it has one.
func (c *scorer) fill(p *predlog.Part) {
	p.Predictions, p.Values = c.predictions, c.values
	if math.IsNaN(p.Loss) {
		p.Loss = c.loss / float64(len(c.predictions))
	}
}
