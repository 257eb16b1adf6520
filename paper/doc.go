// Package paper reproduces the paper that shoal is about, Mangalam & Prabhu, "Do deep neural
// networks learn shallow learnable examples first?" (2019), and puts it to the test: six triplets
// of dataset, network D and reference M, the published numbers beside ours, the figures, and a
// verdict on every claim.
//
// # Use
//
//	plan, err := paper.NewPlan("quick", nil, nil, 1)
//	summary, err := paper.Run(ctx, plan, paper.Options{Out: "paper-quick"})
//	page, err := paper.Write(ctx, "paper-quick", paper.WriteOptions{}) // draws it again from the folders alone
//
// # What it writes
//
//	OUT/plan.json               what was asked for, and what was skipped and why; plan.lock for who writes it
//	OUT/mnist-seed1/            a run folder for each dataset and seed (package track)
//	OUT/mnist-ladder/           trainings of references at one accuracy: starved networks, another seed
//	OUT/mnist-easiness/         from two seeds on: is easiness the example's, and what D misses
//	OUT/figures/*.svg,*.png     figure 1 for each M, bands over seeds, ladders, infographics, agreement
//	OUT/summary.json            table and verdicts
//	OUT/report.html             the same to look at, one self-contained file
//	OUT/record/                 tables in Markdown, summaries of all runs, figure 1: copy it to keep a record
//
// Smaller networks have a section of their own: they are no triplets of the paper's, so no column of
// figure 1, and no verdict on its claims counts them; nor does one count stronger M. What is missing,
// failed or not finished is said first, and the rest is shown. What a run counts for that isn't over is
// written in begun.go.
//
// Run finishes what is there: a run that was interrupted resumes from its checkpoint, a finished
// one isn't trained again, fitted references come from the cache. A folder belongs to one budget; calls for
// several of its parts may run side by side. The page is drawn after each part, so that an interruption leaves
// it, and a report that one left undrawn is drawn by the next call. A finished run that was trained elsewhere is
// taken as it is (elsewhere.go).
//
// # Budgets
//
// full is the paper's recipes as far as they are known (see track.Builtin). evening trains the
// same networks by short recipes that converge, a smaller network with three seeds beside them, and
// sets stronger shallow models beside the paper's. quick trains for fewer epochs, and scores CIFAR
// on a part of its test split: its epoch of CIFAR-10 reaches past R±'s peak, which lies
// in its middle; Part.Note says how, and so do page and summary. What cannot be told from so little
// is a verdict of its own: "cannot be judged".
//
// # The order
//
// Shallow first may be no more than easy first. R± can't tell, as it moves with the accuracies alone;
// the order in which D learns can: does M stop predicting it? (dynamics.JudgeRegime.) Seeds of one
// network stand by each other (record.JoinSeeds), and each run gets a ladder of references at one
// accuracy with starved controls (track.Ladder), as far as the budget pays for it.
//
// # Costs
//
// Before anything is run, track.EstimateRun measures what a run of each part takes on this machine;
// cost.go multiplies that by the runs that are missing.
package paper
