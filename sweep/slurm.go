package sweep

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"shoal/internal/textfmt"
	"shoal/internal/usage"
)

// ErrFinished says that there is nothing to submit.
var ErrFinished = errors.New("all items are finished")

// notice is how long before the end of its time an item is interrupted.
const notice = 120 * time.Second

// Slurm returns the batch script of a job array with an element for each item of the sweep in dir that
// isn't finished, and makes the folder for their output. Lines of options are added to it as they are,
// behind ours: `--partition=long`. All paths have to be absolute.
//
// Slurm tells the batch shell that the time will be up in two minutes, or in half of a shorter limit
// (B:TERM), which passes it on. Status 75 and a process
// that was killed put the element back into the queue, unless somebody cancelled it; other statuses are final.
func Slurm(dir string, c Command, r Resources, options []string) (string, error) {
	if err := r.Check(); err != nil {
		return "", err
	}
	for _, o := range options {
		if !strings.HasPrefix(o, "-") || strings.ContainsAny(o, "\n\r") {
			return "", usage.Errorf("option %q for Slurm: want one that begins with a hyphen, on one line", o)
		}
	}
	items, err := Read(dir)
	if err != nil {
		return "", err
	}
	open := unfinished(dir, items)
	if len(open) == 0 {
		return "", fmt.Errorf("sweep %q: %w", dir, ErrFinished)
	}
	if err := makeLogs(dir); err != nil {
		return "", err
	}
	array := ranges(open)
	if r.Jobs > 0 {
		array += fmt.Sprintf("%%%d", r.Jobs)
	}
	lines := []string{
		"job-name=" + jobName(dir), "array=" + array, fmt.Sprintf("cpus-per-task=%d", r.CPUs), "mem=" + r.Memory,
	}
	before := notice
	if r.Time > 0 {
		lines = append(lines, "time="+slurmTime(r.Time))
		before = min(before, r.Time/2) // Slurm looks every half minute
	}
	// In sbatch's patterns of file names %a is the element and %% a percent sign.
	log := strings.ReplaceAll(filepath.Join(dir, logFolder, "item-"), "%", "%%") + "%a.log"
	lines = append(lines, fmt.Sprintf("signal=B:TERM@%d", int(before.Seconds())), "requeue", "open-mode=append", "output="+quoteDirective(log))
	var b strings.Builder
	b.WriteString("#!/bin/bash\n")
	for _, line := range lines {
		b.WriteString("#SBATCH --" + line + "\n")
	}
	for _, line := range options {
		b.WriteString("#SBATCH " + line + "\n")
	}
	var words []string
	for _, word := range c {
		words = append(words, textfmt.ShellQuote(word))
	}
	fmt.Fprintf(&b, slurmBody, strings.Join(words, " "))
	return b.String(), nil
}

// quoteDirective quotes a path for a line of options, which sbatch splits as a shell does.
func quoteDirective(path string) string {
	if !strings.ContainsAny(path, " \t\"'\\") {
		return path
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(path) + `"`
}

// slurmBody runs the item of an array's element. The trap comes first: the signal may come as soon as the
// script begins. wait returns when a signal comes, and again when the process has ended; but bash loses
// the status of a process that ends as the signal comes (one time in eight, when both happen at once).
// So the process is waited for by a shell that no signal interrupts, which writes the status into a file;
// where that can't be written, as on a full disk, what wait returned counts.
// set -m makes the two a group of processes of their own, which gets the signal.
//
// scontrol says COMPLETING of an element that Slurm is ending: at its time limit, because it was preempted or
// requeued, or after scancel. Of these a script has to put back only the first two; Slurm requeues by itself, and
// what a person cancelled stays so.
const slurmBody = `
child=
stopping=
waited=75 # it was told to end before it began
trap 'stopping=1; [ -z "$child" ] || kill -TERM -- -"$child" 2>/dev/null' TERM
result=$(mktemp) || exit 1
if [ -z "$stopping" ]; then
	set -m
	(
		trap : TERM
		%s "$SLURM_ARRAY_TASK_ID"
		status=$?
		echo $status >"$result"
		exit $status
	) &
	child=$!
	[ -z "$stopping" ] || kill -TERM -- -"$child"
	while :; do
		stopping=
		wait "$child"
		waited=$?
		[ -n "$stopping" ] || break
	done
fi
status=$(cat "$result")
rm -f "$result"
status=${status:-$waited}
[ "$status" -ne 143 ] || status=75 # it was told to end before it listened

# 75: interrupted, resume. 137: killed, maybe for its memory; that is tried five times.
if [ "$status" -eq 75 ] || { [ "$status" -eq 137 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 5 ]; }; then
	job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
	case $(scontrol show job "$job") in
	*JobState=COMPLETING*Reason=TimeLimit* | *JobState=COMPLETING*PreemptTime=[0-9]*) again=1 ;;
	*JobState=COMPLETING* | *JobState=CANCELLED*) again= ;;
	*) again=1 ;;
	esac
	if [ -n "$again" ]; then
		echo "item $SLURM_ARRAY_TASK_ID ended with status $status and is put back into the queue"
		scontrol requeue "$job"
	else
		echo "item $SLURM_ARRAY_TASK_ID ended with status $status because Slurm was told to end it, and is not put back into the queue from here"
	fi
fi
exit "$status"
`
