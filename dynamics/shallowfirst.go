package dynamics

import (
	"fmt"
	"math"
	"strings"

	"shoal/dynamics/regime"
)

// StarvedPrefix begins the names of starved controls: starved-svm is a network like the one that is
// followed, trained to convergence on so few examples that it is as accurate as svm.
const StarvedPrefix = "starved-"

// RungPrefix begins the names of the rungs of a ladder: references of many kinds, all about as
// accurate as each other.
const RungPrefix = "ladder-"

const (
	agreesAfter   = .5 // rank correlation of two seeds' orders after a change, from which on they share one
	chanceAfter   = .2 // and below which it is chance: where the rest is equally hard it is about .1
	sameChange    = .1 // distance of two changes, in shares learned, that are one
	fewestCompare = 20 // examples after a change, for a correlation
)

// InCompany says of changes that were found whether they are "shallow first", which takes more than
// one run: the order in which other seeds of the same network learn the same examples has to agree
// after the change, else it is chance; and a starved control, read by the same test, must not have
// the change in the same place, else it isn't the reference's. own and others are the orders of the
// run and of the other seeds; judged are the run's judgements, in which the starved control of a
// reference has its name after [StarvedPrefix]. It depends on nothing that was said in company before.
func InCompany(own *regime.Learning, others []*regime.Learning, judged []*Judgement) {
	byName := map[string]*Judgement{}
	for _, j := range judged {
		byName[j.Reference] = j
	}
	for _, j := range judged {
		r := &j.Regime
		r.Seeds = 1 + len(others)
		switch {
		case r.Found == nil:
			continue
		case !*r.Found:
			r.shallow(false, "")
			continue
		}
		// What was said in other company, or in this one, is said again from what the run says alone.
		r.ShallowFirst, r.Reason = nil, r.change(j.Reference)
		if len(others) > 0 {
			r.inCompany(j, own, others, byName[StarvedPrefix+j.Reference])
		}
	}
}

// shallow sets the answer, and its reason where there is more than that of Found.
func (r *Regime) shallow(first bool, reason string) {
	r.ShallowFirst = &first
	if reason != "" {
		r.Reason = reason
	}
}

// inCompany is InCompany for a change that was found, with at least one other seed.
func (r *Regime) inCompany(j *Judgement, own *regime.Learning, others []*regime.Learning, starved *Judgement) {
	if starved == nil {
		return
	}
	rho := 0.0
	for _, o := range others {
		one := agreementAfter(own, o, *r.Share)
		if !one.Defined {
			r.Reason += "; whether it is shallow first can't be told: the orders of the seeds can't be compared after it"
			return
		}
		rho += one.Value / float64(len(others))
	}
	m, c := j.Final.ShallowAccuracy().Value, starved.Final.ShallowAccuracy().Value
	at := strings.TrimPrefix(r.Reason, j.Reference+" ")
	switch s := starved.Regime; {
	case !SameAccuracy(m, c):
		r.Reason += fmt.Sprintf("; whether it is shallow first can't be told: the starved control's accuracy of %.2f %% isn't %s's %.2f %%", 100*c, j.Reference, 100*m)
	case rho < chanceAfter:
		r.shallow(false, fmt.Sprintf("not shallow first: %s %s, but after that the order of learning is chance: other seeds agree with it by a rank correlation of only %.2f", j.Reference, at, rho))
	case rho < agreesAfter: // noisy networks that share a second score, or a rest that is nearly equally hard
		r.Reason += fmt.Sprintf("; whether it is shallow first can't be told: after it the seeds' orders agree by a rank correlation of %.2f, too much for chance and too little for one order", rho)
	case !starved.Association.clear():
		r.Reason += "; whether it is shallow first can't be told: the starved control itself doesn't predict the order of learning"
	case s.Found != nil && *s.Found && math.Abs(*s.Share-*r.Share) <= sameChange:
		r.shallow(false, fmt.Sprintf("not shallow first: %s %s, but so does an equally accurate network that was starved of examples, at %.0f %%", j.Reference, at, 100**s.Share))
	default:
		control := "doesn't stop there"
		if s.Found == nil { // the rule asks that none is found, which is less than that there is none
			control = "isn't found to stop there"
		}
		r.shallow(true, fmt.Sprintf("shallow first: %s %s; after that the order of learning is no chance (other seeds agree by a rank correlation of %.2f), and an equally accurate network that was starved of examples %s", j.Reference, at, rho, control))
	}
}

// clear reports whether the reference predicts the order at all.
func (a Association) clear() bool { return a.Lo != nil && *a.Lo > 0 }

// AgreeOnOrder is Spearman's rank correlation of the orders in which two networks learn the same
// examples, over those that the first learns; what the second never learns is its last. Undefined for
// fewer than 20 examples. The interval is over examples.
func AgreeOnOrder(own, other *regime.Learning) Estimate { return agreementAfter(own, other, -1) }

// agreementAfter is the rank correlation of two orders over the examples that the first learns after
// a share. What the second never learns is its last.
func agreementAfter(own, other *regime.Learning, share float64) Estimate {
	var x, y []float64
	for i, a := range own.BySpeed {
		if !(a > share) || other.LeftOut(i) {
			continue
		}
		b := other.BySpeed[i]
		if math.IsNaN(b) { // never learned
			b = 1
		}
		x, y = append(x, a), append(y, b)
	}
	if len(x) < fewestCompare {
		return Estimate{}
	}
	return Spearman(x, y)
}
