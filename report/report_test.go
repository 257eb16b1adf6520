package report

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/internal/browsertest"
	"shoal/report/internal/simrun"
)

// smallInput is a quick run: 200 examples, 90 steps.
func smallInput() *Input {
	o := simrun.MNIST(200)
	o.Steps, o.StepsPerEpoch, o.HalfLearned = simrun.EveryStep(90), 45, 15
	o.References = []simrun.Reference{{Name: "svm", Accuracy: .8, Shared: .7}, {Name: "forest", Accuracy: .7, Shared: .6}}
	return simulatedInput("mnist", "cnn2", o, 28, false)
}

// Of coarse pictures everything is drawn, too: pixels take most of the time of a report.
var quick = Options{DPI: 16, Judge: dynamics.JudgeOptions{Resampling: dynamics.Resampling{Replicates: 50}}}

func written(t *testing.T, in *Input, o Options) string {
	t.Helper()
	dir := t.TempDir()
	if err := WriteInput(context.Background(), dir, in, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

// pageOf is report.html as WriteInput writes it, without the files of the figures, which take most of
// its time.
func pageOf(t *testing.T, in *Input, o Options) []byte {
	t.Helper()
	d, err := makeDrawing(t.Context(), in, o)
	if err != nil {
		t.Fatal(err)
	}
	page, err := d.page(t.Context(), nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// plain is the folder of the page of smallInput, which tests only look at: it is written once.
func plain(t *testing.T) string {
	t.Helper()
	plainOnce.Do(func() {
		dir, err := os.MkdirTemp("", "report-")
		if err == nil {
			err = WriteInput(context.Background(), dir, smallInput(), quick)
		}
		plainDir, plainErr = dir, err
	})
	if plainErr != nil {
		t.Fatal(plainErr)
	}
	return plainDir
}

var (
	plainOnce sync.Once
	plainDir  string
	plainErr  error
)

func TestMain(m *testing.M) {
	browsertest.Main(m, func() { os.RemoveAll(plainDir) })
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var badNumber = regexp.MustCompile(`\bNaN\b|[+-]Inf\b|\dInf\b`)

func TestWriteInput(t *testing.T) {
	dir := plain(t)
	for _, ref := range []string{"svm", "forest"} {
		for _, name := range []string{"ratio", "regime", "rates", "cells", "nestedness", "learning-order", "overview", "infographic"} {
			for _, ext := range []string{".svg", ".png"} {
				read(t, dir, "figures", name+"-"+ref+ext)
			}
		}
		read(t, dir, "figures", "infographic-"+ref+".gif")
	}
	page := string(read(t, dir, "report.html"))
	if bad := badNumber.FindString(strings.ReplaceAll(page, "Number.isNaN", "")); bad != "" {
		t.Errorf("the page holds %q", bad)
	}
	for _, want := range []string{"97.92\u00a0%", "96.14\u00a0%", "98.80\u00a0%", "R± starts at 1.0", "default-src 'none'", `id="slider"`, `id="rows"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if link := regexp.MustCompile(`(src|href)="(https?:)?//[^"]*"`).FindString(page); link != "" {
		t.Errorf("the page reaches out: %s", link)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("half-written files stay: %v %v", left, err)
	}
}

func TestSameRunSameBytes(t *testing.T) {
	a, b := plain(t), written(t, smallInput(), quick)
	err := filepath.WalkDir(a, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(a, path)
		if err != nil {
			return err
		}
		if !bytes.Equal(read(t, path), read(t, b, rel)) {
			t.Errorf("%s differs between two reports of one run", rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestInlineFiguresAreXML(t *testing.T) {
	page := read(t, plain(t), "report.html")
	found := regexp.MustCompile(`(?s)<svg .*?</svg>`).FindAll(page, -1)
	if want := 2 * (2*6 + 1); len(found) != want {
		t.Errorf("%d figures on the page, want %d: each with a twin for phones", len(found), want)
	}
	for _, svg := range found {
		d := xml.NewDecoder(bytes.NewReader(svg))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// inflateBlob is what the page's code does.
func inflateBlob(t *testing.T, page []byte, id string) []byte {
	t.Helper()
	m := regexp.MustCompile(`id="` + id + `">([^<]*)<`).FindSubmatch(page)
	if m == nil {
		t.Fatalf("the page has no data %q", id)
	}
	raw, err := base64.StdEncoding.DecodeString(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(flate.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func pageJSON(t *testing.T, page []byte) pageData {
	t.Helper()
	m := regexp.MustCompile(`id="data">(.*?)</script>`).FindSubmatch(page)
	if m == nil {
		t.Fatal("the page has no data")
	}
	var d pageData
	if err := json.Unmarshal(m[1], &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPageDataEqualTheRun(t *testing.T) {
	in := smallInput()
	page := read(t, plain(t), "report.html")
	d := pageJSON(t, page)
	predictions := inflateBlob(t, page, "data-predictions")
	shown := len(d.Steps)
	for k, step := range d.Steps {
		at := slices.Index(in.Log.Steps, step)
		want, err := contingency.Count(in.Log.Labels, in.References[1].Predictions, in.Log.Predictions[at])
		if err != nil {
			t.Fatal(err)
		}
		if got := d.References[1].Values[k].Cells; got != [4]int{want.Both, want.ShallowOnly, want.DeepOnly, want.Neither} {
			t.Fatalf("step %d: cells %v, want %v", step, got, want)
		}
		for i, p := range in.Log.Predictions[at] {
			if uint16(predictions[i*shown+k]) != p {
				t.Fatalf("step %d, example %d: prediction %d, want %d", step, i, predictions[i*shown+k], p)
			}
		}
	}
	wantFirst(t, in, page)
}

// wantFirst checks that a page says of each example at which step it is first right.
func wantFirst(t *testing.T, in *Input, page []byte) {
	t.Helper()
	first := inflateBlob(t, page, "data-first")
	for i, label := range in.Log.Labels {
		want := math.Inf(1)
		for at, row := range in.Log.Predictions {
			if row[i] == label {
				want = float64(in.Log.Steps[at])
				break
			}
		}
		if got := math.Float64frombits(binary.LittleEndian.Uint64(first[8*i:])); got != want {
			t.Fatalf("example %d is first right at step %.0f, want %.0f", i, got, want)
		}
	}
}

// A log may count tokens: steps beyond four bytes, and the one that was once taken for never.
func TestLargeSteps(t *testing.T) {
	in := smallInput()
	for k := range in.Log.Steps {
		in.Log.Steps[k] *= math.MaxUint32
	}
	page := pageOf(t, in, quick)
	wantFirst(t, in, page)
	for _, id := range []string{"data-good", "data-switch"} {
		raw, large := inflateBlob(t, page, id), false
		for k := 0; k < len(raw); k += 8 {
			step := math.Float64frombits(binary.LittleEndian.Uint64(raw[k:]))
			large = large || step > math.MaxUint32
			if !math.IsInf(step, 1) && !slices.Contains(in.Log.Steps, int(step)) {
				t.Fatalf("%s has step %.0f, which the log hasn't", id, step)
			}
		}
		if !large {
			t.Errorf("%s has no large step", id)
		}
	}
}

func TestWideClasses(t *testing.T) {
	in := smallInput()
	in.Log.Predictions[3][7] = 300
	page := pageOf(t, in, quick)
	if d := pageJSON(t, page); !d.Wide {
		t.Error("class 300 is said to fit into a byte")
	}
	if got := len(inflateBlob(t, page, "data-predictions")); got != 2*200*91 {
		t.Errorf("%d bytes of predictions, want %d", got, 2*200*91)
	}
}

func TestChooseEvaluations(t *testing.T) {
	o := simrun.MNIST(50)
	a, err := analyse(context.Background(), simulatedInput("mnist", "cnn2", o, 28, false))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(a.shown); n != 939 {
		t.Errorf("%d of 939 evaluations are shown: all have room", n)
	}
	a.shown = a.choose(300)
	if n := len(a.shown); n > 300 || n < 200 {
		t.Errorf("%d of 939 evaluations are shown, want nearly 300", n)
	}
	for k, want := range []int{0, 1, 2, 3, 4, 5} {
		if a.shown[k] != want {
			t.Errorf("early evaluations %v, want all of them", a.shown[:6])
			break
		}
	}
	if a.shown[len(a.shown)-1] != 938 {
		t.Error("the last evaluation is not shown")
	}
	for k := range a.drawn {
		if p := a.drawn[k].Peak(); !slices.Contains(a.shown, p) {
			t.Errorf("the peak against reference %d, evaluation %d, is not shown", k, p)
		}
	}
	if !slices.IsSorted(a.shown) || len(slices.Compact(slices.Clone(a.shown))) != len(a.shown) {
		t.Error("the shown evaluations do not ascend")
	}
}

func TestSpritesHoldTheImages(t *testing.T) {
	images := simrun.Images([]uint16{3, 1, 4, 1, 5}, 28, false, 1)
	load := func(i int) (image.Image, error) { return images[i], nil }
	s, err := makeSprites(load, []uint32{4, 0, 2}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := png.Decode(bytes.NewReader(s.sheets[0]))
	if err != nil {
		t.Fatal(err)
	}
	for place, id := range s.ids {
		for y := range 28 {
			for x := range 28 {
				got := color.GrayModel.Convert(sheet.At(place%s.Columns*s.CellWidth+x, place/s.Columns*s.CellHeight+y)).(color.Gray).Y
				if want := images[id].At(x, y).(color.Gray).Y; int(got)-int(want) > 9 || int(want)-int(got) > 9 {
					t.Fatalf("example %d at (%d, %d): grey %d, want %d within 9", id, x, y, got, want)
				}
			}
		}
	}
}

func TestSpritesStayWithinBudget(t *testing.T) {
	labels := make([]uint16, 800)
	images := simrun.Images(labels, 32, true, 1)
	load := func(i int) (image.Image, error) { return images[i], nil }
	ids := make([]uint32, len(labels))
	for i := range ids {
		ids[i] = uint32(i)
	}
	s, err := makeSprites(load, ids, 60_000)
	if err != nil {
		t.Fatal(err)
	}
	if s.bytes() > 60_000 || len(s.ids) == 0 {
		t.Errorf("%d bytes for %d images, want some within 60000", s.bytes(), len(s.ids))
	}
	if _, err := jpeg.Decode(bytes.NewReader(s.sheets[0])); err != nil {
		t.Error(err)
	}
	broken := errors.New("broken")
	if _, err := makeSprites(func(int) (image.Image, error) { return nil, broken }, ids, 1000); !errors.Is(err, broken) {
		t.Errorf("a broken image gives %v", err)
	}
	if s, err := makeSprites(nil, ids, 1000); s != nil || err != nil {
		t.Errorf("no images give %v, %v", s, err)
	}
}

func TestInputCheck(t *testing.T) {
	for name, spoil := range map[string]func(*Input){
		"no evaluation":   func(in *Input) { in.Log.Steps, in.Log.Epochs, in.Log.Predictions = nil, nil, nil },
		"no reference":    func(in *Input) { in.References = nil },
		"short reference": func(in *Input) { in.References[1].Predictions = in.References[1].Predictions[1:] },
		"short margins":   func(in *Input) { in.References[0].Margins = in.References[0].Margins[1:] },
		"steps go back":   func(in *Input) { in.Log.Steps[1] = 0 },
		"judgement lacks": func(in *Input) { in.Judgements = []*dynamics.Judgement{} },
	} {
		in, o := smallInput(), quick
		spoil(in)
		dir := t.TempDir()
		if err := WriteInput(context.Background(), dir, in, o); err == nil {
			t.Errorf("%s: no error", name)
		}
		if files, _ := os.ReadDir(dir); len(files) > 0 {
			t.Errorf("%s: a failed report leaves %s behind", name, files[0].Name())
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := WriteInput(ctx, t.TempDir(), smallInput(), quick); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled report gives %v", err)
	}
}

func TestFormats(t *testing.T) {
	for _, q := range []struct{ got, want string }{
		{RatioText(contingency.Table{Both: 4000, ShallowOnly: 1000, DeepOnly: 1500, Neither: 3500}.Ratio()), "2.67 [2.55, 2.79]"},
	} {
		if q.got != q.want {
			t.Errorf("%q, want %q", q.got, q.want)
		}
	}
	if got := RatioText(contingency.Table{Both: 5, ShallowOnly: 5, DeepOnly: 0, Neither: 10}.Ratio()); !strings.HasPrefix(got, "∞ [at least ") {
		t.Errorf("an infinite ratio is %q", got)
	}
}

// The page keeps to its bound by leaving images out, those that someone gets wrong last.
func TestPageBytes(t *testing.T) {
	in := smallInput()
	images := simrun.Images(in.Log.Labels, 64, true, 4)
	in.Image = func(i int) (image.Image, error) { return images[i], nil }
	o := quick
	full := len(pageOf(t, in, o))
	o.PageBytes = full - 20_000
	page := pageOf(t, in, o)
	if len(page) > o.PageBytes {
		t.Errorf("the page has %d bytes, more than the bound of %d", len(page), o.PageBytes)
	}
	ids := inflateBlob(t, page, "data-sprite-ids")
	n := len(ids) / 4
	if n == 0 || n >= 200 {
		t.Fatalf("%d of 200 images are on the page, want some but not all", n)
	}
	if !strings.Contains(string(page), "To keep the file small") {
		t.Error("the page does not say that images are missing")
	}
	last := in.Log.Predictions[len(in.Log.Predictions)-1]
	if i := binary.LittleEndian.Uint32(ids); last[i] == in.Log.Labels[i] && in.References[0].Predictions[i] == in.Log.Labels[i] && in.References[1].Predictions[i] == in.Log.Labels[i] {
		t.Errorf("example %d, that everyone gets right, has the first image", i)
	}
}

func TestLikeNamedReferences(t *testing.T) {
	in := smallInput()
	in.References[1].Name = "SVM"
	dir := written(t, in, quick)
	for _, name := range []string{"ratio-svm.svg", "ratio-svm-2.svg", "infographic-svm-2.gif"} {
		read(t, dir, "figures", name)
	}
}
