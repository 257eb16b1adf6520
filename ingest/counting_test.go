package ingest

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"shoal/predlog"
	"shoal/runlog"
)

// Labels and predictions that are written in two ways would make a run in which nothing is right.
func TestLabelsOfAnotherKind(t *testing.T) {
	t.Parallel()
	csv := func(rows ...string) []string {
		return []string{writeFile(t, "a.csv", "step,example,prediction,label\n"+strings.Join(rows, "\n")+"\n")}
	}
	npz := func(labels, predictions []byte) []string {
		return []string{npzFile(t, map[string][]byte{"labels": labels, "predictions": predictions})}
	}
	dict := "{'descr': '|b1', 'fortran_order': False, 'shape': (1, 3)}\n"
	bools := []byte("\x93NUMPY\x01\x00" + string(rune(len(dict))) + "\x00" + dict + "\x01\x00\x01")
	null := `{"guid": 0, "logits_epoch_0": [null, 1], "gold": 0}`
	wantRefused(t, []refused{
		{csv("0,0,cat,0", "0,1,dog,1"), `predictions are "cat", "dog", labels "0", "1"`},
		{csv("0,0,cat,Cat", "0,1,dog,Dog"), `predictions are "cat", "dog", labels "Cat", "Dog"`},
		{csv("0,0,True,0", "0,1,False,1", "0,2,False,2"), "no prediction is ever one of the labels"},
		{csv("0,0,0,1", "0,1,1,2", "0,2,2,3"), "labels are 1 to 3 and predictions 0 to 2"},
		{csv("0,0,1.0,0", "0,1,2.0,1"), "labels are 0 to 1 and predictions 1 to 2"},
		{npz(array(t, []uint8{1, 2, 3}), array(t, []int8{0, 1, 2}, 1, 3)), "labels are 1 to 3 and predictions 0 to 2"},
		{npz(array(t, []uint8{0, 1, 2}), bools), "true and false, but labels are up to 2"},
		{[]string{writeFile(t, "dynamics_epoch_0.jsonl", null+"\n")}, "want 2 or more finite numbers"},
		{[]string{writeFile(t, "dynamics_epoch_0.jsonl", strings.Replace(strings.Replace(null, "null", "1", 1), "0,", "null,", 1)+"\n")}, "it lacks guid"},
	})
	// Not so: a split of one class, classes that neither has, numbers that are given.
	imported(t, Options{}, csv("0,0,1,0", "0,1,2,0")...)
	imported(t, Options{}, csv("0,0,cat,dog", "0,1,cat,eel")...)
	imported(t, Options{}, csv("0,0,1,1", "0,1,2,3")...)
	imported(t, Options{}, npzFile(t, map[string][]byte{"labels": array(t, []uint8{1, 2}), "predictions": array(t, []int8{0, 1}, 1, 2), "classes": texts("a", "b", "c")}))
	imported(t, Options{}, npz(array(t, []uint8{0, 1, 1}), bools)...)
}

// What Parquet stores as whole numbers isn't always those numbers.
func TestParquetTypes(t *testing.T) {
	t.Parallel()
	file := func(rows any) string {
		var b bytes.Buffer
		var err error
		switch r := rows.(type) {
		case []decimalRow:
			err = parquet.Write(&b, r)
		case []timeRow:
			err = parquet.Write(&b, r)
		case []unsignedRow:
			err = parquet.Write(&b, r)
		}
		must(t, err)
		return writeFile(t, "a.parquet", b.String())
	}
	wantRefused(t, []refused{
		{[]string{file([]decimalRow{{0, "a", 0, 0, 150}})}, `column "epoch" holds decimals`},
		{[]string{file([]timeRow{{time.Unix(1, 0), "a", 0, 0}})}, `column "step" holds times`},
	})
	h := imported(t, Options{}, file([]unsignedRow{{0, 1<<63 + 1, 0, 0}, {0, 1 << 63, 0, 0}}))
	if h.Names[0] != "9223372036854775809" || h.Names[1] != "9223372036854775808" {
		t.Errorf("names %q", h.Names)
	}
}

type (
	decimalRow struct {
		Step       int32  `parquet:"step"`
		Example    string `parquet:"example"`
		Prediction int32  `parquet:"prediction"`
		Label      int32  `parquet:"label"`
		Epoch      int32  `parquet:"epoch,decimal(2:6)"`
	}
	timeRow struct {
		Step       time.Time `parquet:"step"`
		Example    string    `parquet:"example"`
		Prediction int32     `parquet:"prediction"`
		Label      int32     `parquet:"label"`
	}
	unsignedRow struct {
		Step       uint32 `parquet:"step"`
		Example    uint64 `parquet:"example"`
		Prediction uint32 `parquet:"prediction"`
		Label      uint32 `parquet:"label"`
	}
)

// Examples in another order within their classes are others, though the labels are the same.
func TestOtherOrderOfNames(t *testing.T) {
	t.Parallel()
	rows := func(step, first, second string) string {
		return writeFile(t, "a.csv", "step,example,prediction,label\n"+step+","+first+",x,x\n"+step+","+second+",y,x\n")
	}
	h := imported(t, Options{}, rows("0", "a.png", "b.png"))
	if _, err := Files(t.Context(), h.Dir, []string{rows("5", "b.png", "a.png")}, Options{}); err == nil || !strings.Contains(err.Error(), `first at index 0: "a.png" and "b.png"`) {
		t.Errorf("error %v, want which example differs", err)
	}
	dir := t.TempDir()
	one, other := header(0, 1), resumed(header(0, 1), 2)
	one.IDs = make([]string, len(one.Labels))
	for i := range one.IDs {
		one.IDs[i] = string(rune('a' + i))
	}
	other.IDs = append([]string{one.IDs[1], one.IDs[0]}, one.IDs[2:]...)
	for _, h := range []predlog.Header{one, other} {
		writeLog(t, dir, h, whole(1, 1+max(0, h.Resumed)))
	}
	if _, err := Refresh(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "the ids differ first at index 0") {
		t.Errorf("error %v, want which id differs", err)
	}
}

// A flag that says something of the run counts, or is an error, also where no evaluation is new.
func TestFlagsLater(t *testing.T) {
	t.Parallel()
	dir, table := t.TempDir(), writeFile(t, "a.csv", "step,example,prediction,label\n0,0,0,0\n")
	h := header(0, 1)
	h.Dataset, h.Network = "", ""
	writeLog(t, dir, h, whole(1, 1))
	other := filepath.Join(t.TempDir(), "run")
	for name, again := range map[string]func(Options) (*Result, error){
		dir:   func(o Options) (*Result, error) { return Refresh(t.Context(), dir, o) },
		other: func(o Options) (*Result, error) { return Files(t.Context(), other, []string{table}, o) },
	} {
		for _, o := range []Options{{}, {Network: "n"}, {Dataset: "d"}, {Dataset: "d", Network: "n"}, {}} {
			_, err := again(o)
			must(t, err)
		}
		if h, err := runlog.Load(t.Context(), name); err != nil || h.Network != "n" || h.Dataset != "d" {
			t.Errorf("%q: network %q, dataset %q, error %v", name, h.Network, h.Dataset, err)
		}
		for _, o := range []Options{{Network: "m"}, {Dataset: "e"}} {
			if _, err := again(o); err == nil {
				t.Errorf("%q: no error for %+v", name, o)
			}
		}
	}
}

// A log that is named by the folder of its run has its split and labels as well.
func TestFlagsThatNoLogTakes(t *testing.T) {
	dir := t.TempDir()
	writeLog(t, dir, header(0, 1), whole(1, 1))
	for _, o := range []Options{{Split: "train"}, {Labels: "y.npy"}} {
		if _, err := Refresh(t.Context(), dir, o); err == nil || !strings.Contains(err.Error(), "they can't be given") {
			t.Errorf("%+v: error %v", o, err)
		}
	}
}

// Of two examples of one name nobody could tell which is meant.
func TestIDsTwice(t *testing.T) {
	t.Parallel()
	wantRefused(t, []refused{{[]string{npzFile(t, map[string][]byte{"labels": array(t, []uint8{0, 1, 1}), "predictions": array(t, []uint8{0, 1, 1}, 1, 3),
		"ids": texts("a", "b", "a")})}, `ids 0 and 2 are both "a"`}})
}

// Of imports that begin a run at the same moment one makes it, and the others add to it or say that it is being
// written.
func TestImportsAtOnce(t *testing.T) {
	for range 5 {
		dir := t.TempDir()
		writeLog(t, dir, header(0, 1), whole(1, 1))
		errs := make(chan error)
		for range 4 {
			go func() {
				_, err := Refresh(t.Context(), dir, Options{})
				errs <- err
			}()
		}
		for range 4 {
			if err := <-errs; err != nil && !errors.Is(err, runlog.ErrLocked) {
				t.Error(err)
			}
		}
	}
}
