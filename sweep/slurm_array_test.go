//go:build linux

package sweep

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"shoal/internal/tinydata"
	"shoal/record"
	"shoal/runlog"
)

// arrayStudy is a study of the array, by its name, seed and epochs.
const arrayStudy = `name = %q
seed = %d
[data]
dataset = "folder:shapes"
[training]
epochs = %d
batch = 8
momentum = 0.9
crop = 2
flip = true
[evaluation]
schedule = "every:25"
[[reference]]
kind = "svm"
`

// TestSlurmArray runs six items on a real Slurm with two cores: the first comes to its time limit, one is
// requeued, one is killed with SIGKILL, three are left alone. All have to finish, with the databases of
// runs that were never interrupted. .ci/slurm makes the cluster.
func TestSlurmArray(t *testing.T) {
	if os.Getenv("SHOAL_SLURM") == "" {
		t.Skip("run .ci/slurm, which makes a cluster of this machine")
	}
	x := newArray(t)
	epochs := x.calibrate()
	x.studies(2*epochs, 2*epochs, 2*epochs, epochs/2, epochs/2, epochs/2)
	x.shoal("sweep", "submit", "array", "--slurm", "--memory", "400M", "--time", "1m", "--checkpoint-every", "500ms", "--no-cache")
	alone := x.start("sweep", "submit", "alone", "--local", "--no-cache")
	disturbed := map[int]bool{}
	deadline := time.Now().Add(8 * time.Minute) // one, on two cores that nobody else uses; less than .ci/slurm gives
	for !x.finished() {
		if time.Now().After(deadline) {
			t.Fatalf("not finished in time:\n%s%s%s%s", x.output("squeue", "--array"), x.output("scontrol", "show", "job"), x.output("sinfo", "--long"), x.logs())
		}
		for k, disturb := range []func(int) bool{x.pause, x.requeue, x.kill} {
			if !disturbed[k] && x.trains(k) {
				disturbed[k] = disturb(k)
			}
		}
		x.wake()
		x.hurry()
		time.Sleep(300 * time.Millisecond)
	}
	must(t, alone.Wait())
	for k, want := range map[int]string{0: "ended with status 75", 1: "interrupted at step ", 2: "ended with status 137"} {
		if log := x.log(k); !strings.Contains(log, want) || !strings.Contains(log, "resuming from the checkpoint") {
			t.Errorf("item %d: the log has no %q, or it didn't resume:\n%s", k, want, log)
		}
	}
	for _, it := range x.items() {
		x.same(it)
	}
}

// array is a sweep on the cluster, beside one that nobody interrupts.
type array struct {
	t        *testing.T
	dir, exe string
	paused   int                  // process of the first item, which waits for its time limit; 0 for none
	waiting  map[string]time.Time // since when elements that were requeued wait
}

func newArray(t *testing.T) *array {
	x := &array{t: t, dir: t.TempDir()}
	x.exe = filepath.Join(x.dir, "shoal")
	if out, err := exec.Command("go", "build", "-o", x.exe, "shoal/cmd/shoal").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	must(t, tinydata.Write(filepath.Join(x.dir, "shapes"), 40, 12))
	return x
}

// start starts shoal in the folder of the test.
func (x *array) start(args ...string) *exec.Cmd {
	cmd := exec.Command(x.exe, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = x.dir, new(bytes.Buffer), os.Stderr
	must(x.t, cmd.Start())
	return cmd
}

func (x *array) shoal(args ...string) {
	x.t.Helper()
	cmd := exec.Command(x.exe, args...)
	cmd.Dir = x.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		x.t.Fatalf("shoal %q: %v\n%s", args, err, out)
	}
}

// output is what a command prints, "" when it fails.
func (x *array) output(name string, args ...string) string {
	out, _ := exec.Command(name, args...).Output()
	return string(out)
}

func (x *array) write(name string, seed, epochs int) {
	must(x.t, os.WriteFile(filepath.Join(x.dir, name+".toml"), fmt.Appendf(nil, arrayStudy, name, seed, epochs), 0o666))
}

// calibrate is how many epochs take about 4 seconds of one core.
func (x *array) calibrate() int {
	const epochs = 100
	x.write("calibration", 1, epochs)
	x.shoal("run", "calibration.toml", "--out", "calibration", "--workers", "1")
	s, err := record.ReadSummary(filepath.Join(x.dir, "calibration"))
	must(x.t, err)
	return max(100, int(4*epochs/(s.Seconds.Training+s.Seconds.Evaluation)))
}

// studies plans one item of so many epochs each, twice.
func (x *array) studies(epochs ...int) {
	for _, out := range []string{"array", "alone"} {
		args := []string{"sweep", "plan"}
		for k, n := range epochs {
			name := "item" + strconv.Itoa(k)
			x.write(name, k+1, n)
			args = append(args, name+".toml")
		}
		x.shoal(append(args, "--out", out)...)
	}
}

func (x *array) items() []Item {
	items, err := Read(filepath.Join(x.dir, "array"))
	must(x.t, err)
	return items
}

func (x *array) finished() bool {
	s, err := ReadStatus(filepath.Join(x.dir, "array"))
	must(x.t, err)
	return s.Count[Finished] == len(s.Items)
}

// trains reports whether an item has a checkpoint and isn't over.
func (x *array) trains(k int) bool {
	run := x.items()[k].Path(filepath.Join(x.dir, "array"))
	saved, err := record.Checkpoints(run)
	if err != nil || len(saved) == 0 {
		return false
	}
	status, err := runlog.StatusOf(run)
	return err == nil && status == runlog.Running
}

func (x *array) requeue(k int) bool {
	return exec.Command("scontrol", "requeue", x.job(k)).Run() == nil
}

// job is the number of an element of the array.
func (x *array) job(k int) string {
	for _, line := range strings.Fields(x.output("squeue", "--array", "--noheader", "--format=%i")) {
		if strings.HasSuffix(line, "_"+strconv.Itoa(k)) {
			return line
		}
	}
	return ""
}

// kill sends SIGKILL to the process of an item.
func (x *array) kill(k int) bool {
	pid := x.process(k)
	return pid != 0 && syscall.Kill(pid, syscall.SIGKILL) == nil
}

// pause stops the process of an item, as a file system that doesn't answer would, until wake finds that
// Slurm has told it to end: whatever the speed of this machine, it comes to its time limit.
func (x *array) pause(k int) bool {
	pid := x.process(k)
	if pid == 0 || syscall.Kill(pid, syscall.SIGSTOP) != nil {
		return false
	}
	x.paused = pid
	return true
}

func (x *array) wake() {
	if x.paused != 0 && strings.Contains(x.log(0), "CANCELLED") {
		must(x.t, syscall.Kill(x.paused, syscall.SIGCONT))
		x.paused = 0
	}
}

// process is that of an item, 0 for none.
func (x *array) process(k int) int {
	entries, err := os.ReadDir("/proc")
	must(x.t, err)
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		text, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		words := strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
		if words[0] == x.exe && slices.Contains(words, filepath.Join(x.dir, "array")) && words[len(words)-1] == strconv.Itoa(k) {
			return pid
		}
	}
	return 0
}

// hurry lets elements that were requeued begin after three seconds: Slurm has them wait for two minutes. In
// the second of the requeue the node still refuses them ("job credential revoked"), and Slurm gives them up.
func (x *array) hurry() {
	waiting := map[string]time.Time{}
	for _, line := range strings.Split(x.output("squeue", "--array", "--noheader", "--format=%i %r"), "\n") {
		job, waits := strings.CutSuffix(line, " BeginTime")
		if !waits {
			continue
		}
		since, seen := x.waiting[job]
		if !seen {
			since = time.Now()
		}
		if waiting[job] = since; time.Since(since) > 3*time.Second {
			_ = exec.Command("scontrol", "update", "JobId="+job, "StartTime=now").Run()
		}
	}
	x.waiting = waiting
}

func (x *array) log(k int) string {
	text, err := os.ReadFile(filepath.Join(x.dir, "array", logFolder, fmt.Sprintf("item-%d.log", k)))
	must(x.t, err)
	return string(text)
}

func (x *array) logs() string {
	var all strings.Builder
	for k := range x.items() {
		text, _ := os.ReadFile(filepath.Join(x.dir, "array", logFolder, fmt.Sprintf("item-%d.log", k)))
		fmt.Fprintf(&all, "item %d:\n%s\n", k, text)
	}
	return all.String()
}

// same wants the database of an item to be that of its twin.
func (x *array) same(it Item) {
	x.t.Helper()
	got, want := dump(x.t, it.Path(filepath.Join(x.dir, "array"))), dump(x.t, it.Path(filepath.Join(x.dir, "alone")))
	if len(want) < 50 {
		x.t.Errorf("%s has %d rows, want a whole run", it.Folder, len(want))
	}
	if len(got) != len(want) {
		x.t.Errorf("%s has %d rows, want %d", it.Folder, len(got), len(want))
		return
	}
	for k := range got {
		if got[k] != want[k] {
			x.t.Errorf("%s differs from the run that was never interrupted:\n%.200s\n%.200s", it.Folder, got[k], want[k])
			return
		}
	}
}

// dump lists all rows of a run's database, but for times, and checksums, which are of times as well.
func dump(t *testing.T, dir string) (rows []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, runlog.Database)+"?mode=ro")
	must(t, err)
	defer db.Close()
	for _, table := range []string{"meta", "split", "source", "example", "reference", "evaluation", "value", "contingency"} {
		all, err := db.Query("SELECT * FROM " + table)
		must(t, err)
		names, err := all.Columns()
		must(t, err)
		for all.Next() {
			values := make([]any, len(names))
			into := make([]any, len(names))
			for k := range values {
				into[k] = &values[k]
			}
			must(t, all.Scan(into...))
			row := table
			for k, name := range names {
				if !strings.Contains(name, "seconds") && !strings.Contains(name, "checksum") {
					row += fmt.Sprintf(" %s=%x", name, fmt.Sprint(values[k]))
				}
			}
			if !strings.Contains(row, fmt.Sprintf("key=%x", "seconds_json")) {
				rows = append(rows, row)
			}
		}
		must(t, all.Err())
		must(t, all.Close())
	}
	return rows
}
