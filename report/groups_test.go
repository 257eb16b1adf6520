package report

import (
	"context"
	"strings"
	"testing"

	"shoal/dynamics/groups"
)

// withGroups is smallInput with a group that the network leaves behind: it is right on none of its
// examples until the end. Its name is no markup.
func withGroups() *Input {
	in := smallInput()
	a := groups.Attribute{Name: "<b>ground</b>", Groups: []string{"land", "sea"}, Of: make([]int, len(in.Log.Labels))}
	for i := range a.Of {
		if i/10%5 == 0 { // of all classes
			a.Of[i] = 1
			for t := range in.Log.Predictions[:len(in.Log.Steps)-1] {
				in.Log.Predictions[t][i] = (in.Log.Labels[i] + 1) % 10
			}
		}
	}
	many := groups.Attribute{Name: "many", Of: make([]int, len(in.Log.Labels))}
	for k := range 9 {
		many.Groups = append(many.Groups, string(rune('a'+k)))
	}
	for i := range many.Of {
		many.Of[i] = i % 9
	}
	in.Groups = []groups.Attribute{a, many}
	return in
}

// The page says which group is left behind, and by how much; figures are drawn by attribute.
func TestPageHasGroups(t *testing.T) {
	dir := written(t, withGroups(), quick)
	for _, name := range []string{"groups-many", "groups-b-ground-b"} {
		if len(read(t, dir, "figures", name+".svg")) == 0 || len(read(t, dir, "figures", name+".png")) == 0 {
			t.Errorf("figure %s is empty", name)
		}
	}
	if svg := string(read(t, dir, "figures", "groups-many.svg")); !strings.Contains(svg, "the 6 of 9 groups that differ most") {
		t.Error("the figure of many groups doesn't say that some are missing")
	}
	b := openPage(t, dir+"/report.html", 360, 740)
	b.Want("document.querySelectorAll('#groups tbody tr').length", "11")
	b.Want("/^At step .* the network gets 100.0.% of <b>ground<.b> = sea wrong, and .* of the others: within classes .* times as many/.test(document.querySelector('#h-groups + p').textContent)", "true")
	b.Want("[...document.querySelectorAll('#groups tbody tr')].filter(r => r.textContent.includes('more')).map(r => r.children[1].textContent).join()", "sea")
	b.Fits()
	b.Legible("7")
	b.Accessible()
	b.Silent()
	if html := string(read(t, plain(t), "report.html")); strings.Contains(html, "h-groups") {
		t.Error("a run without groups has a section on them")
	}
}

// The figure's groups stand in the attribute's order, and are those that differ most.
func TestMostApart(t *testing.T) {
	in := withGroups()
	a, err := analyse(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.compareGroups()
	if err != nil {
		t.Fatal(err)
	}
	if got := mostApart(c, in.Groups[0]); len(got) != 2 || got[0] != 0 {
		t.Errorf("of two groups %v are drawn", got)
	}
	if got := groupSentences(&groups.Comparison{Groups: make([]groups.Group, 20)}, false); len(got) != 1 || !strings.Contains(got[0], "none of the 20 groups") {
		t.Errorf("where nothing stands out the page says %q", got)
	}
}
