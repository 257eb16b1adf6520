package paper

import (
	"context"
	"fmt"
	"math"
	"slices"

	"shoal/dynamics"
	"shoal/dynamics/easiness"
	"shoal/published"
	"shoal/report"
	"shoal/runlog"
)

// SummaryFile is the name of the summary in a paper's folder.
const SummaryFile = "summary.json"

// Summary is the table and the verdicts: summary.json.
type Summary struct {
	Budget   string           `json:"budget"`
	Overall  []Overall        `json:"overall"` // one a claim
	Datasets []DatasetSummary `json:"datasets"`
	// Smaller are networks that aren't the paper's (see Part.Smaller): no triplets of it, and counted
	// nowhere in Overall.
	Smaller []DatasetSummary `json:"smaller_networks"`
}

// parts are the summaries of all parts, the paper's networks first.
func (s *Summary) parts() []DatasetSummary { return slices.Concat(s.Datasets, s.Smaller) }

// DatasetSummary is a column of figure 1, or a smaller network.
type DatasetSummary struct {
	Part      string          `json:"part"` // its name, with which those of its folders begin
	Dataset   string          `json:"dataset"`
	Title     string          `json:"title"`
	Network   string          `json:"network"`
	Note      string          `json:"note,omitempty"`    // how the study differs from the paper's recipe, and the arithmetic
	Skipped   string          `json:"skipped,omitempty"` // what stopped the part: why there is no run, or not all
	Planned   int             `json:"planned_runs"`      // one a seed
	SoFar     bool            `json:"so_far,omitempty"`  // no run has come to its end: nothing is said of convergence
	Accuracy  *Spread         `json:"accuracy"`          // of D at the end, over the runs that came to theirs; of all, so far, while none has
	Best      *Spread         `json:"best_accuracy"`     // the highest of any evaluation, which is what the paper's sources report
	Published *float64        `json:"published_accuracy"`
	Runs      []RunSummary    `json:"runs"`
	Triplets  []Triplet       `json:"triplets"`
	Ladder    []RungSummary   `json:"ladder"`
	Agreement []dynamics.Pair `json:"agreement"` // of all M and all D at the end
	// Easiness has both answers of package easiness for each M, from 2 seeds on.
	Easiness []easiness.Answer `json:"easiness,omitempty"`
	// Orders says, of a smaller network, how its seeds agree on the order of learning, among each other
	// and with the large one's.
	Orders *OrderAgreement `json:"orders,omitempty"`
	// LadderSeconds is what the trainings and fits of the ladder took.
	LadderSeconds float64 `json:"ladder_seconds"`
	// RefitSeconds is what the answers on easiness took; null where it isn't known.
	RefitSeconds *float64 `json:"refit_seconds"`
	// Recipe is what the published recipe would take here, "" where this is that, or nothing can be said.
	Recipe string `json:"published_recipe,omitempty"`

	smaller        bool
	stand          string           // the smaller network that has answers for this one, "" for none
	easiness       *easiness.Report // the same with all else that it has; nil for none
	easinessFolder string
}

// RunSummary is one seed.
type RunSummary struct {
	Network string             `json:"network"`
	Seed    uint64             `json:"seed"`
	Folder  string             `json:"folder"`
	Status  string             `json:"status"`
	Steps   int                `json:"steps"`
	Epochs  dynamics.NullFloat `json:"epochs"` // null where the log of a run from elsewhere doesn't say
	// PlannedEpochs are those of its study; null for a run from elsewhere.
	PlannedEpochs dynamics.NullFloat `json:"planned_epochs"`
	Evaluations   int                `json:"evaluations"`
	Examples      int                `json:"examples"` // of the evaluation split
	Accuracy      float64            `json:"accuracy"`
	BestAccuracy  float64            `json:"best_accuracy"`
	Seconds       runlog.Seconds     `json:"seconds"`
	PeakRSSBytes  int64              `json:"peak_rss_bytes"`
	Precision     string             `json:"precision,omitempty"` // float32 or bfloat16
	Tier          string             `json:"tier,omitempty"`      // how products of bfloat16 are summed
	SIMD          string             `json:"simd"`
	Workers       int                `json:"workers"`
}

// Spread is a mean over seeds with its range.
type Spread struct {
	Mean  float64 `json:"mean"`
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
	Seeds int     `json:"seeds"`
}

func spreadOf(values []float64) *Spread {
	if len(values) == 0 {
		return nil
	}
	s := &Spread{Least: slices.Min(values), Most: slices.Max(values), Seeds: len(values)}
	for _, v := range values {
		s.Mean += v / float64(len(values))
	}
	return s
}

// Triplet is {dataset, D, M}.
type Triplet struct {
	Reference string                `json:"reference"`
	Kind      string                `json:"kind"`
	OfPaper   bool                  `json:"of_paper"` // one of the paper's six: its claims are about it
	Accuracy  float64               `json:"accuracy"` // of M
	Published *float64              `json:"published_accuracy"`
	Evidence  []Evidence            `json:"evidence"`  // one a seed; those that count for the beginning only are marked
	Headlines []dynamics.Headline   `json:"headlines"` // over seeds
	Left      *dynamics.LeftReport  `json:"left"`      // claim 4 over seeds; null with one
	Claims    []Claim               `json:"claims"`
	Regimes   []SeedRegime          `json:"regimes"` // one a seed
	Churn     *dynamics.ChurnReport `json:"churn"`   // over seeds; null with one
}

// warnings are those of the fits of M, which seeds share, each once.
func (t Triplet) warnings() []string {
	var out []string
	for _, e := range t.Evidence {
		for _, text := range e.Warnings {
			if text = t.Reference + ": " + text; !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}

// warnings are those of all M of a part.
func (d DatasetSummary) warnings() []string {
	var out []string
	for _, t := range d.Triplets {
		for _, text := range t.warnings() {
			out = append(out, d.Heading()+", "+text)
		}
	}
	return out
}

// SeedRegime is whether M stops predicting what D learns next, for one seed.
type SeedRegime struct {
	Seed           uint64                  `json:"seed"`
	Association    dynamics.Association    `json:"association"`
	Regime         dynamics.Regime         `json:"regime"`
	BeyondAccuracy dynamics.BeyondAccuracy `json:"beyond_accuracy"`
}

// RungSummary is a reference of a ladder, or a starved control, beside the first seed.
type RungSummary struct {
	Name        string               `json:"name"`
	Kind        string               `json:"kind"`
	Accuracy    float64              `json:"accuracy"`
	Association dynamics.Association `json:"association"`
	Regime      dynamics.Regime      `json:"regime"`
}

// summarise computes the summary.
func summarise(ctx context.Context, s *state, parts []collected) (*Summary, error) {
	out := &Summary{Budget: s.Budget, Datasets: []DatasetSummary{}, Smaller: []DatasetSummary{}}
	for k, c := range parts {
		d, err := c.summarise(ctx)
		if err != nil && !stopped(err) { // of this part nothing is shown, of the others all
			parts[k].lacks(err)
			parts[k].runs, parts[k].easiness = nil, nil
			c = parts[k]
			d, err = c.summarise(ctx)
		}
		if err != nil {
			return nil, err
		}
		if !c.Smaller {
			out.Datasets = append(out.Datasets, d)
			continue
		}
		if d.Orders, err = c.orders(parts); err != nil {
			return nil, err
		}
		out.Smaller = append(out.Smaller, d)
	}
	for k := range out.Datasets {
		out.Datasets[k].stand = standFor(out.Datasets[k].Dataset, out.Smaller)
	}
	out.Overall = overall(out.Datasets)
	return out, nil
}

// standFor names the smaller network on a dataset that was asked what takes several seeds.
func standFor(dataset string, smaller []DatasetSummary) string {
	for _, d := range smaller {
		if d.Dataset == dataset && len(d.Easiness) > 0 {
			return d.Network
		}
	}
	return ""
}

// summarise computes the summary of a part.
func (c collected) summarise(ctx context.Context) (DatasetSummary, error) {
	d := DatasetSummary{Part: c.Name, Dataset: c.Dataset, Title: title(c.Dataset), Network: c.Network, Note: c.Note, Skipped: c.Skipped,
		Planned: c.Seeds, SoFar: c.soFar(), smaller: c.Smaller, LadderSeconds: c.ladderSeconds, RefitSeconds: c.RefitSeconds,
		Runs: []RunSummary{}, Triplets: []Triplet{}, Ladder: []RungSummary{}, Agreement: []dynamics.Pair{}}
	if paper, known := published.For(c.Dataset); known && !c.Smaller {
		d.Published = &paper.Network
	}
	for _, r := range c.runs {
		d.Runs = append(d.Runs, r.summarise())
	}
	var final, best []float64
	for _, r := range c.counted() {
		own := r.summarise()
		final, best = append(final, own.Accuracy), append(best, own.BestAccuracy)
	}
	d.notePrecision()
	if len(c.runs) > 0 && c.counted()[0].elsewhere() {
		d.Note = c.counted()[0].noteOfLog()
	}
	d.Accuracy, d.Best = spreadOf(final), spreadOf(best)
	for _, ref := range c.references() {
		t, err := c.triplet(ctx, ref)
		if err != nil {
			return d, err
		}
		d.Triplets = append(d.Triplets, t)
	}
	for _, r := range c.ladder() {
		d.Ladder = append(d.Ladder, RungSummary{r.Name, r.Kind, r.Accuracy, r.Judgement.Association, r.Judgement.Regime})
	}
	d.Recipe = c.recipe(d)
	var err error
	if d.Agreement, err = c.agreement(); err != nil {
		return d, err
	}
	if c.easiness != nil {
		d.Easiness, d.easiness, d.easinessFolder = c.easiness.Answers, c.easiness, Part{Name: c.Name}.easinessFolder()
	}
	return d, nil
}

// notePrecision adds to the note what the runs computed in, where that isn't the precision of the published
// recipes: it is the machine's, so the plan doesn't know it.
func (d *DatasetSummary) notePrecision() {
	if len(d.Runs) > 0 && d.Runs[0].Precision != "" && d.Runs[0].Precision != publishedPrecision {
		d.Note = joined("; ", d.Note, "computed in "+d.Runs[0].Precision+" instead of "+publishedPrecision)
	}
}

// ladder is that of the first run that counts; its claims have been judged.
func (c collected) ladder() report.Ladder {
	runs := c.counted()
	if len(runs) == 0 || runs[0].Judgements == nil {
		return nil
	}
	return report.LadderOf(runs[0].History)
}

func (r *run) summarise() RunSummary {
	last := len(r.Log.Steps) - 1
	accuracies := r.Log.Accuracies()
	s := RunSummary{Network: r.Network, Seed: r.seed(), Folder: r.folder, Status: string(r.Status), Steps: r.Log.Steps[last], Epochs: dynamics.NullFloat(r.Log.Epochs[last]),
		PlannedEpochs: dynamics.NullFloat(math.NaN()),
		Evaluations:   last + 1, Examples: len(r.Log.Labels), Accuracy: accuracies[last],
		BestAccuracy: slices.Max(accuracies), Seconds: r.Seconds}
	study, err := r.study()
	if err == nil {
		s.PlannedEpochs = dynamics.NullFloat(study.Training.Epochs)
	}
	if r.summary != nil {
		s.Seconds, s.PeakRSSBytes, s.SIMD, s.Workers = r.summary.Seconds, r.summary.PeakRSSBytes, r.summary.SIMD, r.summary.Workers
		s.Precision, s.Tier = r.summary.Precision, r.summary.Tier
	} else if err == nil {
		s.Precision = study.Training.Precision
	}
	return s
}

// triplet judges one M over all seeds.
func (c collected) triplet(ctx context.Context, ref runlog.Reference) (Triplet, error) {
	t := Triplet{Reference: ref.Name, Kind: ref.Kind, OfPaper: c.asked(ref).OfPaper(), Accuracy: ref.Accuracy, Evidence: []Evidence{}, Headlines: []dynamics.Headline{}, Regimes: []SeedRegime{}}
	var seeds []seedVerdicts
	var logs []*dynamics.Log
	runs, err := c.early(ctx, ref.Name)
	if err != nil {
		return t, err
	}
	for _, r := range runs {
		own := r.Reference(ref.Name)
		j, err := r.judgement(ctx, own.Name)
		if err != nil {
			return t, err
		}
		v := map[int]dynamics.Verdict{}
		for _, verdict := range j.Verdicts {
			v[verdict.Claim] = verdict
		}
		e := evidenceOf(v)
		e.Seed, e.Run, e.SoFar, e.Warnings = r.seed(), r.folder, !r.Over(), own.Warnings()
		t.Evidence = append(t.Evidence, e)
		seeds = append(seeds, seedVerdicts{r.seed(), !r.Over(), v})
		if c.counts(r) {
			t.Regimes = append(t.Regimes, SeedRegime{r.seed(), j.Association, j.Regime, j.BeyondAccuracy})
			logs = append(logs, &r.Log)
		}
	}
	if len(logs) > 1 && !c.soFar() { // both are about the ends of trainings
		t.Churn, err = dynamics.Churn(logs, ref.Reference, 0)
		if err == nil {
			t.Left, err = dynamics.JudgeLeft(logs, ref.Reference)
		}
	}
	if err == nil && len(logs) > 0 {
		t.Headlines, err = c.headlines(ctx, runs, ref.Reference)
	}
	t.Claims = claims(c.asked(ref), seeds, t.Left)
	paper, _ := published.For(c.Dataset)
	if p := paper.Reference(ref.Name, ref.Kind); p > 0 {
		t.Published = &p
	}
	return t, err
}

// asked is the network with M, as package published is asked what the paper claims of it. newPart gives the paper's preset
// to all M that have the name of their kind, and stronger ones another name.
func (c collected) asked(ref runlog.Reference) published.Triplet {
	return published.Triplet{Dataset: c.Dataset, Network: c.Network, Reference: ref.Name, Kind: ref.Kind}
}

// agreement compares all M and all D, at their ends, with each other.
func (c collected) agreement() ([]dynamics.Pair, error) {
	if len(c.runs) == 0 {
		return []dynamics.Pair{}, nil
	}
	pairs, err := dynamics.Agree(c.runs[0].Log.Labels, c.models())
	if pairs == nil {
		pairs = []dynamics.Pair{}
	}
	return pairs, err
}

// models are the M of the first run and the networks of all.
func (c collected) models() []dynamics.Reference {
	var all []dynamics.Reference
	for _, ref := range c.references() {
		all = append(all, ref.Reference)
	}
	for _, r := range c.counted() {
		if len(r.Log.Labels) == len(c.runs[0].Log.Labels) {
			all = append(all, r.Log.Final(fmt.Sprintf("D, seed %d", r.seed())))
		}
	}
	return all
}
