package sweep

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shoal/internal/lockfile"
)

var update = flag.Bool("update", false, "write the manifests of testdata again")

var someResources = Resources{CPUs: 2, Memory: "4G", Time: 90 * time.Minute, Jobs: 3}

// The script is one that bash reads; it has what was asked, and elements for what isn't finished.
func TestSlurmScript(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a sweep's \"100%\"")
	items := planned(t, dir, "1..5", nil, "mnist")
	made(t, dir, items[2], 20, 1, 1)
	script, err := Slurm(dir, Command{"/opt/my shoal", "sweep", "run", dir, "--item"}, someResources, []string{"--partition=long"})
	must(t, err)
	for _, line := range []string{"--array=0-1,3-4%3", "--cpus-per-task=2", "--mem=4G", "--time=0-01:30:00", "--signal=B:TERM@120", "--requeue", "--open-mode=append", "--partition=long", "--job-name=shoal-a-sweep-s-100"} {
		if !strings.Contains(script, "\n#SBATCH "+line+"\n") {
			t.Errorf("the script has no %q", line)
		}
	}
	if !strings.Contains(script, `/a sweep's \"100%%\"/logs/item-%a.log"`) || !strings.Contains(script, `'/opt/my shoal' sweep run `) {
		t.Errorf("paths are not quoted:\n%s", script)
	}
	cmd := exec.Command("bash", "-n")
	cmd.Stdin = strings.NewReader(script)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("bash: %v\n%s", err, out)
	}
	for _, it := range items {
		if it.Item != 2 {
			made(t, dir, it, 20, 1, 1)
		}
	}
	if _, err := Slurm(dir, Command{"shoal"}, someResources, nil); !errors.Is(err, ErrFinished) {
		t.Errorf("all is finished: %v", err)
	}
}

// An element is how the script of one runs in a test.
type element struct {
	run      string // what stands for shoal
	restarts string
	says     string // scontrol, of the job
	result   string // the file of the status, where mktemp makes none
	requeued bool
	status   int
}

// try runs the script with programs of the test in the place of Slurm's.
func (e element) try(t *testing.T, what, dir string) {
	t.Helper()
	bin := t.TempDir()
	asked := filepath.Join(bin, "asked")
	program := func(name, text string) { must(t, os.WriteFile(filepath.Join(bin, name), []byte(text), 0o777)) }
	program("scontrol", "#!/bin/sh\n[ \"$1\" = show ] && { echo '"+e.says+"'; exit; }\necho \"$@\" >"+asked+"\n")
	program("fake", "#!/bin/bash\ntrap : TERM\n"+e.run+"\n")
	if e.result != "" {
		program("mktemp", "#!/bin/sh\necho "+e.result+"\n")
	}
	script, err := Slurm(dir, Command{filepath.Join(bin, "fake")}, someResources, nil)
	must(t, err)
	cmd := exec.Command("bash", "-c", "export SCRIPT=$$\n"+script)
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "SLURM_ARRAY_TASK_ID=0", "SLURM_ARRAY_JOB_ID=7", "SLURM_RESTART_COUNT="+e.restarts)
	out, _ := cmd.CombinedOutput()
	got, err := os.ReadFile(asked)
	if (err == nil) != e.requeued || err == nil && string(got) != "requeue 7_0\n" || cmd.ProcessState.ExitCode() != e.status {
		t.Errorf("%s: status %d, want %d; scontrol was asked %q, want requeue %v\n%s", what, cmd.ProcessState.ExitCode(), e.status, got, e.requeued, out)
	}
}

// The script of an element passes the signal on, and puts it back into the queue after statuses 75 and
// 137 and no other, and not when it was cancelled.
func TestSlurmElement(t *testing.T) {
	dir := t.TempDir()
	planned(t, dir, "1", nil, "mnist")
	const (
		runs      = "JobState=RUNNING Reason=None PreemptTime=None"
		cancelled = "JobState=COMPLETING Reason=None PreemptTime=None"
		timeout   = "JobState=COMPLETING Reason=TimeLimit PreemptTime=None"
		preempted = "JobState=COMPLETING Reason=None PreemptTime=2026-11-28T05:15:08"
		told      = "trap 'exit 75' TERM; kill -TERM $SCRIPT; for i in 1 2 3 4 5 6 7 8 9; do sleep .1; done; exit 3"
		nowhere   = "/missing/folder/result"
	)
	for what, e := range map[string]element{
		"finished":              {"exit 0", "0", runs, "", false, 0},
		"failed":                {"exit 1", "0", runs, "", false, 1},
		"interrupted":           {"exit 75", "99", runs, "", true, 75},
		"killed":                {"kill -9 $$", "0", runs, "", true, 137},
		"killed again":          {"kill -9 $$", "5", runs, "", false, 137},
		"told to end":           {told, "0", runs, "", true, 75},
		"told twice":            {"trap 'sleep .2; exit 75' TERM; kill -TERM $SCRIPT; sleep .1; kill -TERM $SCRIPT; for i in 1 2 3 4 5 6 7 8 9; do sleep .1; done; exit 3", "0", runs, "", true, 75},
		"told as it was ending": {"kill -TERM $SCRIPT; exit 0", "0", runs, "", false, 0},
		"failed when told":      {"kill -TERM $SCRIPT; exit 1", "0", runs, "", false, 1},
		"cancelled":             {told, "0", cancelled, "", false, 75},
		"killed as cancelled":   {"kill -9 $$", "0", cancelled, "", false, 137},
		"cancelled and over":    {told, "0", "JobState=CANCELLED Reason=None", "", false, 75},
		"at its time limit":     {told, "0", timeout, "", true, 75},
		"preempted":             {told, "0", preempted, "", true, 75},
		"told too early":        {"trap - TERM; kill -TERM $$; sleep 9", "0", runs, "", true, 75},
		"nobody answers":        {told, "0", "", "", true, 75},
		"finished, full disk":   {"exit 0", "0", runs, nowhere, false, 0},
		"failed, full disk":     {"exit 1", "0", runs, nowhere, false, 1},
		"told, full disk":       {"exit 75", "0", runs, nowhere, true, 75},
	} {
		e.try(t, what, dir)
	}
}

// The manifests of testdata are what the module _kubernetes decodes.
func TestKubernetes(t *testing.T) {
	for name, c := range map[string]struct {
		r       Resources
		c       Cluster
		command []string
	}{
		"job.yaml":  {Resources{CPUs: 2, Memory: "4G", Jobs: 2}, Cluster{"registry.example/shoal:1", "runs", "/sweep"}, []string{"shoal", "sweep", "run", "/sweep", "--item"}},
		"odd.yaml":  {Resources{CPUs: 1, Memory: "500M"}, Cluster{`i"m: {a}`, "runs", `/a b/"c"`}, []string{"shoal", "sweep", "run", "/a b/\"c\"\t$(HOME) #", "--cache-dir", "é\\", "--item"}},
		"most.yaml": {Resources{CPUs: 64, Memory: "9999999M", Jobs: 4096}, Cluster{"shoal", "runs", "/"}, []string{"shoal"}},
	} {
		dir := filepath.Join(t.TempDir(), "Sweep_of "+strings.Repeat("x", 80))
		planned(t, dir, "1..4", nil, "mnist")
		got, err := Kubernetes(dir, c.command, c.r, c.c)
		must(t, err)
		golden := filepath.Join("testdata", name)
		if *update {
			must(t, os.WriteFile(golden, []byte(got), 0o666))
		}
		if want, err := os.ReadFile(golden); err != nil || string(want) != got {
			t.Errorf("%s is not what is written now (%v): run go test ./sweep -update\n%s", golden, err, got)
		}
	}
	dir := t.TempDir()
	planned(t, dir, "1", nil, "mnist")
	ok := Cluster{"shoal", "runs", "/sweep"}
	for want, c := range map[string]struct {
		r Resources
		c Cluster
	}{
		"no image":       {Resources{CPUs: 1, Memory: "1G"}, Cluster{"", "runs", "/sweep"}},
		"no volume":      {Resources{CPUs: 1, Memory: "1G"}, Cluster{"shoal", "", "/sweep"}},
		"absolute path":  {Resources{CPUs: 1, Memory: "1G"}, Cluster{"shoal", "runs", "sweep"}},
		"for its time":   {Resources{CPUs: 1, Memory: "1G", Time: time.Hour}, ok},
		"cores":          {Resources{CPUs: 0, Memory: "1G"}, ok},
		"memory of":      {Resources{CPUs: 1, Memory: "1Gi"}, ok},
		"items at once":  {Resources{CPUs: 1, Memory: "1G", Jobs: -1}, ok},
		"time of an":     {Resources{CPUs: 1, Memory: "1G", Time: time.Second}, ok},
		"megabytes or g": {Resources{CPUs: 1, Memory: "0G"}, ok},
	} {
		if _, err := Kubernetes(dir, nil, c.r, c.c); !isUsage(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one of usage with %q", err, want)
		}
	}
}

func TestRanges(t *testing.T) {
	for want, items := range map[string][]int{"": nil, "4": {4}, "0-3": {0, 1, 2, 3}, "0,2-3,9": {0, 2, 3, 9}} {
		var list []Item
		for _, n := range items {
			list = append(list, Item{Item: n})
		}
		if got := ranges(list); got != want {
			t.Errorf("ranges of %v are %q, want %q", items, got, want)
		}
	}
	if got := slurmTime(49*time.Hour + time.Second); got != "2-01:01:00" {
		t.Errorf("49 hours and a second are %q", got)
	}
}

// Local runs as many items at once as it may, all to their end, and again where one is interrupted; what
// fails is named.
func TestLocal(t *testing.T) {
	dir := t.TempDir()
	items := planned(t, dir, "1..6", nil, "mnist")
	made(t, dir, items[5], 20, 1, 1)
	shell := `n=$1; echo "$n" >>` + dir + `/ran
case $n in
1) exit 1;;
2) [ -e ` + dir + `/again ] || { touch ` + dir + `/again; exit 75; };;
3) kill -9 $$;;
4) [ -e ` + dir + `/told ] || { touch ` + dir + `/told; kill -INT $$; sleep 60; };;
0) [ -e ` + dir + `/early ] || { touch ` + dir + `/early; kill -TERM $$; sleep 60; };;
esac`
	seen := make(chan os.Signal, 1)
	signal.Notify(seen, os.Interrupt) // where the test ignores it, so would what it starts
	defer signal.Stop(seen)
	var said []string
	err := Local(t.Context(), dir, Command{"sh", "-c", shell, "sh"}, 2, func(line string) { said = append(said, line) })
	failed := new(Failures)
	if !errors.As(err, &failed) || len(failed.Items) != 2 {
		t.Fatalf("error is %v, want the failures of items 1 and 3", err)
	}
	ran, err := os.ReadFile(filepath.Join(dir, "ran"))
	must(t, err)
	if got := strings.Count(string(ran), "2\n"); got != 2 || strings.Contains(string(ran), "5") || len(strings.Fields(string(ran))) != 8 {
		t.Errorf("ran %q, want each of 0 to 4 once, and 0, 2 and 4, which were interrupted, twice", ran)
	}
	if all := strings.Join(said, "\n"); len(said) != 5 || !strings.Contains(all, "item 1, mnist-seed2: failed (exit status 1)") || !strings.Contains(all, "item 3, mnist-seed4: failed (signal: killed)") {
		t.Errorf("said %q", all)
	}
	// One sweep is run once at a time.
	lock, err := lockfile.Take(filepath.Join(dir, lockFolder, "local.lock"))
	must(t, err)
	if err := Local(t.Context(), dir, Command{"sh"}, 1, nil); !errors.Is(err, ErrLocal) {
		t.Errorf("two sweeps in one folder: %v", err)
	}
	must(t, lock.Release())
}
