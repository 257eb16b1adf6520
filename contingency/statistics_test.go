package contingency

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/statistics.md")

func TestStatisticsAreSound(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	seen := map[string]bool{}
	for _, s := range Statistics() {
		if !name.MatchString(s.Name) || seen[s.Name] || s.Title == "" || s.Meaning == "" || s.Formula == "" {
			t.Errorf("statistic %+v: name used twice or not of lower-case words, or without title, meaning or formula", s)
		}
		seen[s.Name] = true
		for _, table := range someTables() {
			checkReading(t, s, table)
		}
		if r := s.At(Table{}); r.Defined || r.Infinite || r.State() != "undefined" {
			t.Errorf("%s of no examples is %+v, want undefined", s.Name, r)
		}
	}
	if n := len(StatisticsOf(OfNetwork)) + len(StatisticsOf(OfReference)) + len(StatisticsOf(OfBoth)); n != len(seen) {
		t.Errorf("%d statistics have one of the three subjects, want all %d", n, len(seen))
	}
}

// checkReading holds a reading to its unit and form, and a statistic of the network to not
// depending on the reference.
func checkReading(t *testing.T, s Statistic, table Table) {
	t.Helper()
	r := s.At(table)
	if r.Defined && r.Infinite || !r.Defined && r.Value != 0 {
		t.Errorf("%s of %+v is %+v: defined and infinite, or a value that is not defined", s.Name, table, r)
	}
	if s.Form < WithState && s.Form >= WithInterval && r.Infinite {
		t.Errorf("%s of %+v is infinite and has no state to say so", s.Name, table)
	}
	if r.Defined && s.Form >= WithInterval && !(r.Lo <= r.Value && r.Value <= r.Hi) {
		t.Errorf("%s of %+v: %v lies outside [%v, %v]", s.Name, table, r.Value, r.Lo, r.Hi)
	}
	if r.Defined && !within(s.Unit, r.Value) {
		t.Errorf("%s of %+v is %v, out of the range of its unit, %s", s.Name, table, r.Value, s.Unit)
	}
	alone := Table{DeepOnly: table.DeepRight(), Neither: table.N() - table.DeepRight()}
	if s.Of == OfNetwork && s.At(alone) != r {
		t.Errorf("%s of %+v depends on the reference", s.Name, table)
	}
}

func within(u Unit, x float64) bool {
	switch u {
	case Share:
		return x >= 0 && x <= 1
	case Times:
		return x >= 0
	case Index:
		return x <= 1
	case Logs:
		return !math.IsNaN(x) && !math.IsInf(x, 0)
	}
	return false
}

// someTables are all tables of up to 6 examples.
func someTables() []Table {
	var out []Table
	for n := 1; n <= 6; n++ {
		for b := range n + 1 {
			for s := range n - b + 1 {
				for d := range n - b - s + 1 {
					out = append(out, Table{b, s, d, n - b - s - d})
				}
			}
		}
	}
	return out
}

// A few values, by the definitions.
func TestReadings(t *testing.T) {
	table := Table{Both: 40, ShallowOnly: 10, DeepOnly: 20, Neither: 30}
	want := map[string]float64{"accuracy": .6, "reference_accuracy": .5, "r_plus": .8, "r_minus": .4, "ratio": 2, "independence": 1,
		"attainable_max": 5, "nestedness": .5, "kappa": .4, "agreement": .7}
	for _, s := range Statistics() {
		if w, ok := want[s.Name]; ok {
			if r := s.At(table); !r.Defined || !(r.Value-w < 1e-12 && w-r.Value < 1e-12) {
				t.Errorf("%s is %+v, want %v", s.Name, r, w)
			}
			delete(want, s.Name)
		}
	}
	if len(want) > 0 {
		t.Errorf("no statistic is called %v", want)
	}
	infinite := RiskRatio(3, 5, 0, 4)
	if r := ofRatio(infinite); r.State() != "infinite" || r.Ratio() != infinite {
		t.Errorf("got %+v of %+v", r, infinite)
	}
}

// The table in the documents is this list.
func TestDocumentedStatistics(t *testing.T) {
	const file = "../docs/statistics.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, have, _ := strings.Cut(string(text), "| name ")
	want := documentTable()
	if *update {
		if err := os.WriteFile(file, []byte(head+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if "| name "+have != want {
		t.Errorf("the table of %s differs from Statistics, which -update writes there:\n%s", file, want)
	}
}

func documentTable() string {
	var b strings.Builder
	b.WriteString("| name | title | what it says | formula | unit | of | also exported | shown as |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, s := range Statistics() {
		form := [...]string{"", "interval", "interval, state"}[s.Form]
		var places []string
		for k, name := range []string{"chart", "readout"} {
			if s.Places>>k&1 != 0 {
				places = append(places, name)
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n", s.Name, s.Title, s.Meaning, s.Formula, s.Unit, s.Of, form, strings.Join(places, ", "))
	}
	return b.String()
}
