package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shoal/dynamics/orders"
	"shoal/internal/browsertest"
)

// knownOrders are orders with their controls.
var knownOrders = []orders.Order{{Name: "easy-first", Control: "random"}, {Name: "easy-only", Control: "random-as-easy"}, {Name: "random", Control: "random"}}

// someOrders is a comparison of three orders over three seeds: easy-only is 30 points worse than
// random, easy-first is not told apart.
func someOrders(t *testing.T) *orders.Comparison {
	t.Helper()
	var runs []orders.Outcome
	for seed := range uint64(3) {
		v := .9 + .01*float64(seed)
		for o, final := range map[string]float64{"random": v, "easy-first": .91 + .5*(v-.91), "easy-only": v - .3} {
			runs = append(runs, orders.Outcome{Order: o, Examples: 90, Seed: seed, Steps: []int{0, 1, 10, 100}, Epochs: []float64{0, .01, .1, 1},
				Accuracy: []float64{.1, .2, .7, final}})
		}
	}
	c := &orders.Comparison{Dataset: "mnist", Network: "cnn2", Steps: 100, Epochs: 1, Reference: "svm", Easy: 80, Hard: 10}
	var err error
	if c.Rows, err = orders.Compare(runs, knownOrders, "random"); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWriteOrders(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "orders")
	c := someOrders(t)
	if err := WriteOrders(dir, c, quick); err != nil {
		t.Fatal(err)
	}
	page := read(t, dir, "report.html")
	for _, want := range []string{"MNIST · cnn2", "No order is more accurate", "Less accurate: easy-only.", "Not told apart from it: easy-first.",
		"91.00 ± 2.48", "−30.00 [−30.00, −30.00]", "0.00 [−1.24, &#43;1.24] ~", "3 seeds each"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if bad := badNumber.Find(page); bad != nil {
		t.Errorf("the page holds %q", bad)
	}
	for _, name := range []string{"orders-accuracy", "orders-final"} {
		read(t, dir, "figures", name+".svg")
		read(t, dir, "figures", name+".png")
	}
	var back orders.Comparison
	if err := json.Unmarshal(read(t, dir, OrdersFile), &back); err != nil || len(back.Rows) != 3 || back.Rows[0].Curve[3].Mean != c.Rows[0].Curve[3].Mean {
		t.Errorf("orders.json has %+v (%v)", back, err)
	}
	// The same folder again, the same bytes.
	if err := WriteOrders(dir, c, quick); err != nil || !bytes.Equal(page, read(t, dir, "report.html")) {
		t.Errorf("drawn again: %v, or other bytes", err)
	}
}

func TestWriteOrdersRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "run.db"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteOrders(dir, someOrders(t), quick); err == nil || !strings.Contains(err.Error(), "holds other files") {
		t.Errorf("a run folder gives %v", err)
	}
	if err := WriteOrders(filepath.Join(dir, "run.db"), someOrders(t), quick); err == nil {
		t.Error("a file gives no error")
	}
	if err := WriteOrders(filepath.Join(dir, "none"), &orders.Comparison{}, quick); err == nil {
		t.Error("no run gives no error")
	}
}

// With one seed there are means, and nothing is ranked.
func TestOrdersOfOneSeed(t *testing.T) {
	c := someOrders(t)
	var runs []orders.Outcome
	for _, r := range c.Rows {
		runs = append(runs, orders.Outcome{Order: r.Order, Examples: 9, Seed: 1, Steps: []int{0}, Epochs: []float64{0}, Accuracy: r.Values[:1]})
	}
	var err error
	if c.Rows, err = orders.Compare(runs, knownOrders, "random"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := WriteOrders(dir, c, quick); err != nil {
		t.Fatal(err)
	}
	if page := string(read(t, dir, "report.html")); !strings.Contains(page, "Nothing can be compared") || !strings.Contains(page, "90.00") {
		t.Error("the page doesn't say that nothing can be compared")
	}
}

func TestOrdersPageInBrowser(t *testing.T) {
	dir := t.TempDir()
	if err := WriteOrders(dir, someOrders(t), quick); err != nil {
		t.Fatal(err)
	}
	for _, width := range []int64{360, 420, 1400} {
		b := browsertest.Open(t, filepath.Join(dir, "report.html"), width, 800, "#orders")
		b.Want("document.querySelectorAll('#orders tbody tr').length", "3")
		b.Want("[...document.querySelectorAll('figure svg')].filter(s => s.getBoundingClientRect().height > 50).length", "2")
		b.Fits()
		b.Legible("7")
		b.Accessible()
		b.SelfContained()
		b.Silent()
	}
}
