package export

import (
	"archive/zip"
	"context"
	"io"

	"shoal/internal/atomicfile"
	"shoal/internal/npy"
)

// writeNPZ writes the arrays, each as NAME.npy, deflated.
func writeNPZ(ctx context.Context, path string, d *data) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		z := zip.NewWriter(w)
		for _, a := range d.arrays() {
			if err := ctx.Err(); err != nil {
				return err
			}
			entry, err := z.Create(a.name + ".npy")
			if err != nil {
				return err
			}
			if err := a.write(entry); err != nil {
				return err
			}
		}
		return z.Close()
	})
}

// array is one of an npz.
type array struct {
	name  string
	write func(w io.Writer) error
}

// arrays are those of a run, in the order of the package comment.
func (d *data) arrays() []array {
	evaluations, examples := len(d.Log.Steps), len(d.Log.Labels)
	steps := make([]int64, evaluations)
	for i, s := range d.Log.Steps {
		steps[i] = int64(s)
	}
	out := []array{
		d.classArray("predictions", d.Log.Predictions, evaluations, examples),
		numbers("steps", steps), numbers("epochs", d.Log.Epochs), numbers("loss", d.Loss), numbers("accuracy", d.Log.Accuracies()),
		d.classArray("labels", [][]uint16{d.Log.Labels}, examples),
	}
	for k, r := range d.References {
		out = append(out, d.classArray("reference_"+d.names[k], [][]uint16{r.Predictions}, examples))
		if r.Margins != nil {
			out = append(out, numbers("margin_"+d.names[k], r.Margins))
		}
	}
	return out
}

func numbers[T npy.Element](name string, values []T) array {
	return array{name, func(w io.Writer) error { return npy.Write(w, values, len(values)) }}
}

// classArray is rows of classes, one byte each when all classes fit.
func (d *data) classArray(name string, rows [][]uint16, shape ...int) array {
	return array{name, func(w io.Writer) error {
		return npy.WriteClasses(w, rows, len(d.Classes), shape...)
	}}
}
