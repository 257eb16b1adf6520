package answers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics/groups"
)

// groupFile is a CSV file of the animals, in an order, with a column ground that follows from the name.
func groupFile(t *testing.T, s Split, order []int, header string, line func(i int, ground string) string) string {
	t.Helper()
	text := header + "\n"
	for _, i := range order {
		text += line(i, []string{"sea", "land", ""}[i/3%3]) + "\n"
	}
	return write(t, "groups.csv", []byte(text))
}

// Groups come to their examples by names, indexes or labels, in any order that these allow.
func TestGroups(t *testing.T) {
	s := animals()
	forward, backward := make([]int, 36), make([]int, 36)
	for i := range 36 {
		forward[i], backward[35-i] = i, i
	}
	for name, path := range map[string]string{
		"names": groupFile(t, s, backward, "Ground,name", func(i int, g string) string { return g + "," + s.Names[i] }),
		"folders": groupFile(t, s, backward, "\ufeffname; Ground", func(i int, g string) string {
			return `data\test\` + strings.ReplaceAll(s.Names[i], "/", `\`) + "; " + g
		}),
		"index":  groupFile(t, s, backward, "index\tGround", func(i int, g string) string { return fmt.Sprintf("%d\t%s", i, g) }),
		"labels": groupFile(t, s, forward, "label,Ground,prediction", func(i int, g string) string { return fmt.Sprintf("%s,%s,7", s.Classes[i%3], g) }),
	} {
		got, err := Groups(path, s)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(got) != 1 || got[0].Name != "Ground" || !slices.Equal(got[0].Groups, []string{"land", "sea"}) {
			t.Fatalf("%s: %+v", name, got)
		}
		for i, g := range got[0].Of {
			if want := []int{1, 0, groups.None}[i/3%3]; g != want {
				t.Errorf("%s: example %d is in group %d, want %d", name, i, g, want)
			}
		}
	}
	for _, c := range []struct {
		header string
		order  []int
		line   func(i int, g string) string
		want   string
	}{
		{"Ground", forward, func(i int, g string) string { return g + "x" }, "neither ids nor labels say"},
		{"index,Ground", forward, func(i int, g string) string { return fmt.Sprintf("%d,%s", i, g) }, "neither ids nor labels say"}, // that only count
		{"label,Ground", backward, func(i int, g string) string { return fmt.Sprintf("%d,%s", i%3, g) }, "its label of example 0"},
		{"name,Ground", forward[1:], func(i int, g string) string { return s.Names[i] + "," + g }, "no line for example 0"},
		{"name,Ground", append([]int{3}, forward...), func(i int, g string) string { return s.Names[i] + "," + g }, `example 3 ("ant/10.png") has two lines`},
		{"name,Ground", forward, func(i int, g string) string { return fmt.Sprintf("ant/%d.jpg,%s", 100+i, g) }, "is no example of the evaluation split"},
		{"name,age", forward, func(i int, g string) string { return fmt.Sprintf("%s,%d", s.Names[i], i) }, ""},
		{"name,one", forward, func(i int, g string) string { return s.Names[i] + ",same" }, "fewer than two groups"},
		{"name,label", forward, func(i int, g string) string { return fmt.Sprintf("%s,%d", s.Names[i], i%3) }, "no column beside"},
		{"name,Ground,Ground", forward, func(i int, g string) string { return s.Names[i] + ",a,b" }, `two columns "Ground"`},
		{"name,,Ground", forward, func(i int, g string) string { return s.Names[i] + ",a,b" }, "has no name"},
		{"name,Ground", nil, nil, "no line but the header"},
	} {
		_, err := Groups(groupFile(t, s, c.order, c.header, c.line), s)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: %v, want %q", c.header, err, c.want)
		}
	}
	if _, err := Groups(groupFile(t, s, forward, "Ground", func(i int, g string) string { return g + "x" }), s); !errors.Is(err, ErrNoOrder) {
		t.Errorf("without ids and labels: %v", err)
	}
	large := Split{Classes: s.Classes, Labels: make([]uint16, 200)}
	text := "label,age\n"
	for i := range 200 {
		text += fmt.Sprintf("0,%d\n", i)
	}
	path := write(t, "ages.csv", []byte(text))
	if _, err := Groups(path, large); err == nil || !strings.Contains(err.Error(), "more than 100 values") {
		t.Errorf("a column of numbers: %v", err)
	}
}
