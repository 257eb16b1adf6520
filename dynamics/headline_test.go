package dynamics

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"shoal/internal/simdraws"
)

// The interval of a mean over seeds covers the truth in 92 to 97 % of the draws, whichever of seeds
// and examples varies more.
func TestSeedsAndExamplesCover(t *testing.T) {
	r := rand.New(rand.NewPCG(simdraws.Seed(t, 0), 2))
	draws := simdraws.Of(t, 400)
	const slack = 3 // standard errors of the rate
	for _, seeds := range []int{3, 5, 10} {
		for _, examples := range []float64{0, .3, 1, 4} { // sd of what all seeds share, that of a seed being 1
			hits := 0
			for range draws {
				shared, values := examples*r.NormFloat64(), make([]float64, seeds)
				for s := range values {
					values[s] = shared + r.NormFloat64()
				}
				if e := seedsAndExamples(values, examples*examples); e.Lo <= 0 && 0 <= e.Hi {
					hits++
				}
			}
			got, se := float64(hits)/float64(draws), slack*math.Sqrt(.95*.05/float64(draws))
			t.Logf("| mean over %d seeds, examples %v | %.3f |", seeds, examples, got)
			if !(got > .92-se && got < .97+se) {
				t.Errorf("%d seeds, examples %v: covers %.3f", seeds, examples, got)
			}
		}
	}
}

func TestHeadlines(t *testing.T) {
	w := newWorld(1, 1000, 60)
	ref := w.reference(.6)
	var runs []*Log
	for range 3 {
		runs = append(runs, w.byReference(ref, .02, rising(.98, 8, 3), rising(.8, 50, 2)))
	}
	for n := 1; n <= 3; n++ {
		all, err := Headlines(context.Background(), runs[:n], ref, Resampling{Replicates: 60})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range all {
			if len(h.Seeds) != n || h.Mean.Defined != (n == 3) || (h.Note == "") != (n == 3) {
				t.Errorf("%d seeds: %+v", n, h)
			}
			if n == 3 && h.Name != HeadlinePeak {
				ownMean(t, h)
			}
		}
		last := all[2].Seeds[0]
		if want := newEvidence(runs[0], ref, JudgeOptions{}).last.Ratio(); !(math.Abs(last.Value/want.Value-1) < .01) || !(last.Lo < want.Value && want.Value < last.Hi) {
			t.Errorf("last ratio %v, want about %v", last, want)
		}
	}
	if _, err := Headlines(context.Background(), nil, ref, Resampling{}); err == nil {
		t.Error("headlines of no runs")
	}
}

// ownMean wants the mean of a headline to be that of the seeds beside it: nothing but a maximum is corrected.
func ownMean(t *testing.T, h Headline) {
	t.Helper()
	ratio := strings.HasSuffix(h.Name, "R±")
	mean := 0.0
	for _, e := range h.Seeds {
		if ratio {
			e.Value = math.Log(e.Value)
		}
		mean += e.Value / float64(len(h.Seeds))
	}
	if ratio {
		mean = math.Exp(mean)
	}
	near(t, h.Name, h.Mean.Value, mean, 1e-12)
}

// An infinite R± is no number, however large: of one seed alone it leaves no mean.
func TestHeadlineInfinite(t *testing.T) {
	w := newWorld(1, 600, 20)
	ref := w.reference(.6)
	runs := []*Log{}
	for range 3 {
		runs = append(runs, w.byReference(ref, .02, rising(.98, 8, 3), rising(.8, 20, 2)))
	}
	last := runs[1].Predictions[len(runs[1].Predictions)-1]
	for i, label := range w.labels {
		if ref.Predictions[i] != label { // D misses all that M misses
			last[i] = (label + 1) % simClasses
		}
	}
	all, err := Headlines(context.Background(), runs, ref, Resampling{Replicates: 60})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range all {
		infinite := h.Name == "last R±"
		if infinite != (h.Note != "") || h.Mean.Defined == infinite {
			t.Errorf("%+v", h)
		}
		for s, e := range h.Seeds {
			if e.Defined == (infinite && s == 1) {
				t.Errorf("%s, seed %d: %v", h.Name, s, e)
			}
		}
	}
}

// Resamples in which R± is infinite are left out of a mean's interval while they are few; of many the note
// says that there is none.
func TestHeadlineWithFewCells(t *testing.T) {
	w := newWorld(1, 2000, 20)
	ref := w.reference(.6)
	for right, want := range map[int]bool{6: true, 2: false} {
		runs := []*Log{}
		for range 3 {
			l := w.byReference(ref, .02, rising(.98, 8, 3), rising(.8, 20, 2))
			last, kept := l.Predictions[len(l.Predictions)-1], 0
			for i, label := range w.labels {
				if ref.Predictions[i] == label {
					continue
				}
				if last[i] = (label + 1) % simClasses; kept < right {
					last[i] = label
					kept++
				}
			}
			runs = append(runs, l)
		}
		all, err := Headlines(t.Context(), runs, ref, Resampling{Replicates: 400})
		if err != nil {
			t.Fatal(err)
		}
		if h := all[2]; h.Mean.Defined != want || (h.Note == "") != want {
			t.Errorf("%d right of what M gets wrong: %v, %q", right, h.Mean, h.Note)
		}
	}
}

func TestNoMean(t *testing.T) {
	values := []float64{0, math.Inf(1), math.Inf(-1), math.NaN(), math.Inf(-1)}
	if got, want := missing(values), "no mean: of 5 seeds infinite in 1, 0 in 2 and undefined in 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := missing(values[:1]); got != "" {
		t.Errorf("got %q of a number, want nothing", got)
	}
}

func TestCommonVarianceByHand(t *testing.T) {
	near(t, "covariance", commonVariance([][]float64{{1, 2, 3}, {2, 4, 6}, {3, 2, 1}}), (2.-1-2)/3, 1e-12)
}

// left is a world of three seeds whose reference is a learner like them, but for planted examples
// that it alone gets right.
func left(seed uint64, planted int) ([]*Log, Reference) {
	w := newWorld(seed, 3000, 60)
	difficulty := make([]float64, len(w.labels))
	for i := range difficulty {
		difficulty[i] = w.r.NormFloat64()
	}
	run := func() *Log {
		own := make([]float64, len(difficulty))
		for i := range own {
			own[i] = difficulty[i] + .5*w.r.NormFloat64()
			if i < planted {
				own[i] = 9
			}
		}
		return w.network(.02, func(i, step int) float64 {
			if own[i] < -2.5+4*math.Min(1, float64(step)/40) {
				return 1
			}
			return 0
		})
	}
	runs := []*Log{run(), run(), run()}
	other := run()
	ref := other.At("m", other.NearestAccuracy(.6))
	for i := range planted {
		ref.Predictions[i] = w.labels[i]
	}
	return runs, ref
}

// A reference that is one more seed leaves no more than a seed does: the claim holds in hardly any
// draw. With 60 planted examples it holds in nearly all.
func TestJudgeLeft(t *testing.T) {
	draws := simdraws.Of(t, 4)
	for _, c := range []struct {
		planted, least, most int // per cent of the draws that hold
	}{{0, 0, 5}, {60, 85, 100}} {
		holds, covered := 0, 0
		for d := range draws {
			runs, ref := left(simdraws.Seed(t, d), c.planted)
			got, err := JudgeLeft(runs, ref)
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict == Holds {
				holds++
			}
			if d := got.Difference; d.Lo <= float64(c.planted) && float64(c.planted) <= d.Hi {
				covered++
			}
			if got.Reason == "" || !got.Difference.Defined {
				t.Errorf("%+v", got)
			}
		}
		t.Logf("| %d planted | holds in %.3f | the interval covers it in %.3f |", c.planted, float64(holds)/float64(draws), float64(covered)/float64(draws))
		if 100*holds < c.least*draws || 100*holds > c.most*draws {
			t.Errorf("%d planted: holds in %d of %d draws", c.planted, holds, draws)
		}
	}
	runs, ref := left(1, 60)
	for n, want := range map[int]string{1: "one seed", 2: "two seeds"} {
		if got, err := JudgeLeft(runs[:n], ref); err != nil || got.Verdict != CannotJudge || !strings.Contains(got.Reason, want) {
			t.Errorf("%d seeds: %+v, %v", n, got, err)
		}
	}
	// What wasn't counted is no 0.
	for k, l := range runs {
		runs[k] = l.pick(func(t int) bool { return t < 20 })
	}
	if got, err := JudgeLeft(runs, ref); err != nil || got.Verdict != CannotJudge || got.Reference != nil || got.Network != nil || got.Difference.Defined {
		t.Errorf("runs that didn't converge: %+v, %v", got, err)
	}
}

// A seed that is nowhere as accurate as the reference is no measure for it.
func TestJudgeLeftAtNoEqualAccuracy(t *testing.T) {
	runs, ref := left(1, 60)
	for k, l := range runs {
		runs[k] = l.pick(func(t int) bool { return t > 40 })
	}
	got, err := JudgeLeft(runs, ref)
	if err != nil || got.Verdict != CannotJudge || !strings.Contains(got.Reason, "no evaluation") || len(got.Reference) != 3 || got.Network != nil || got.Difference.Defined {
		t.Errorf("%+v, %v", got, err)
	}
}
