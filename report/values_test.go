package report

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"shoal/dynamics"
)

// withValues gives every example measures, but for the last.
func withValues(in *Input) {
	n := len(in.Log.Labels)
	v := &dynamics.ValueMeasures{AUM: make([]float64, n), Confidence: make([]float64, n), Variability: make([]float64, n)}
	for i := range n {
		v.AUM[i], v.Confidence[i], v.Variability[i] = float64(i%7)-3, float64(i)/float64(n), .4*float64(i%9)/9
	}
	v.AUM[n-1], v.Confidence[n-1], v.Variability[n-1] = math.NaN(), math.NaN(), math.NaN()
	in.Values = v
}

// A log with values has a data map and galleries that are sorted by them; what isn't known comes
// last.
func TestValuesOnThePage(t *testing.T) {
	in := smallInput()
	withValues(in)
	dir := written(t, in, quick)
	page := read(t, dir, "report.html")
	svg := string(read(t, dir, "figures", "data-map.svg"))
	if !strings.Contains(svg, "test-split analogue") || !strings.Contains(string(page), "test-split analogues") || badNumber.MatchString(svg) {
		t.Error("the data map doesn't say what it is of, or has no numbers")
	}
	if strings.Contains(string(page), `id="memorised"`) {
		t.Error("memorisation is shown of a test split")
	}
	b := openPage(t, filepath.Join(dir, "report.html"), 1200, 900)
	choose := func(order string) string {
		return b.Text("(() => { const o = document.querySelector('#gallery-order'); o.value = '" + order + "'; o.dispatchEvent(new Event('change'));" +
			"return [...document.querySelectorAll('#gallery-cards .card')].map(e => (e.dataset.example % 7)).join(''); })()")
	}
	up, down := choose("value0"), choose("-value0")
	if len(up) < 3 || strings.TrimRight(up, "6543210") != "" || up[0] > up[len(up)-1] || down[0] < down[len(down)-1] {
		t.Errorf("by AUM upwards %s, downwards %s", up, down)
	}
	b.Want("[...document.querySelectorAll('#rows th')].map(e => e.textContent).slice(-3).join()", "AUM,confidence,variability")
	b.Silent()
}

func TestTrainingSplit(t *testing.T) {
	in := smallInput()
	withValues(in)
	in.Split, in.Judgements = dynamics.TrainSplit, nil
	page := string(pageOf(t, in, quick))
	for _, want := range []string{`id="memorised"`, "Which training examples", "network trained on these examples: wrong labels", "A low AUM on training examples"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "test-split analogue") {
		t.Error("the measures of a training split are called analogues")
	}
}

// Pictures of different sizes and kinds become one size.
func TestPicturesOfManySizes(t *testing.T) {
	var pictures [][]byte
	for _, size := range []image.Point{{4, 9}, {9, 3}} {
		img := image.NewRGBA(image.Rectangle{Max: size})
		img.Set(0, 0, color.RGBA{255, 0, 0, 255})
		var b bytes.Buffer
		var err error
		if size.X == 4 {
			err = png.Encode(&b, img)
		} else {
			err = jpeg.Encode(&b, img, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, b.Bytes())
	}
	load, err := imagesOf(pictures)
	if err != nil {
		t.Fatal(err)
	}
	for i := range pictures {
		if img, err := load(i); err != nil || img.Bounds().Size() != image.Pt(9, 9) {
			t.Errorf("picture %d: %v, %v", i, img.Bounds(), err)
		}
	}
	if _, err := imagesOf([][]byte{[]byte("no picture")}); err == nil || !strings.Contains(err.Error(), "image of example 0") {
		t.Errorf("error %v", err)
	}
}
