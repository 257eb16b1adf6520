package ingest

import (
	"math"
	"strconv"
)

// column is what the rows of one step say of a number of the evaluation, such as its loss. Rows may leave it
// out.
type column struct {
	text         string  // of the row before
	value        float64 // that text's, NaN for none
	first        float64 // that a row has, NaN for none
	sum          float64
	count, empty int  // rows with a number, and without
	differ       bool // whether two rows have other numbers
	told         bool // whether a person was told of that
}

// begin begins a step.
func (c *column) begin() { *c = column{value: nan, first: nan, told: c.told} }

// add takes the text of a row.
func (c *column) add(text string) (err error) {
	if text != c.text {
		if c.value, err = optionalNumber(text); err != nil {
			return err
		}
		c.text = string([]byte(text)) // a reader may use its memory again
	}
	if math.IsNaN(c.value) {
		c.empty++
		return nil
	}
	if math.IsNaN(c.first) {
		c.first = c.value
	}
	c.sum, c.count, c.differ = c.sum+c.value, c.count+1, c.differ || c.value != c.first
	return nil
}

// mean is that of rows of which each has a number, NaN where one has none.
func (c *column) mean() float64 {
	if c.empty > 0 {
		return nan
	}
	return c.sum / float64(c.count)
}

// optionalNumber reads a finite number, NaN where there is none.
func optionalNumber(text string) (float64, error) {
	if text == "" {
		return nan, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if math.IsInf(x, 0) {
		err = strconv.ErrRange
	}
	return x, err
}

// measure fills in what the rows of a step say of the evaluation. A loss that differs between them is that of
// each example, and an epoch that does is not known.
func (s *steps) measure() {
	s.part.Epoch, s.part.Loss = s.epoch.first, s.loss.first
	if s.epoch.differ {
		s.part.Epoch = nan
		if !s.epoch.told {
			s.options.say("note: the rows of step %s have several epochs: it is taken as not known", s.text)
		}
		s.epoch.told = true
	}
	if s.loss.differ {
		s.part.Loss = s.loss.mean()
		if !s.loss.told {
			s.options.say("note: the rows of step %s have several losses: they are taken as those of the examples, and their mean as the evaluation's", s.text)
		}
		s.loss.told = true
	}
}
