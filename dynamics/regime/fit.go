package regime

import (
	"math"
	"slices"
)

// Fit is a reference's right answers against the order in which a network learns, on the probit
// scale: one straight line, and the best of the lines with a break and a jump. Where nothing could
// be fitted the numbers are NaN.
type Fit struct {
	// Slope is β of P(M right) = Φ(class effect + β·y), y = -Φ⁻¹(share learned): positive when what is
	// learned early is what M gets right. SlopeSE is its standard error.
	Slope, SlopeSE float64
	// Bias is how much too far from 0 Slope is on average, to first order: what an effect of each class
	// costs where the examples of a class are few. What a fit answers doesn't need it.
	Bias float64
	// RobustSE is a standard error of Slope that doesn't take the line for the truth.
	RobustSE float64
	// Share is κ, the share learned at which the best broken line breaks; Lo and Hi bound those whose
	// log likelihood is within 1.92 of the best.
	Share, Lo, Hi float64
	// From and To are the interval to print, wider than Lo to Hi, which covers too few of the changes that
	// are found in simulated worlds: see widen.
	From, To float64
	// Before and After are the slopes of the broken line, Jump what is added after the break.
	Before, BeforeSE, After, AfterSE, Jump float64
	// LR is twice the difference of the log likelihoods of the broken and the straight line.
	LR float64
	// Drop is the share that M gets right before κ less that after it.
	Drop, DropSE float64
	// Tie is the share of the examples that are learned at the commonest time.
	Tie float64
	// Tried is the number of places at which the line could be broken.
	Tried int
	// UpTo is the largest κ up to which the slope after every κ is clearly above a quarter of Slope; 0
	// for none. Where a straight line is kept, though a broken one is somewhat better, it ends at the place before
	// that.
	UpTo float64
}

const (
	bins         = 200 // of the share learned
	leastEvents  = 10  // right and wrong answers on each side of a break
	fewestEvents = 1   // of a break that is no candidate, but can't be excluded where others are
	leastSide    = .05 // of the examples on each side
	dropInLogs   = 1.92
	// wideInLogs is half the 95 % point of the likelihood ratio of a threshold -2·ln(1 - √.95) (Hansen,
	// Econometrica 68:575, 2000): a break is no regular parameter, for which it is 1.92.
	wideInLogs   = 7.35 / 2
	gridPoints   = 45
	gridFrom     = .06
	gridTo       = .97
	mostExtreme  = 1e-4 // shares are cut off there for the normal score
	z975         = 1.96
	unknownSE    = 1e3 // of a slope that the examples say nothing about
	weakFraction = .25 // a slope below this part of the whole one is flat
)

// grid lists the shares at which the line is broken: even in the normal score, rounded to four
// digits.
var grid = func() []float64 {
	out := make([]float64, gridPoints)
	from, to := quantile(gridFrom), quantile(gridTo)
	for i := range out {
		out[i] = math.RoundToEven(1e4*cumulative(from+float64(float64(i)*(to-from)/(gridPoints-1)))) / 1e4
	}
	return out
}()

// Against fits what a reference gets right against an order of learning. labels and right have one
// entry an example.
func (o Order) Against(labels []uint16, right []bool) Fit {
	f, s := o.straight(labels, right)
	if s == nil {
		return f
	}
	breaks := s.breaks(s.level, s.y, leastEvents, s.line, nil)
	if f.Tried = len(breaks); f.Tried == 0 {
		return f
	}
	f.take(breaks, s.line)
	f.widen(breaks, s.line, s.groups, s.level, s.y)
	f.drop(o, right)
	return f
}

// Straight is Against with the straight line alone: Slope, SlopeSE, Bias and Tie.
func (o Order) Straight(labels []uint16, right []bool) Fit {
	f, _ := o.straight(labels, right)
	return f
}

// straightLine is the straight line, with the examples that it was fitted to.
type straightLine struct {
	*groups
	*line
	level, y []float64 // mean share learned of each group, and its normal score
}

// straight fits the straight line; nil where nothing can be fitted.
func (o Order) straight(labels []uint16, right []bool) (Fit, *straightLine) {
	f := Fit{Slope: nan, SlopeSE: nan, Bias: nan, RobustSE: nan, Share: nan, Lo: nan, Hi: nan, From: nan, To: nan, Before: nan, BeforeSE: nan, After: nan, AfterSE: nan, Jump: nan, LR: nan, Drop: nan, DropSE: nan, UpTo: nan, Tie: o.tied()}
	g, level := o.cells(labels, right)
	if !g.informative() {
		return f, nil
	}
	s := &straightLine{groups: g, level: level, y: make([]float64, len(level))}
	for k, a := range level {
		s.y[k] = early(a)
	}
	s.line = g.probit([][]float64{s.y})
	f.Slope, f.SlopeSE, f.Bias, f.RobustSE = s.b[0], s.se(0), s.bias(g, s.y), s.robust(labels)
	return f, s
}

var nan = math.NaN()

// early is the normal score of a share learned, high for what is learned early.
func early(share float64) float64 {
	return -quantile(math.Max(mostExtreme, math.Min(1-mostExtreme, share)))
}

// cells counts the examples by class and share learned, in bins. level is the mean share of a bin.
func (o Order) cells(labels []uint16, right []bool) (g *groups, level []float64) {
	classes := len(classSizes(labels))
	n, r := make([]float64, bins*classes), make([]float64, bins*classes)
	sum, count := make([]float64, bins), make([]float64, bins)
	for i, a := range o {
		if math.IsNaN(a) {
			continue
		}
		bin := int(math.Min(a*bins, bins-1e-9))
		at := bin*classes + int(labels[i])
		n[at]++
		if right[i] {
			r[at]++
		}
		sum[bin] += a
		count[bin]++
	}
	g = &groups{classes: classes}
	for at := range n {
		if n[at] == 0 {
			continue
		}
		bin := at / classes
		g.class, g.n, g.r = append(g.class, at%classes), append(g.n, n[at]), append(g.r, r[at])
		level = append(level, sum[bin]/count[bin])
	}
	return g, level
}

// informative reports whether any class can say something of a slope: one that is learned at several
// levels, and of which some examples are right and some wrong.
func (g *groups) informative() bool {
	levels, n, r := make([]int, g.classes), make([]float64, g.classes), make([]float64, g.classes)
	for k, c := range g.class {
		levels[c]++
		n[c] += g.n[k]
		r[c] += g.r[k]
	}
	for c, k := range levels {
		if k > 1 && r[c] > 0 && r[c] < n[c] {
			return true
		}
	}
	return false
}

// broken is a line with a break at a share: its coefficients are the slope before, the slope after
// and the jump.
type broken struct {
	share float64
	*line
}

// known is a coefficient, NaN for one that the examples say nothing about: a slope of a side of one level.
func (b broken) known(j int) float64 {
	if !(b.se(j) <= unknownSE) {
		return nan
	}
	return b.b[j]
}

// breaks fits a broken line at every share of the grid that has enough on either side, each from the
// line of the share before it; those at hand are kept. What is straight has no jump.
func (g *groups) breaks(level, y []float64, events float64, straight *line, known []broken) []broken {
	var out []broken
	before, after, jump := make([]float64, len(y)), make([]float64, len(y)), make([]float64, len(y))
	near, was := &line{alpha: straight.alpha, b: []float64{straight.b[0], straight.b[0], 0}}, 0.0
	for _, share := range grid {
		if !g.enough(level, share, events) {
			continue
		}
		at := quantile(share)
		k := slices.IndexFunc(known, func(b broken) bool { return b.share == share })
		if k >= 0 {
			out = append(out, known[k])
		} else {
			for k := range y {
				before[k], after[k], jump[k] = math.Max(y[k]+at, 0), math.Min(y[k]+at, 0), 0
				if level[k] > share {
					jump[k] = 1
				}
			}
			x := [][]float64{before, after, jump}
			b := broken{share, g.probitFrom(x, near.moved(at-was))}
			if b.se(0) > unknownSE || b.se(1) > unknownSE { // a side of one level has no slope: no number of the neighbour's
				b.line = g.probit(x)
			}
			out = append(out, b)
		}
		near, was = out[len(out)-1].line, at
	}
	return out
}

// moved is the same broken line, but for what lies between, with its break earlier by dy on the
// normal scale: effects of the classes and jump are taken at the break.
func (l *line) moved(dy float64) *line {
	out := &line{alpha: slices.Clone(l.alpha), b: slices.Clone(l.b)}
	for c := range out.alpha {
		out.alpha[c] -= float64(dy * l.b[0])
	}
	out.b[2] += float64(dy * (l.b[0] - l.b[1]))
	return out
}

// enough reports whether both sides of a share have enough examples, and so many right and wrong ones.
func (g *groups) enough(level []float64, share, events float64) bool {
	var n, r [2]float64
	for k, a := range level {
		side := 0
		if a > share {
			side = 1
		}
		n[side] += g.n[k]
		r[side] += g.r[k]
	}
	for side := range n {
		if math.Min(r[side], n[side]-r[side]) < events || n[side] < leastSide*(n[0]+n[1]) {
			return false
		}
	}
	return true
}

// take fills in what follows from the lines.
func (f *Fit) take(breaks []broken, straight *line) {
	best := 0
	for i, b := range breaks {
		if b.likelihood > breaks[best].likelihood {
			best = i
		}
	}
	b := breaks[best]
	f.LR, f.Share = 2*(b.likelihood-straight.likelihood), b.share
	f.Before, f.After, f.Jump, f.BeforeSE, f.AfterSE = b.known(0), b.known(1), b.known(2), b.se(0), b.se(1)
	first, last := within(breaks, b.likelihood-dropInLogs)
	f.Lo, f.Hi = between(breaks, first, first-1), between(breaks, last, last+1)
	f.UpTo = 0
	for _, b := range breaks {
		if b.b[1]-float64(z975*b.se(1)) <= weakFraction*straight.b[0] {
			break
		}
		f.UpTo = b.share
	}
}

// widen fills in the interval to print: the places within wideInLogs of the best and the next ones of the
// grid, between which a change can't be told. Where the places that were tried begin or end within it,
// those beyond with fewer events are no candidates, but can't be excluded: where the reference is nearly
// always right, a change lies at its first errors.
func (f *Fit) widen(breaks []broken, straight *line, g *groups, level, y []float64) {
	least, tried := 0.0, breaks
	for _, b := range breaks {
		if b.share == f.Share {
			least = b.likelihood - wideInLogs
		}
	}
	if first, last := within(breaks, least); first == 0 || last == len(breaks)-1 {
		breaks = g.breaks(level, y, fewestEvents, straight, breaks)
	}
	first, last := within(breaks, least)
	f.From, f.To = grid[max(0, slices.Index(grid, breaks[first].share)-1)], grid[min(len(grid)-1, slices.Index(grid, breaks[last].share)+1)]
	// Noise of the order blurs a change, so that the slope after the next place beyond it may not be flat,
	// either. In simulated worlds no reach of both orders went farther beyond a change.
	if f.UpTo > 0 && f.UpTo < leastUpTo && f.LR <= critical && f.LR > 2*wideInLogs {
		f.UpTo = before(tried, f.UpTo)
	}
}

// before is the share of the break before the one at a share, 0 for the first.
func before(breaks []broken, share float64) float64 {
	k := slices.IndexFunc(breaks, func(b broken) bool { return b.share == share })
	if k < 1 {
		return 0
	}
	return breaks[k-1].share
}

// within are the first and the last break whose log likelihood is at least so high.
func within(breaks []broken, least float64) (first, last int) {
	first = -1
	for i, b := range breaks {
		if b.likelihood > least {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	return first, last
}

// between is the middle of two breaks, or the first where the second isn't there.
func between(breaks []broken, i, j int) float64 {
	if j < 0 || j >= len(breaks) {
		return breaks[i].share
	}
	return (breaks[i].share + breaks[j].share) / 2
}

// drop compares M before and after the break.
func (f *Fit) drop(o Order, right []bool) {
	var n, r [2]float64
	for i, a := range o {
		side := 0
		switch {
		case math.IsNaN(a) || a == f.Share:
			continue
		case a > f.Share:
			side = 1
		}
		n[side]++
		if right[i] {
			r[side]++
		}
	}
	p, q := r[0]/n[0], r[1]/n[1]
	f.Drop, f.DropSE = p-q, math.Sqrt(float64(p*(1-p)/n[0])+float64(q*(1-q)/n[1]))
}

// Answer is what a fit says about a change of regime.
type Answer int

// The answers. None reaches up to a share; see Fit.UpTo.
const (
	CannotTell Answer = iota
	Found             // M stops predicting the order of learning at Fit.Share
	None              // it predicts it up to Fit.UpTo
)

const (
	critical  = 15 // of LR: a skewed difficulty alone bends the line, so that more is asked than this
	leastUpTo = .5
	dropInSE  = 3
)

// flat: the slope after the break is 0 within an interval that is narrower than the straight slope,
// or clearly below a quarter of it.
func (f Fit) flat() bool {
	half := float64(z975 * f.AfterSE)
	lo, hi := f.After-half, f.After+half
	return lo <= 0 && hi-lo < f.Slope || hi < weakFraction*f.Slope
}

// Broken reports whether a line with a break fits clearly better than a straight one.
func (f Fit) Broken() bool { return f.LR > critical }

// Answer judges the fit.
func (f Fit) Answer() Answer {
	switch {
	case f.Tie > MostTied || f.Tried == 0:
		return CannotTell
	case f.Broken() && f.flat() && f.Drop > dropInSE*f.DropSE:
		return Found
	case f.UpTo >= leastUpTo || !f.Broken() && f.SlopeSE < weakFraction*f.Slope && f.Slope > 0:
		return None
	}
	return CannotTell
}
