package figure

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/gif"
	"image/png"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"shoal/report/internal/simrun"
)

// small is a quick run with a forgetful network: 120 steps, 400 examples.
func small() simrun.Options {
	o := simrun.MNIST(400)
	o.Steps, o.StepsPerEpoch, o.HalfLearned = simrun.EveryStep(120), 60, 20
	return o
}

// single evaluations, undefined values and odd axes that no figure may stumble over.
func oddCurves(t *testing.T) map[string]Curves {
	t.Helper()
	out := map[string]Curves{"small": simulated("MNIST", "cnn2", small(), 0)}
	one := Curves{Dataset: "A & B", Network: "<net>", Reference: "svm \"x\"", Steps: []int{0}, Epochs: []float64{0}}
	addTable(&one, [4]float64{5, 45, 5, 45})
	out["one evaluation"] = one
	empty := Curves{Dataset: "D", Network: "N", Reference: "all wrong"}
	for i := range 5 {
		empty.Steps, empty.Epochs = append(empty.Steps, 7*i+3), append(empty.Epochs, 0)
		addTable(&empty, [4]float64{0, 0, float64(i), 100 - float64(i)})
	}
	out["reference never right"] = empty
	huge := Curves{Dataset: "D", Network: "N", Reference: "r"}
	for _, s := range []int{0, 1, 1000, 10_000_000} {
		huge.Steps, huge.Epochs = append(huge.Steps, s), append(huge.Epochs, float64(s)/391)
		addTable(&huge, [4]float64{9000, 500, 1, 499})
	}
	out["R± of 473"] = huge
	return out
}

func TestEveryFigureIsSound(t *testing.T) {
	for name, c := range oddCurves(t) {
		for _, f := range []*Figure{Ratio(c), Rates(c), Cells(c), Nestedness(c), Overview(c),
			Figure1("svm", []Column{{Dataset: "D", Curves: &c}, {Dataset: "CIFAR-100"}, {Dataset: "E"}})} {
			t.Run(name+"/"+f.Name, func(t *testing.T) { sound(t, f) })
		}
	}
}

func TestOtherFiguresAreSound(t *testing.T) {
	o := small()
	oval := simulatedOval(o)
	oval.Frames = oval.Frames[:3]
	sound(t, oval.Still(100))
	sound(t, Learning(simulatedOrder(o)))
	c := simulated("MNIST", "cnn2", o, 0)
	sound(t, Ladder{Dataset: "D", Network: "N", Rungs: []Rung{{Name: "linear", Accuracy: .4, Slope: Between(.5, .4, .6)},
		{Name: "starved", Accuracy: .41, Slope: Between(.7, .65, .8), Network: true, Change: true}, {Name: "knn", Accuracy: .4}}}.Draw())
	seeds := func(name string, final Point) Trial {
		return Trial{Name: name, Steps: c.Steps, Epochs: c.Epochs, Accuracy: c.RPlus, Seeds: []float64{.8, .9}, Final: final, Difference: Exact(final.Value - .9), Apart: name == "b"}
	}
	trials := Trials{Dataset: "D", Network: "N", Note: "2 seeds", Baseline: "a", List: []Trial{seeds("a", Between(.9, .85, .95)),
		seeds("b", Between(.3, .2, .4)), seeds("c", Exact(.91)), seeds("d", Exact(.92)), {Name: "bare", Accuracy: []Point{}}}}
	for _, f := range []*Figure{trials.Curves(), trials.Finals(), Trials{List: trials.List[4:]}.Curves(), Trials{List: trials.List[4:]}.Finals()} {
		sound(t, f)
		sound(t, f.Slim())
	}
	sound(t, Heat{Name: "heat", Title: "T", Models: []string{"a", "b"},
		Values: [][]Point{{{}, Exact(-.3)}, {Between(.9, .8, .95), Exact(math.NaN())}}}.Draw())
}

// sound checks what every figure promises: well-formed SVG, a title, no NaN, the same bytes twice,
// and a PNG of the asked size.
func sound(t *testing.T, f *Figure) {
	t.Helper()
	svg, img, err := f.Encode(72)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, svg)
	wellFormed(t, []byte(f.Inline()))
	if !strings.Contains(string(svg), "<title>") || f.Description == "" && !strings.HasPrefix(f.Name, "heat") {
		t.Errorf("figure %q has no title or description", f.Name)
	}
	again, pngAgain, _ := f.Encode(72)
	if !bytes.Equal(svg, again) || !bytes.Equal(img, pngAgain) {
		t.Errorf("figure %q differs from itself when drawn again", f.Name)
	}
	p, err := png.Decode(bytes.NewReader(img))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Bounds().Dx(); math.Abs(float64(got)-float64(f.Width)) > 1.5 {
		t.Errorf("figure %q is %d pixels wide at 72 dpi, want %v", f.Name, got, f.Width)
	}
}

func wellFormed(t *testing.T, svg []byte) {
	t.Helper()
	if err := checkSVG(svg); err != nil {
		t.Error(err)
	}
}

// badNumber finds what a figure must not hold. Not "Inf" alone: "Information" is a fine word for a
// dataset.
var badNumber = regexp.MustCompile(`NaN|[+-]Inf\b|\dInf\b`)

func checkSVG(svg []byte) error {
	if bad := badNumber.Find(svg); bad != nil {
		return errors.New("SVG holds " + string(bad))
	}
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestCheckSVGFindsWhatItShould(t *testing.T) {
	for _, bad := range []string{`<svg><path d="M1 NaN"/></svg>`, `<svg><g></svg>`, `<svg><path d="M+Inf 0"/></svg>`} {
		if checkSVG([]byte(bad)) == nil {
			t.Errorf("%s passes", bad)
		}
	}
}

func TestSeriesAreNamed(t *testing.T) {
	o := small()
	o.References = []simrun.Reference{{Name: "svm", Accuracy: .6, Shared: .7}} // weak: R± has an attainable maximum
	c := simulated("MNIST", "cnn2", o, 0)
	order := simulatedOrder(small())
	for _, q := range []struct {
		f     *Figure
		title string
		want  []string
	}{
		{Ratio(c), c.ratioFinding(), []string{"ratio", "ratio band", "independence", "attainable maximum"}},
		{Rates(c), c.ratesFinding(), []string{"R+", "R-", "accuracy", "reference accuracy"}},
		{Cells(c), c.cellsFinding(), []string{"both", "shallow_only", "deep_only", "neither"}},
		{Nestedness(c), c.nestednessFinding(), []string{"nestedness", "kappa", "tetrachoric", "independence"}},
		{Learning(order), order.finding(), []string{"first right, reference right", "right for good, reference wrong"}},
	} {
		var b bytes.Buffer
		if err := q.f.SVG(&b); err != nil {
			t.Fatal(err)
		}
		for _, name := range q.want {
			// The group must hold a path: a name without a line would be an empty promise.
			if !regexp.MustCompile(`data-series="` + regexp.QuoteMeta(name) + `">\s*<path`).MatchString(b.String()) {
				t.Errorf("figure %q: no line in series %q", q.f.Name, name)
			}
		}
		if !strings.Contains(b.String(), ">"+q.title+"</text>") {
			t.Errorf("figure %q does not show its title", q.f.Name)
		}
	}
}

// Shares within classes are reached at different times, so that no step stands beneath them.
func TestRegimeWithinClassesHasNoSteps(t *testing.T) {
	for within, want := range map[bool]string{false: "% of the examples learned before it, by which step, and accuracy then, in %", true: "% of its class learned before it"} {
		r := Regime{Reference: "svm", WithinClasses: within, Slots: []RegimeSlot{{From: 0, To: .5, N: 40, Right: 30}}}
		if !within {
			r.Steps, r.Learned, r.Accuracy = []int{7}, []float64{.5}, []float64{.5}
		}
		var b bytes.Buffer
		if err := r.Draw().SVG(&b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), ">"+want+"</text>") || strings.Contains(b.String(), ">step</text>") == within {
			t.Errorf("within classes %v: want %q beneath, and a row of steps or none", within, want)
		}
	}
}

// Every two curves of a panel must differ in dash pattern, or a copy in grey could not be read.
func TestDashesDiffer(t *testing.T) {
	for name, v := range map[string]view{"ratio": ratioView, "rates": ratesView, "cells": cellsView, "nestedness": nestedView} {
		for i, a := range v.entries {
			for _, b := range v.entries[:i] {
				if slices.Equal(a.st.dash, b.st.dash) {
					t.Errorf("%s: %q and %q have the same dash pattern", name, a.name, b.name)
				}
			}
		}
	}
}

func TestFigure1SaysNoRun(t *testing.T) {
	c := simulated("MNIST", "cnn2", small(), 0)
	svg := Figure1("svm", []Column{{Curves: &c}, {Dataset: "CIFAR-10"}, {Dataset: "CIFAR-100"}}).Inline()
	if got := strings.Count(svg, ">no run<"); got != 6 {
		t.Errorf("%d cells say that there is no run, want 6", got)
	}
	if got := strings.Count(svg, `class="area"`); got != 3 {
		t.Errorf("%d panels have axes, want 3", got)
	}
}

func TestCurvesCheck(t *testing.T) {
	good := simulated("MNIST", "cnn2", small(), 0)
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	short, back := good, good
	short.Ratio = short.Ratio[1:]
	back.Steps = append([]int{5}, back.Steps[1:]...)
	for _, bad := range []Curves{{}, short, back} {
		if bad.Check() == nil {
			t.Errorf("curves with %d steps and %d ratios pass", len(bad.Steps), len(bad.Ratio))
		}
	}
}

func TestGIF(t *testing.T) {
	oval := simulatedOval(small())
	oval.Frames = oval.Frames[:4]
	var b bytes.Buffer
	if err := oval.GIF(&b, 200, 48); err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(&b)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Image) != 4 || g.LoopCount != 0 {
		t.Errorf("%d frames and loop count %d, want 4 and 0 (endless)", len(g.Image), g.LoopCount)
	}
	if bytes.Equal(g.Image[0].Pix, g.Image[3].Pix) {
		t.Error("the animation does not move")
	}
}
