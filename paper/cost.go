package paper

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"shoal/dataset"
	"shoal/runlog"
	"shoal/track"
)

// Cost is what is left to do of a part, estimated on this machine.
type Cost struct {
	Part     string
	Finished int // runs that are there already
	Missing  int // runs that are to be made, or finished
	// Seconds of all missing runs together.
	References, Training, Scoring, Control, Report float64
	MemoryBytes, DiskBytes                         int64 // the largest at any time; what will be written in all
	Measured                                       string
}

// Seconds is the time of everything.
func (c Cost) Seconds() float64 {
	return c.References + c.Training + c.Scoring + c.Control + c.Report
}

// estimate loads the part's data, which shows whether they can be had, and
// estimates what its missing runs cost. A part that is finished costs nothing
// and needs no data.
func (x *execution) estimate(ctx context.Context, part Part) (Cost, error) {
	c := Cost{Part: part.Name}
	for k := range x.plan.Seeds {
		status, err := statusOf(filepath.Join(x.options.Out, part.folder(k+1)))
		if err != nil {
			return c, err
		}
		if status == runlog.Finished {
			c.Finished++
		} else {
			c.Missing++
		}
	}
	control, err := x.controlMissing(part)
	if err != nil || c.Missing == 0 && !control {
		return c, err
	}
	if x.options.NoEstimate {
		return c, nil
	}
	set, err := x.load(ctx, part.Study.Data)
	if err != nil {
		return c, err
	}
	w, err := workOf(part, set)
	if err != nil {
		return c, err
	}
	speed, err := measureNetwork(ctx, part.Study, set, x.options.Track)
	if err != nil {
		return c, err
	}
	models, err := measureReferences(ctx, part.Study, set, x.options.Track)
	if err != nil {
		return c, err
	}
	x.fill(&c, w, speed, models, control)
	return c, nil
}

// controlMissing reports whether a control run is still to be made.
func (x *execution) controlMissing(part Part) (bool, error) {
	if x.plan.Seeds > 1 || !x.controlled(part) {
		return false, nil
	}
	if done, err := statusOf(filepath.Join(x.options.Out, part.controlFolder())); err != nil || done == runlog.Finished {
		return false, err
	}
	first := filepath.Join(x.options.Out, part.folder(1))
	if status, err := statusOf(first); err != nil || status != runlog.Finished {
		return true, err
	}
	have, err := readRun(first)
	return err == nil && !have.controlled(), err
}

// fill multiplies the work by the speed.
func (x *execution) fill(c *Cost, w work, speed networkSpeed, models referenceSpeed, control bool) {
	n := float64(c.Missing)
	if c.Missing > 0 {
		c.References = models.seconds // the other seeds find them in the cache
	}
	c.Training = n * float64(w.steps) * speed.step
	c.Scoring = n * float64(w.evaluations) * float64(w.test) * speed.image
	// A whole report bootstraps curves and draws every figure.
	c.Report = n * (reportSeconds + perTable*float64(w.evaluations)*float64(w.test)*float64(w.references))
	if x.plan.Seeds > 1 {
		c.Report *= 2 // twice as many references: the controls
	}
	disk := n * (w.runBytes() + speed.checkpoint)
	if control {
		scored := float64(w.controls) // at most: if it takes as long as the run itself
		c.Control = float64(w.steps)*speed.step + scored*float64(w.test)*speed.image + c.Report
		disk += scored*float64(w.test)*w.bytesAnswer() + speed.checkpoint
	}
	c.DiskBytes = int64(disk)
	c.MemoryBytes = w.dataBytes + speed.memory + models.memory + programBytes
	c.Measured = fmt.Sprintf("%s: a step %s, 1,000 images scored %s", c.Part, duration(speed.step), duration(1000*speed.image))
	if len(models.cached) > 0 {
		c.Measured += ", " + strings.Join(models.cached, " and ") + " in the cache"
	}
}

// Rough constants of what isn't measured.
const (
	reportSeconds = 8.0      // figures and page of a run
	perTable      = 5e-7     // judging: seconds for each example, evaluation and reference
	reportBytes   = 16 << 20 // report.html and figures of a run
	programBytes  = 96 << 20
)

// work is how much there is to do in one run.
type work struct {
	steps, evaluations, references int
	controls                       int // evaluations of a control run, at most
	train, test, classes           int
	dataBytes, imageBytes          int64
}

func workOf(part Part, set *dataset.Set) (work, error) {
	s := part.Study
	schedule, err := track.ParseSchedule(s.Evaluation.Schedule)
	if err != nil {
		return work{}, err
	}
	w := work{train: set.Train.Len(), test: set.Test.Len(), classes: len(set.Classes), references: len(s.References)}
	perEpoch := (w.train + s.Training.Batch - 1) / s.Training.Batch
	w.steps = max(1, int(math.Round(s.Training.Epochs*float64(perEpoch))))
	w.evaluations = len(schedule.Steps(perEpoch, w.steps))
	if part.Control != "" {
		control, err := track.ParseSchedule(part.Control)
		if err != nil {
			return work{}, err
		}
		w.controls = len(control.Steps(perEpoch, w.steps))
	}
	w.dataBytes = int64(len(set.Train.Pixels) + len(set.Test.Pixels))
	w.imageBytes = int64(len(set.Test.Pixels))
	return w, nil
}

// bytesAnswer is what a predicted class takes when compressed: at most the
// entropy of equally likely classes.
func (w work) bytesAnswer() float64 { return math.Log2(float64(max(w.classes, 2))) / 8 }

// runBytes is the size of a run folder without checkpoints.
func (w work) runBytes() float64 {
	return float64(w.evaluations)*(float64(w.test)*w.bytesAnswer()+100) + float64(w.imageBytes) + reportBytes
}

// load reads a dataset as track does.
func (x *execution) load(ctx context.Context, d track.Data) (*dataset.Set, error) {
	o := x.options.Track
	source := dataset.Source{DataDir: o.DataDir, CacheDir: o.CacheDir, Offline: o.Offline, AllowModified: o.AllowModified,
		Progress: func(done, total int, note string) {
			if total == 0 {
				x.options.say("%s", note)
			} else if o.Progress != nil {
				o.Progress(track.Progress{Part: track.PartData, Name: note, Done: done, Total: total})
			}
		}}
	set, err := dataset.Load(ctx, d.Dataset, source)
	if err != nil {
		return nil, err
	}
	set.Train, set.Test = set.Train.First(d.LimitTrain), set.Test.First(d.LimitTest)
	return set, nil
}

// costLines is the table of costs, for a person.
func costLines(costs []Cost) []string {
	var b bytes.Buffer
	var sum Cost
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "to do\truns\treferences\ttraining\tscoring\tcontrol\treport\ttime\tmemory\tdisk\t\n")
	var measured []string
	for _, c := range costs {
		if c.Missing == 0 && c.Seconds() == 0 {
			fmt.Fprintf(t, "%s\t%d done\t\t\t\t\t\tnone\t\t\t\n", c.Part, c.Finished)
			continue
		}
		if c.Measured == "" {
			continue
		}
		fmt.Fprintf(t, "%s\t%d of %d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", c.Part, c.Missing, c.Missing+c.Finished, duration(c.References), duration(c.Training),
			duration(c.Scoring), duration(c.Control), duration(c.Report), duration(c.Seconds()), size(c.MemoryBytes), size(c.DiskBytes))
		measured = append(measured, c.Measured)
		sum.Training += c.Seconds()
		sum.MemoryBytes = max(sum.MemoryBytes, c.MemoryBytes)
		sum.DiskBytes += c.DiskBytes
	}
	if len(measured) > 1 {
		fmt.Fprintf(t, "all\t\t\t\t\t\t\t%s\t%s\t%s\t\n", duration(sum.Training), size(sum.MemoryBytes), size(sum.DiskBytes))
	}
	t.Flush()
	if len(measured) == 0 && sum.Seconds() == 0 && !strings.Contains(b.String(), "done") {
		return nil
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	if len(measured) > 0 {
		lines = append(lines, "estimated for this machine from measurements: "+strings.Join(measured, "; "))
	}
	return lines
}

// duration prints seconds with two figures or so: 1.5 ms, 38 s, 12 min, 7.3 h.
func duration(s float64) string {
	switch {
	case !(s > 0):
		return "-"
	case s < .1:
		return fmt.Sprintf("%.2g ms", 1000*s)
	case s < 10:
		return fmt.Sprintf("%.1f s", s)
	case s < 100:
		return fmt.Sprintf("%.0f s", s)
	case s < 100*60:
		return fmt.Sprintf("%.0f min", s/60)
	case s < 72*3600:
		return fmt.Sprintf("%.1f h", s/3600)
	}
	return fmt.Sprintf("%.0f days", s/float64(24*time.Hour/time.Second))
}

func size(bytes int64) string {
	if bytes < 1000<<20 {
		return fmt.Sprintf("%d MB", bytes>>20)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/(1<<30))
}
