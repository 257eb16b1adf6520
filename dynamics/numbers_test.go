package dynamics

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"shoal/contingency"
)

// recorded are the numbers of a summary of a run in records, as its text has them, by reference and
// claim.
func recorded(t *testing.T, record string) map[string]map[string]json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "records", record, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		References []struct {
			Name     string
			Verdicts map[string]struct{ Numbers json.RawMessage }
		}
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]json.RawMessage{}
	for _, r := range s.References {
		out[r.Name] = map[string]json.RawMessage{}
		for claim, v := range r.Verdicts {
			out[r.Name][claim] = v.Numbers
		}
	}
	return out
}

// sameJSON wants two texts to hold the same value.
func sameJSON(t *testing.T, what string, got, want []byte) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(want, &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%s: got  %s\nwant %s", what, got, want)
	}
}

// Summaries by older rules are read, and written as they were.
func TestNumbersOfRecords(t *testing.T) {
	for _, record := range []string{"2026-11-24-cifar10", "2026-11-24-cifar100-format"} {
		references := recorded(t, record)
		if len(references) < 2 {
			t.Errorf("%s has %d references, want 2 or more", record, len(references))
		}
		for name, claims := range references {
			for claim, was := range claims {
				var n Numbers
				if err := json.Unmarshal(was, &n); err != nil {
					t.Errorf("%s, %s, %s: %v", record, name, claim, err)
					continue
				}
				text, err := json.Marshal(n)
				if err != nil {
					t.Fatal(err)
				}
				sameJSON(t, claim, text, was)
			}
		}
	}
}

// List has every key of the JSON once, sorted, as a value of its type.
func TestNumbersList(t *testing.T) {
	l, ref := shallowFirst(newWorld(1, 1000, 100))
	for _, v := range judge(t, l, ref, JudgeOptions{}).Verdicts {
		text, err := json.Marshal(v.Numbers)
		if err != nil {
			t.Fatal(err)
		}
		var values map[string]json.RawMessage
		if err := json.Unmarshal(text, &values); err != nil {
			t.Fatal(err)
		}
		list := v.Numbers.List()
		if len(list) < 2 || len(list) != len(values) || !slices.IsSortedFunc(list, func(a, b NamedValue) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("claim %d lists %v of %s", v.Claim, list, text)
		}
		for _, item := range list {
			value, err := json.Marshal(item.Value)
			if want := values[strings.ReplaceAll(item.Name, " ", "_")]; err != nil || string(value) != string(want) {
				t.Errorf("claim %d: %s is %s, %v, want %s", v.Claim, item.Name, value, err, want)
			}
		}
	}
	if list := (Numbers{}).List(); len(list) != 0 {
		t.Errorf("nothing lists %v", list)
	}
	hidden := Numbers{Peak: &PeakNumbers{Smoothing: "s", Evaluations: 3}}
	want := []NamedValue{{"evaluations", 3}, {"found", false}, {"smoothing", "s"}}
	if got := hidden.List(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A number that is missing doesn't read as 0: what lacks one is only kept.
func TestDamagedNumbers(t *testing.T) {
	l, ref := shallowFirst(newWorld(1, 1000, 100))
	for _, v := range judge(t, l, ref, JudgeOptions{}).Verdicts {
		text, err := json.Marshal(v.Numbers)
		var values map[string]json.RawMessage
		if err == nil {
			err = json.Unmarshal(text, &values)
		}
		if err != nil {
			t.Fatal(err)
		}
		for key, value := range values {
			delete(values, key)
			damaged, err := json.Marshal(values)
			if err != nil {
				t.Fatal(err)
			}
			var n Numbers
			if err := json.Unmarshal(damaged, &n); err != nil || n.part() != nil || len(n.List()) != 0 {
				t.Errorf("claim %d without %q was read as %+v, %v", v.Claim, key, n, err)
			}
			again, err := json.Marshal(n)
			if err != nil {
				t.Fatal(err)
			}
			sameJSON(t, key, again, damaged)
			values[key] = value
		}
	}
	for _, bad := range []string{`7`, `"x"`, `[]`} {
		var n Numbers
		if err := json.Unmarshal([]byte(bad), &n); err == nil {
			t.Errorf("%s was read as %+v", bad, n)
		}
	}
	for _, none := range []string{`null`, `{}`} {
		n := Numbers{Start: &StartNumbers{}}
		if err := json.Unmarshal([]byte(none), &n); err != nil || n != (Numbers{}) {
			t.Errorf("%s was read as %+v, %v", none, n, err)
		}
	}
}

// hostile draws numbers that are hard to write down.
type hostile struct{ *rand.Rand }

func (r hostile) float() float64 {
	all := []float64{0, math.Copysign(0, -1), 1, -1, 1. / 3, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 1e21, 1e-7, 123456789.123456789}
	if k := r.IntN(2 * len(all)); k < len(all) {
		return all[k]
	}
	return r.NormFloat64()
}

func (r hostile) int() int {
	return []int{0, 1, -1, math.MaxInt, math.MinInt, r.IntN(1000)}[r.IntN(6)]
}

func (r hostile) table() contingency.Table {
	return contingency.Table{Both: r.IntN(3), ShallowOnly: r.IntN(3), DeepOnly: r.IntN(3), Neither: r.IntN(3)}
}

// fill sets all fields of a struct, those of structs and pointers inside too.
func (r hostile) fill(v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *contingency.Ratio:
		*x = r.table().Ratio() // often one-sided, infinite or undefined
	case *contingency.Proportion:
		*x = r.table().RPlus()
	case *contingency.Number:
		*x = r.table().Nestedness()
	case *contingency.Table:
		*x = r.table()
	case *Estimate:
		*x = []Estimate{{}, {r.float(), r.float(), r.float(), true}}[r.IntN(2)]
	case *float64:
		*x = r.float()
	case *NullFloat:
		*x = NullFloat(r.float())
	case **bool:
		yes := r.IntN(2) == 0
		*x = []*bool{nil, &yes}[r.IntN(2)]
	case **float64:
		number := r.float()
		*x = []*float64{nil, &number}[r.IntN(2)]
	case *int:
		*x = r.int()
	case *bool:
		*x = r.IntN(2) == 0
	case *string:
		*x = []string{"", "R± \"1\"", "<\u2028>\x00", "m"}[r.IntN(4)]
	default:
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.New(v.Type().Elem()))
			v = v.Elem()
		}
		for i := range v.NumField() {
			r.fill(v.Field(i))
		}
	}
}

// judgement makes one that is hard to write down. Of its numbers only the attainable maxima follow
// from others: they are those of its tables.
func (r hostile) judgement() *Judgement {
	j := &Judgement{Reference: "m", First: r.table().Ratio(), Last: r.table().Ratio(), Final: r.table(), LastK: r.int(),
		Smooth: make([]SmoothPoint, r.IntN(3)), Persistent: [][]int{nil, {}, {0, 5}}[r.IntN(3)]}
	r.fill(reflect.ValueOf(&j.Peak).Elem())
	for k := range j.Smooth {
		r.fill(reflect.ValueOf(&j.Smooth[k]).Elem())
	}
	for claim := 1; claim <= Claims; claim++ {
		v := Verdict{Claim: claim, Title: "R±", Verdict: []Outcome{Holds, Fails, CannotJudge}[r.IntN(3)], Reason: "because"}
		n := reflect.ValueOf(&v.Numbers).Elem()
		r.fill(n.Field(claim - 1))
		if c := v.Numbers.curve(); c != nil {
			if c.Found {
				c.PeakAttainableMax = j.Peak.Table.AttainableMax()
			} else {
				c.CurveShape = nil
			}
		}
		if s := v.Numbers.Settling; s != nil {
			s.LastAttainableMax = j.Final.AttainableMax()
		}
		j.Verdicts = append(j.Verdicts, v)
	}
	return j
}

// comesBack wants a judgement to be the same after a trip through JSON, and its text to be.
func comesBack(t *testing.T, j *Judgement) {
	t.Helper()
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	var back *Judgement
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if !reflect.DeepEqual(back, j) {
		t.Errorf("%s came back as\ngot  %+v\nwant %+v", text, back, j)
	}
	if again, err := json.Marshal(back); err != nil || string(again) != string(text) {
		t.Errorf("%v: got  %s\nwant %s", err, again, text)
	}
}

func TestJudgementComesBackFromJSON(t *testing.T) {
	r := hostile{rand.New(rand.NewPCG(7, 7))}
	unbounded := 0
	for range 300 {
		j := r.judgement()
		comesBack(t, j)
		if j.Verdicts[2].Numbers.Settling.LastAttainableMax.Infinite {
			unbounded++
		}
	}
	if unbounded < 30 {
		t.Errorf("%d of 300 judgements have a ratio without bound, want some", unbounded)
	}
}

func TestJudgeAll(t *testing.T) {
	l, ref := shallowFirst(newWorld(1, 500, 40))
	o := JudgeOptions{Resampling: Resampling{Replicates: 30, Seed: 5}, LastK: 4}
	control := l.Final("control")
	all, err := JudgeAll(context.Background(), l, []Reference{ref, control}, o)
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	for k, r := range []Reference{ref, control} {
		if want := judge(t, l, r, o); !reflect.DeepEqual(all[k], want) {
			t.Errorf("%s: got %+v, want %+v", r.Name, all[k], want)
		}
	}
	if none, err := JudgeAll(context.Background(), l, nil, o); none == nil || len(none) != 0 || err != nil {
		t.Errorf("without references: %v, %v", none, err)
	}
	if _, err := JudgeAll(context.Background(), l, []Reference{ref, {Name: "short"}}, o); err == nil || !strings.Contains(err.Error(), `"short"`) {
		t.Errorf("a short reference: %v", err)
	}
}
