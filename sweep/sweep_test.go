package sweep

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/internal/usage"
	"shoal/runlog"
	"shoal/track"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// applyKeys sets dotted keys.
func applyKeys(s track.Study, set map[string]string) (track.Study, error) {
	for key, value := range set {
		var err error
		if s, err = s.With(key, value); err != nil {
			return s, err
		}
	}
	return s, nil
}

// spec is a sweep of built-in studies.
func spec(t testing.TB, seeds string, settings []string, studies ...string) Spec {
	t.Helper()
	x := Spec{Apply: applyKeys}
	var err error
	x.Seeds, err = ParseSeeds(seeds)
	must(t, err)
	for _, text := range settings {
		s, err := ParseSetting(text)
		must(t, err)
		x.Settings = append(x.Settings, s)
	}
	for _, name := range studies {
		s, err := track.Builtin(name)
		must(t, err)
		x.Studies = append(x.Studies, Source{name, s})
	}
	return x
}

func planned(t testing.TB, dir, seeds string, settings []string, studies ...string) []Item {
	t.Helper()
	items, err := New(spec(t, seeds, settings, studies...))
	must(t, err)
	items, _, err = Save(dir, items)
	must(t, err)
	return items
}

// made writes the finished run of an item: a world in which an example has a difficulty for all runs and
// references, and skill is what the network reaches at the end.
func made(t testing.TB, dir string, it Item, n, evaluations int, skill float64) {
	t.Helper()
	study, err := it.study()
	must(t, err)
	world := rand.New(rand.NewPCG(1, uint64(n)))
	own := rand.New(rand.NewPCG(it.Seed, 99))
	labels, difficulty := make([]uint16, n), make([]float64, n)
	for i := range labels {
		labels[i], difficulty[i] = uint16(world.IntN(10)), world.NormFloat64()
	}
	answers := func(r *rand.Rand, skill float64) []uint16 {
		out := make([]uint16, n)
		for i, l := range labels {
			if out[i] = l; difficulty[i]+.7*r.NormFloat64() > skill {
				out[i] = (l + 1) % 10
			}
		}
		return out
	}
	run, err := runlog.Create(it.Path(dir), runlog.Meta{Study: it.Name, Dataset: study.Data.Dataset, Network: study.Network.Name, Classes: strings.Split("0123456789", ""), StudyTOML: it.Resolved}, runlog.Examples{Labels: labels})
	must(t, err)
	for k, name := range []string{"svm", "forest"} {
		_, err := run.AddReference(runlog.Reference{Reference: dynamics.Reference{Name: name, Predictions: answers(rand.New(rand.NewPCG(5, uint64(k))), .3)}, Kind: name, ParamsJSON: "{}"})
		must(t, err)
	}
	for k := range evaluations {
		share := float64(k) / float64(max(1, evaluations-1))
		_, err := run.AppendEvaluation(runlog.Evaluation{Step: 10 * k, Epoch: share, Predictions: answers(own, -1+share*(skill+1))})
		must(t, err)
	}
	must(t, run.SetStatus(runlog.Finished, ""))
	must(t, run.Close())
	must(t, os.WriteFile(filepath.Join(it.Path(dir), track.StudyFile), []byte(it.Resolved), 0o666))
}

func TestPlanIsDeterministic(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	items := planned(t, a, "1..3", []string{"training.crop=0,2", "training.epochs=1,2"}, "mnist", "fashion")
	planned(t, b, "1..3", []string{"training.crop=0,2", "training.epochs=1,2"}, "mnist", "fashion")
	x, err := os.ReadFile(filepath.Join(a, PlanFile))
	must(t, err)
	y, err := os.ReadFile(filepath.Join(b, PlanFile))
	must(t, err)
	if string(x) != string(y) || len(items) != 2*2*2*3 {
		t.Errorf("%d items; the plans differ: %v", len(items), string(x) != string(y))
	}
	if f := items[4].Folder; f != "mnist-training.crop=0-training.epochs=2-seed2" {
		t.Errorf("item 4 is in %q", f)
	}
	study, err := items[23].study()
	must(t, err)
	if study.Name != "fashion" || study.Seed != 3 || study.Training.Crop != 2 || study.Training.Epochs != 2 {
		t.Errorf("item 23 is %+v", study)
	}
}

// A plan grows, and changes in no other way.
func TestPlanGrows(t *testing.T) {
	dir := t.TempDir()
	small := planned(t, dir, "1..2", []string{"training.crop=0,2"}, "mnist")
	large := planned(t, dir, "1..3", []string{"training.crop=0,2,4"}, "mnist")
	if len(large) != 9 {
		t.Fatalf("%d items, want 9", len(large))
	}
	for k, it := range small {
		if large[k].Folder != it.Folder || large[k].Checksum != it.Checksum {
			t.Errorf("item %d has moved: %q", k, large[k].Folder)
		}
	}
	before, err := os.ReadFile(filepath.Join(dir, PlanFile))
	must(t, err)
	for what, other := range map[string]Spec{
		"fewer seeds":   spec(t, "1..2", []string{"training.crop=0,2,4"}, "mnist"),
		"other seeds":   spec(t, "4..9", []string{"training.crop=0,2,4"}, "mnist"),
		"other study":   spec(t, "1..3", []string{"training.crop=0,2,4"}, "fashion"),
		"fewer values":  spec(t, "1..3", []string{"training.crop=0,2"}, "mnist"),
		"more settings": spec(t, "1..3", []string{"training.crop=0,2,4", "training.batch=64,32"}, "mnist"),
	} {
		items, err := New(other)
		must(t, err)
		if _, _, err := Save(dir, items); !isUsage(err) || !strings.Contains(err.Error(), ErrOtherPlan.Error()) {
			t.Errorf("%s: error is %v", what, err)
		}
	}
	// The same names, another study.
	changed := spec(t, "1..3", []string{"training.crop=0,2,4"}, "mnist")
	changed.Studies[0].Study.Training.Batch = 99
	items, err := New(changed)
	must(t, err)
	if _, _, err := Save(dir, items); !isUsage(err) || !strings.Contains(err.Error(), "training.batch is 64 in the plan and 99 now") {
		t.Errorf("another study: error is %v", err)
	}
	if after, _ := os.ReadFile(filepath.Join(dir, PlanFile)); string(after) != string(before) {
		t.Error("a refused plan has changed the old one")
	}
}

func isUsage(err error) bool {
	_, ok := err.(*usage.Error)
	return ok
}

func TestNewRefuses(t *testing.T) {
	named := func(name string) Spec {
		x := spec(t, "1", nil, "mnist", "fashion")
		x.Studies[1].Study.Name = name
		return x
	}
	for what, c := range map[string]struct {
		spec Spec
		want string
	}{
		"no study":             {spec(t, "1", nil), "no study"},
		"two of one name":      {named("mnist"), "have one name"},
		"the same study twice": {spec(t, "1", nil, "mnist", "mnist"), "planned twice"},
		"one and the same run": {spec(t, "1", []string{"training.epochs=1,1.0"}, "mnist"), "are one and the same run"},
		"a key twice":          {spec(t, "1", []string{"training.epochs=1", "training.epochs=2"}, "mnist"), "given twice"},
		"an unknown key":       {spec(t, "1", []string{"training.epoch=1"}, "mnist"), "unknown key"},
		"an invalid value":     {spec(t, "1", []string{"training.batch=0"}, "mnist"), "training.batch"},
		"too many":             {spec(t, "1..1000", []string{"training.crop=1,2,3,4,5,6,7,8,9,10", "training.rotate=1,2,3,4,5,6,7,8,9,10,11"}, "mnist"), "more than 100000 items"},
	} {
		if _, err := New(c.spec); !isUsage(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", what, err, c.want)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"1..3": "[1 2 3]", "5": "[5]", "1,3,5..7": "[1 3 5 6 7]", " 2 , 4..5": "[2 4 5]", "0..1": "[0 1]",
		"": "", "1..": "", "..2": "", "3..1": "", "1,1": "", "1..3,2": "", "-1": "", "1.5": "", "x": "", "1,": "", "1..99999999999": "", "18446744073709551615": "",
	} {
		got, err := ParseSeeds(text)
		if text := fmt.Sprint(got); err == nil && text != want || err != nil && (want != "" || !isUsage(err)) {
			t.Errorf("seeds %q: %s, %v; want %q", text, fmt.Sprint(got), err, want)
		}
	}
	for text, want := range map[string]string{
		"lr=0.1,0.2": `"lr" ["0.1" "0.2"]`, "a.b=x": `"a.b" ["x"]`, `evaluate="every:1@2,every:20",log:1.02`: `"evaluate" ["every:1@2,every:20" "log:1.02"]`,
		"m=[1,2],[3]": `"m" ["[1,2]" "[3]"]`, "k='a,b'": `"k" ["a,b"]`, "k=a=b": `"k" ["a=b"]`,
		"lr": "", "=1": "", "lr=": "", "lr=1,,2": "", "lr=1,1": "", `k="a`: "", "k=[1": "", "k=1]": "",
	} {
		got, err := ParseSetting(text)
		if shown := fmt.Sprintf("%q %q", got.Key, got.Values); err == nil && shown != want || err != nil && (want != "" || !isUsage(err)) {
			t.Errorf("setting %q: %s, %v; want %q", text, shown, err, want)
		}
	}
}

// A folder's name means nothing to a shell, and no two items share one.
func TestFolders(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"mnist", "Mnist", "m/n", "m\\n", "../x", "-x", "ünï", "", "x y", strings.Repeat("a", 300), strings.Repeat("a", 301), "m'n", "m\nn", "m-n"} {
		for _, value := range []string{"0.1", "0,1", "A", "a", "$(x)"} {
			f := folderOf(name, map[string]string{"key": value}, 3)
			if old, ok := seen[f]; ok {
				t.Errorf("%q and %q share the folder %q", old, name+value, f)
			}
			seen[f] = name + value
			if plainName.MatchString(f) || !filepath.IsLocal(f) || len(f) > 200 || f[0] == '-' || f[0] == '.' || !strings.HasSuffix(f, "-seed3") {
				t.Errorf("the folder of %q is %q", name, f)
			}
		}
	}
}

// A plan that was edited is an error that names the line, however it was edited.
func TestEditedPlan(t *testing.T) {
	dir := t.TempDir()
	planned(t, dir, "1..3", nil, "mnist")
	path := filepath.Join(dir, PlanFile)
	text, err := os.ReadFile(path)
	must(t, err)
	lines := strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
	for what, c := range map[string]struct {
		text string
		line int
	}{
		"another value":   {strings.Replace(string(text), `"seed":2`, `"seed":5`, 1), 2},
		"another study":   {strings.Replace(string(text), "epochs = 1.0", "epochs = 9.0", 1), 1},
		"another folder":  {strings.Replace(string(text), `"folder":"mnist-seed1"`, `"folder":"../x"`, 1), 1},
		"a line is gone":  {lines[0] + lines[2], 2},
		"lines exchanged": {lines[1] + lines[0] + lines[2], 1},
		"a line twice":    {lines[0] + lines[0] + lines[1] + lines[2], 2},
		"cut short":       {string(text[:len(text)-30]), 3},
		"no item":         {"hello\n" + string(text), 1},
		"an unknown key":  {strings.Replace(string(text), `"seed":3`, `"seed":3,"more":1`, 1), 3},
		"empty":           {"", 1},
	} {
		must(t, os.WriteFile(path, []byte(c.text), 0o666))
		_, err := Read(dir)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("was changed: line %d:", c.line)) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is %v, want one of line %d", what, err, c.line)
		}
		if _, _, err := RunItem(t.Context(), dir, 0, track.Options{}); err == nil {
			t.Errorf("%s: an item is run", what)
		}
	}
	must(t, os.Remove(path))
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), ErrNoSweep.Error()) {
		t.Errorf("no plan: %v", err)
	}
}

// What is in a run's folder, or isn't a folder, gets no plan; what fails leaves nothing.
func TestSaveRefuses(t *testing.T) {
	items, err := New(spec(t, "1", nil, "mnist"))
	must(t, err)
	sweep := t.TempDir()
	it := planned(t, sweep, "1", nil, "mnist")[0]
	made(t, sweep, it, 30, 1, 1)
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o666))
	for what, dir := range map[string]string{"a run": it.Path(sweep), "a file": file} {
		if _, _, err := Save(dir, items); err == nil {
			t.Errorf("%s takes a plan", what)
		}
		if IsSweep(dir) {
			t.Errorf("%s is a sweep", what)
		}
	}
}

func TestItemOutOfRange(t *testing.T) {
	dir := t.TempDir()
	planned(t, dir, "1..2", nil, "mnist")
	for _, n := range []int{-1, 2, 1 << 40} {
		if _, _, err := RunItem(t.Context(), dir, n, track.Options{}); !isUsage(err) || !strings.Contains(err.Error(), "want 0 to 1") {
			t.Errorf("item %d: %v", n, err)
		}
	}
}

// The report of settings that differ says so, of those that don't it says ~, in JSON and on the page;
// of one seed and of two it says nothing; a replicate more or less of workers changes no byte.
func TestReport(t *testing.T) {
	dir := t.TempDir()
	items := planned(t, dir, "1..4", []string{"training.epochs=1,2,3,4,5"}, "mnist")
	for _, it := range items {
		skill := map[string]float64{"1": .8, "2": .8, "3": 1.6, "4": .8, "5": .8}[it.Set["training.epochs"]]
		if it.Set["training.epochs"] == "4" && it.Seed > 1 || it.Set["training.epochs"] == "5" && it.Seed > 2 {
			continue
		}
		made(t, dir, it, 400, 6, skill)
	}
	var pages [2]string
	var s *Summary
	for k := range pages {
		var err error
		s, err = Report(context.Background(), dir, ReportOptions{DPI: 20, Resampling: dynamics.Resampling{Replicates: 100, Workers: 1 + 2*k}})
		must(t, err)
		text, err := os.ReadFile(filepath.Join(dir, PageFile))
		must(t, err)
		numbers, err := os.ReadFile(filepath.Join(dir, DataFile))
		must(t, err)
		pages[k] = string(text) + string(numbers)
	}
	if pages[0] != pages[1] {
		t.Error("the page depends on the number of workers")
	}
	f := s.Families[0]
	name := func(epochs string) string { return "mnist training.epochs=" + epochs }
	if c := f.between(name("1"), name("3"), "accuracy", ""); c == nil || c.Verdict != Higher {
		t.Errorf("a better setting: %+v", c)
	}
	if c := f.between(name("2"), name("3"), "r_minus", "svm"); c == nil || c.Verdict != Higher {
		t.Errorf("a better setting, R-: %+v", c)
	}
	if c := f.between(name("1"), name("2"), "accuracy", ""); c == nil || c.Verdict != NotToldApart {
		t.Errorf("equal settings: %+v", c)
	}
	if f.between(name("1"), name("4"), "accuracy", "") != nil || f.between(name("1"), name("5"), "accuracy", "") != nil {
		t.Error("settings of one and of two seeds are compared")
	}
	if n := f.Settings[3].Numbers[0]; !n.Interval.Defined {
		t.Errorf("one seed has no interval over examples: %+v", n)
	}
	if n := f.Settings[4].Numbers[0]; n.Interval.Defined || len(n.Values) != 2 {
		t.Errorf("two seeds: %+v", n)
	}
	for _, want := range []string{"15 of 20 items", "one seed: nothing is known", "two seeds are too few", "~", "range over 4 seeds", "All settings have: mnist.", `<th scope="row">epochs=3</th>`, "<td>epochs=3</td>", "not all seeds are finished of epochs=4"} {
		if !strings.Contains(pages[0], want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	if !strings.Contains(pages[0], "R−") || strings.Contains(pages[0], "NaN") {
		t.Error("the page has a hyphen for a minus, or NaN")
	}
}

func TestReportRefuses(t *testing.T) {
	dir := t.TempDir()
	items := planned(t, dir, "1..3", nil, "mnist")
	if _, err := Report(t.Context(), dir, ReportOptions{}); err == nil || !strings.Contains(err.Error(), "no finished run") {
		t.Errorf("nothing is finished: %v", err)
	}
	made(t, dir, items[1], 50, 2, 1)
	must(t, os.WriteFile(filepath.Join(items[1].Path(dir), runlog.Database), []byte("no database at all"), 0o666))
	if _, err := Report(t.Context(), dir, ReportOptions{}); err == nil || !strings.Contains(err.Error(), "mnist-seed2") {
		t.Errorf("a damaged run: %v", err)
	}
	made(t, dir, items[2], 50, 2, 1)
	s, err := Report(t.Context(), dir, fewDraws)
	must(t, err)
	page, err := os.ReadFile(filepath.Join(dir, PageFile))
	must(t, err)
	if s.Finished != 1 || len(s.Damaged) != 1 || !strings.Contains(s.Damaged[0], "mnist-seed2") || !strings.Contains(string(page), "left out because they can’t be read: ") {
		t.Errorf("beside a damaged run: %d finished, damaged %q", s.Finished, s.Damaged)
	}
	if _, err := Diff(t.Context(), dir, dir, fewDraws.Resampling); err == nil || !strings.Contains(err.Error(), "mnist-seed2") {
		t.Errorf("difference of a sweep with a damaged run: %v", err)
	}
}

func TestDiff(t *testing.T) {
	base, same, better := t.TempDir(), t.TempDir(), t.TempDir()
	for dir, skill := range map[string]float64{base: .8, same: .8, better: 1.4} {
		seeds := map[bool]string{true: "1..4", false: "5..8"}[dir == base]
		for _, it := range planned(t, dir, seeds, nil, "mnist") {
			made(t, dir, it, 500, 2, skill)
		}
	}
	o := dynamics.Resampling{Replicates: 100}
	for _, c := range []struct {
		a, b   string
		differ bool
	}{
		{base, base, false}, {base, same, false}, {base, better, true}, {better, base, true},
		{base + "/mnist-seed1", base + "/mnist-seed1", false}, {base + "/mnist-seed1", better + "/mnist-seed5", true},
	} {
		d, err := Diff(t.Context(), c.a, c.b, o)
		must(t, err)
		if d.Differ != c.differ {
			t.Errorf("%s and %s: differ is %v\n%+v", c.a, c.b, d.Differ, d.Settings[0].Rows)
		}
		for _, r := range d.Settings[0].Rows {
			if e := r.Comparison.Difference; e.Defined && !(e.Lo < e.Hi) {
				t.Errorf("%s and %s: %s of %q: %v, an interval without width", c.a, c.b, r.A.Statistic, r.A.Reference, e)
			}
		}
		if single := !IsSweep(c.a); single != (len(d.Warnings) == 1) {
			t.Errorf("warnings %q", d.Warnings)
		}
	}
	other := t.TempDir()
	it := planned(t, other, "1", nil, "mnist")[0]
	made(t, other, it, 499, 2, 1)
	for what, c := range map[string]struct{ a, b, want string }{
		"other examples":  {base + "/mnist-seed1", it.Path(other), "scored on other examples"},
		"a run and sweep": {base, it.Path(other), "a run and a sweep"},
		"nothing there":   {base, other + "/none", "neither a run nor a sweep"},
	} {
		if _, err := Diff(t.Context(), c.a, c.b, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Every statistic with an interval has a number; ratios are averaged by their logarithms.
func TestScaled(t *testing.T) {
	table := contingency.Table{Both: 40, ShallowOnly: 10, DeepOnly: 15, Neither: 35}
	for _, s := range statistics() {
		e := unscaled(s, dynamics.Estimate{Value: scaled(s, table), Defined: true})
		if r := s.At(table); !(e.Value-r.Value < 1e-12 && r.Value-e.Value < 1e-12) {
			t.Errorf("%s: %v, want %v", s.Name, e.Value, r.Value)
		}
	}
	if v := scaled(statistics()[3], contingency.Table{ShallowOnly: 1, DeepOnly: 1, Neither: 1}); v == v {
		t.Errorf("the logarithm of a ratio of 0 is %v", v)
	}
}
