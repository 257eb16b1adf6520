package contingency

import (
	"encoding/json"
	"math"
	"testing"
)

// Wilson's interval has Hi and Lo as the two p0 at which a score test just rejects: |p - p0| =
// z·sqrt(p0(1-p0)/n). That is checked, and not the formula.
func TestWilsonInvertsTheScoreTest(t *testing.T) {
	for _, n := range []int{1, 2, 7, 50, 10000} {
		for _, hits := range []int{0, 1, n / 3, n / 2, n - 1, n} {
			if hits > n {
				continue
			}
			p := Wilson(hits, n)
			if !(0 <= p.Lo && p.Lo <= p.Value && p.Value <= p.Hi && p.Hi <= 1) {
				t.Errorf("%d of %d: %v out of order", hits, n, p)
			}
			for _, end := range []float64{p.Lo, p.Hi} {
				want := Z95 * math.Sqrt(end*(1-end)/float64(n))
				if end != 0 && end != 1 {
					near(t, "score", math.Abs(p.Value-end), want, 1e-9)
				}
			}
		}
	}
	// scipy 1.17.1, binomtest(7, 50).proportion_ci(method="wilson"), which has z = 1.959964.
	p := Wilson(7, 50)
	near(t, "lo", p.Lo, .06950, 2e-5)
	near(t, "hi", p.Hi, .26187, 2e-5)
	for _, bad := range [][2]int{{0, 0}, {-1, 5}, {6, 5}, {1, -1}} {
		if p := Wilson(bad[0], bad[1]); p != (Proportion{}) {
			t.Errorf("Wilson(%v) = %v, want undefined", bad, p)
		}
	}
}

func TestAccuracyByHand(t *testing.T) {
	labels, predictions := []uint16{1, 2, 300, 4}, []uint16{1, 2, 300, 0}
	if right, accuracy := Right(labels, predictions), Accuracy(labels, predictions); right != 3 || accuracy != .75 {
		t.Errorf("%d right, accuracy %v, want 3 and .75", right, accuracy)
	}
	if accuracy := Accuracy(nil, nil); !math.IsNaN(accuracy) {
		t.Errorf("accuracy %v without examples, want NaN", accuracy)
	}
}

func TestRatioWithZeroCells(t *testing.T) {
	for _, c := range []struct {
		table Table
		want  string
	}{
		{Table{0, 0, 3, 4}, "undefined"}, // M right on nothing
		{Table{3, 4, 0, 0}, "undefined"}, // M right on all
		{Table{0, 5, 0, 5}, "undefined"}, // D right on nothing
		{Table{}, "undefined"},
		{Table{10, -3, 5, 5}, "undefined"},
		{Table{50, 0, 0, 50}, "infinite"},
		{Table{0, 50, 50, 0}, "zero"},
		{Table{50, 0, 50, 0}, "number"}, // D right on all
		{Table{1, 0, 1, 0}, "number"},
	} {
		r := c.table.Ratio()
		got := "undefined"
		switch {
		case r.Infinite && r.OneSided && r.Lo > 1 && r.Hi == 0 && r.Value == 0 && !r.Defined:
			got = "infinite"
		case r.Defined && r.OneSided && r.Value == 0 && r.Lo == 0 && r.Hi > 0 && r.Hi < 1:
			got = "zero"
		case r.Defined && !r.OneSided && r.Lo <= r.Value && r.Value <= r.Hi:
			got = "number"
		case r != Ratio{}:
			got = r.String()
		}
		if got != c.want {
			t.Errorf("%+v: got %s, want %s", c.table, got, c.want)
		}
	}
}

// 0 of 50 has the upper bound u with (1-u)^50 = .025; 50 of 50 has Wilson's lower bound 50/(50+z²).
func TestOneSidedBoundByHand(t *testing.T) {
	u := 1 - math.Pow(.025, 1./50)
	lo := 50 / (50 + 1.96*1.96)
	r := Table{Both: 50, Neither: 50}.Ratio()
	near(t, "at least", r.Lo, lo/u, 1e-9)
	near(t, "at most", Table{ShallowOnly: 50, DeepOnly: 50}.Ratio().Hi, u/lo, 1e-9)
	if !r.Contains(1e9) || r.Contains(1) || (Ratio{}).Contains(1) {
		t.Errorf("%v contains the wrong numbers", r)
	}
}

func finite(xs ...float64) bool {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

func TestNothingLeavesAsNaNOrInfinity(t *testing.T) {
	check := func(x Table) {
		r, p, q := x.Ratio(), x.RPlus(), x.RMinus()
		if !finite(r.Value, r.Lo, r.Hi, p.Value, p.Lo, p.Hi, q.Value, q.Lo, q.Hi,
			x.Kappa().Value, x.Nestedness().Value, x.AttainableMax().Value,
			x.Independence().Value, x.DeepAccuracy().Value, x.ShallowAccuracy().Value) {
			t.Errorf("%+v: NaN or infinity", x)
		}
		if r.Defined && !(r.Lo <= r.Value && r.Value <= r.Hi) {
			t.Errorf("%+v: interval %v does not hold its value", x, r)
		}
		if _, err := json.Marshal([]any{r, p, q, x.Kappa(), x.AttainableMax()}); err != nil {
			t.Errorf("%+v: %v", x, err)
		}
	}
	check(Table{})
	check(Table{-1, -1, -1, -1})
	check(Table{-5, 1, 2, 9})
	smallTables(9, check)
	randomTables(500, check)
}

func TestJSONForms(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{Table{1, 2, 3, 4}, `{"both":1,"shallow_only":2,"deep_only":3,"neither":4}`},
		{Ratio{Value: 2, Lo: 1.5, Hi: 2.5, Defined: true}, `{"value":2,"lo":1.5,"hi":2.5}`},
		{Ratio{Lo: 3, Infinite: true, OneSided: true}, `{"value":null,"lo":3,"hi":null,"one_sided":true,"state":"infinite"}`},
		{Ratio{Hi: .5, Defined: true, OneSided: true}, `{"value":0,"lo":0,"hi":0.5,"one_sided":true}`},
		{Ratio{}, `{"value":null,"lo":null,"hi":null,"state":"undefined"}`},
		{Proportion{Value: .5, Lo: .25, Hi: .75, Defined: true, Hits: 2, Of: 4}, `{"value":0.5,"lo":0.25,"hi":0.75,"hits":2,"of":4}`},
		{Proportion{}, `{"value":null,"lo":null,"hi":null,"state":"undefined"}`},
		{Number{Value: 1.5, Defined: true}, `1.5`},
		{Number{Infinite: true}, `null`},
	} {
		got, err := json.Marshal(c.value)
		if err != nil || string(got) != c.want {
			t.Errorf("%#v: got %s, %v, want %s", c.value, got, err, c.want)
		}
	}
}

func TestJSONRoundTrip(t *testing.T) {
	smallTables(4, func(x Table) {
		b, err := json.Marshal(struct {
			R Ratio
			P Proportion
			K Number
		}{x.Ratio(), x.RPlus(), x.Kappa()})
		if err != nil {
			t.Fatal(err)
		}
		var back struct {
			R Ratio
			P Proportion
			K Number
		}
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if back.R != x.Ratio() || back.P != x.RPlus() || back.K != x.Kappa() {
			t.Errorf("%+v came back as %+v from %s", x, back, b)
		}
	})
	for _, bad := range []string{`{"value":1,"state":"infinite"}`, `{"value":null}`, `{"value":null,"state":"lost"}`, `"x"`} {
		var r Ratio
		var p Proportion
		if json.Unmarshal([]byte(bad), &r) == nil || json.Unmarshal([]byte(bad), &p) == nil {
			t.Errorf("%s was read as %v and %v", bad, r, p)
		}
	}
	var k Number
	if json.Unmarshal([]byte(`"x"`), &k) == nil {
		t.Error("a string was read as a number")
	}
}

func TestStrings(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Table{4000, 1000, 1500, 3500}.Ratio().String(), "2.667 [2.550, 2.788]"},
		{Table{4000, 1000, 1500, 3500}.RPlus().String(), "0.800 [0.789, 0.811]"},
		{Table{4000, 1000, 1500, 3500}.Kappa().String(), "0.500"},
		{Table{50, 0, 0, 50}.Ratio().String(), "infinite [at least 13.057]"},
		{Table{0, 50, 50, 0}.Ratio().String(), "0.000 [at most 0.077]"},
		{Ratio{}.String(), "undefined"},
		{Proportion{}.String(), "undefined"},
		{Number{}.String(), "undefined"},
		{Number{Infinite: true}.String(), "infinite"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
