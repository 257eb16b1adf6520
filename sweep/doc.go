// Package sweep runs many studies, seeds and settings on the machines that people have. It schedules
// nothing: it makes a plan, runs item N of it, and reads the folders.
//
//	DIR/plan.jsonl        one item a line, counted from 0: study, settings, seed, run folder
//	DIR/<item>/           a run folder each (package track)
//	DIR/locks/            one lock an item: two processes never run one item
//	DIR/logs/             what the items printed
//	DIR/report.html       bands over seeds, intervals, comparisons of settings; sweep.json has the numbers
//
// # The plan
//
// [New] makes the items of all combinations of studies, settings and seeds; equal arguments give equal
// items. [Save] writes them. A plan only grows: every item that is there has to be among the new ones,
// as it is. Each line has the whole study, so that an item means the same whatever becomes of its
// study file or of defaults, and a checksum over itself and the lines before: an edited plan is an
// error of [Read].
//
// # Items
//
// [RunItem] starts an item, resumes it, or leaves it where it is finished. [Local] runs all items as
// processes of this machine, [Slurm] writes the script of a job array, [Kubernetes] the manifest of an
// indexed Job. All three run the same command for an item, and rely on two things: status 75 says that
// an item was interrupted and is to be run again, and an item that is run again ends with the same
// database as one that was never interrupted.
//
// # Reading
//
// [ReadStatus] says how far the items are. [Report] compares settings over their seeds. [Diff] compares
// two runs, or two sweeps setting by setting. [Together] sets runs side by side that no plan made. The intervals are those of package dynamics.
package sweep
