package export

import (
	"cmp"
	"context"
	"io"
	"math"

	"shoal/dynamics/regime"
	"shoal/internal/atomicfile"
	"shoal/internal/npy"
)

// writeNPZ writes the arrays.
func (o Options) writeNPZ(ctx context.Context, d *data) error {
	entries, err := d.arrays()
	if err != nil {
		return err
	}
	for i, e := range entries {
		entries[i].Write = func(w io.Writer) error { return cmp.Or(ctx.Err(), e.Write(w)) }
	}
	return atomicfile.Write(o.Out, func(w io.Writer) error {
		if err := npy.WriteArchive(w, entries); err != nil {
			return err
		}
		return o.checkPlace() // it may have changed while the export was made
	})
}

// arrays are those of a run, in the order of the package comment.
func (d *data) arrays() ([]npy.Entry, error) {
	evaluations, examples := len(d.Log.Steps), len(d.Log.Labels)
	steps := make([]int64, evaluations)
	for i, s := range d.Log.Steps {
		steps[i] = int64(s)
	}
	out := []npy.Entry{
		d.classArray("predictions", d.Log.Predictions, evaluations, examples),
		numbers("steps", steps), numbers("epochs", d.Log.Epochs), numbers("loss", d.Loss), numbers("accuracy", d.Log.Accuracies()),
		d.classArray("labels", [][]uint16{d.Log.Labels}, examples),
	}
	if d.Log.Right != nil {
		out = append(out, npy.Entry{Name: "right", Write: d.writeRight})
	}
	if d.Names != nil {
		out = append(out, npy.Entry{Name: "names", Write: func(w io.Writer) error { return npy.WriteText(w, d.Names) }})
	}
	for k, r := range d.References {
		out = append(out, d.classArray("reference_"+d.names[k], [][]uint16{r.Predictions}, examples))
		if r.Margins != nil {
			out = append(out, numbers("margin_"+d.names[k], r.Margins))
		}
	}
	for _, m := range d.Values.Named() {
		out = append(out, numbers(m.Name, m.Values))
	}
	learned, err := d.Log.Learning()
	if err != nil {
		return nil, err
	}
	return append(out, numbers("learned_step", d.learnedSteps(learned)), numbers("share_learned", learned.BySpeed)), nil
}

// learnedSteps are the steps at which examples are learned, NaN for those that never are.
func (d *data) learnedSteps(learned *regime.Learning) []float64 {
	out := make([]float64, len(learned.Switch))
	for i, t := range learned.Switch {
		out[i] = math.NaN()
		if step, _, ok := d.Log.When(t + 1); ok {
			out[i] = float64(step)
		}
	}
	return out
}

func numbers[T npy.Element](name string, values []T) npy.Entry {
	return npy.Entry{Name: name, Write: func(w io.Writer) error { return npy.Write(w, values, len(values)) }}
}

// writeRight writes what is right, 0 or 1, evaluations × examples.
func (d *data) writeRight(w io.Writer) error {
	var out []uint8
	for t := range d.Log.Steps {
		for _, right := range d.Log.Correct(t) {
			if right {
				out = append(out, 1)
			} else {
				out = append(out, 0)
			}
		}
	}
	return npy.Write(w, out, len(d.Log.Steps), len(d.Log.Labels))
}

// classArray is rows of classes, one byte each when all classes fit.
func (d *data) classArray(name string, rows [][]uint16, shape ...int) npy.Entry {
	return npy.Entry{Name: name, Write: func(w io.Writer) error {
		return npy.WriteClasses(w, rows, len(d.Classes), shape...)
	}}
}
