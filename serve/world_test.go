package serve

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shoal/dynamics"
	"shoal/internal/browsertest"
	"shoal/runlog"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

var classes = strings.Split("0123456789", "")

// world is a network that learns easy examples first, and a shallow model that shares its idea of
// what is easy.
type world struct {
	labels    []uint16
	learnt    []float64 // step from which on an example is right
	reference []uint16
	wrong     []uint16
}

func newWorld(n int, half float64) *world {
	rng := rand.New(rand.NewPCG(1, 2))
	w := &world{}
	for i := range n {
		hard := rng.NormFloat64()
		label, other := uint16(i%10), uint16((i+1+rng.IntN(9))%10)
		w.labels, w.wrong = append(w.labels, label), append(w.wrong, other)
		w.learnt = append(w.learnt, half*math.Exp(1.2*hard))
		if .7*hard+.7*rng.NormFloat64() < .8 {
			w.reference = append(w.reference, label)
		} else {
			w.reference = append(w.reference, other)
		}
	}
	return w
}

// at is what the network says after a step.
func (w *world) at(step int) []uint16 {
	out := make([]uint16, len(w.labels))
	for i := range out {
		if out[i] = w.wrong[i]; w.learnt[i] <= float64(step) {
			out[i] = w.labels[i]
		}
	}
	return out
}

func (w *world) references() []runlog.Reference {
	return []runlog.Reference{
		{Reference: dynamics.Reference{Name: "svm", Predictions: w.reference}, Kind: "svm", ParamsJSON: "{}"},
		{Reference: dynamics.Reference{Name: "forest", Predictions: w.at(40)}, Kind: "forest", ParamsJSON: "{}"},
	}
}

// image is a picture of example i.
func (w *world) image(i int) ([]byte, error) {
	img := image.NewGray(image.Rect(0, 0, 12, 12))
	for k := range img.Pix {
		img.Pix[k] = uint8(20*int(w.labels[i]) + (k*(i%7+1))%50)
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

// begin creates a run of the world in dir.
func (w *world) begin(t testing.TB, dir string, images bool) *runlog.Run {
	t.Helper()
	e := runlog.Examples{Labels: w.labels}
	if images {
		e.Image = w.image
	}
	r, err := runlog.Create(dir, runlog.Meta{Study: "world", Dataset: "mnist", Network: "cnn2", Classes: classes}, e)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *world) addReferences(t testing.TB, r *runlog.Run) {
	t.Helper()
	for _, ref := range w.references() {
		if _, err := r.AddReference(ref); err != nil {
			t.Fatal(err)
		}
	}
}

// evaluate adds the evaluations of steps from..to.
func (w *world) evaluate(t testing.TB, r *runlog.Run, from, to int) {
	t.Helper()
	for step := from; step <= to; step++ {
		if _, err := r.AppendEvaluation(runlog.Evaluation{Step: step, Epoch: float64(step) / 100, Predictions: w.at(step)}); err != nil {
			t.Fatal(err)
		}
	}
}

// grown is a run in a new folder, with references and evaluations up to a step, open for writing.
func (w *world) grown(t testing.TB, last int) *runlog.Run {
	t.Helper()
	r := w.begin(t, filepath.Join(t.TempDir(), "run"), true)
	t.Cleanup(func() { r.Close() })
	w.addReferences(t, r)
	w.evaluate(t, r, 0, last)
	return r
}

// quick is a pace for tests: on a busy machine, too, where a page takes seconds.
var quick = pace{look: 20 * time.Millisecond, figures: 50 * time.Millisecond, page: 100 * time.Millisecond, rest: 1}

// started is a server of runs, and its address; it ends with the test.
func started(t testing.TB, o Options) string {
	t.Helper()
	address, stop := startedUntil(t, o)
	t.Cleanup(stop)
	return address
}

// startedUntil also returns what ends the server, and checks that it ends well.
func startedUntil(t testing.TB, o Options) (address string, stop func()) {
	t.Helper()
	if o.pace == (pace{}) {
		o.pace = quick
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan string, 1), make(chan error, 1)
	o.Ready = func(address string) { ready <- address }
	if o.Say == nil {
		o.Say = func(format string, args ...any) { t.Logf(format, args...) }
	}
	go func() { ended <- Serve(ctx, o) }()
	select {
	case address = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	return address, func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the server ended with %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("the server doesn't end")
		}
	}
}

// get asks for an address with headers, and returns status and text.
func get(t testing.TB, address string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k := 0; k < len(header); k += 2 {
		if header[k] == "Host" {
			req.Host = header[k+1]
		}
		req.Header.Set(header[k], header[k+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Timeout: time.Minute}
	answer, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, b.String()
}

// remove removes the folder of a run that is followed: who reads it may make a file in it meanwhile.
func remove(t testing.TB, dir string) {
	t.Helper()
	eventually(t, "that the folder is gone", func() bool { return os.RemoveAll(dir) == nil })
}

// eventually waits for a condition: for long, since a machine may be busy.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("it never comes: %s", what)
}
