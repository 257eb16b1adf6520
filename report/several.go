package report

import (
	"context"
	"fmt"
	"path/filepath"

	"shoal/dynamics"
	"shoal/internal/atomicfile"
	"shoal/report/figure"
)

// RunCurves reads the curves of a run folder against the reference of that name or kind ("svm").
func RunCurves(ctx context.Context, dir, reference string) (figure.Curves, error) {
	in, err := FromRun(ctx, dir)
	if err != nil {
		return figure.Curves{}, err
	}
	return in.CurvesFor(reference)
}

// CurvesFor computes the curves against the reference of that name, or else the first of that kind.
func (in *Input) CurvesFor(reference string) (figure.Curves, error) {
	found := -1
	for k, r := range in.References {
		if r.Name == reference || found < 0 && r.Kind == reference {
			found = k
			if r.Name == reference {
				break
			}
		}
	}
	if found < 0 {
		return figure.Curves{}, fmt.Errorf("study %q has no reference %q; it has %s", in.Study, reference, in.referenceNames())
	}
	c, err := dynamics.Curves(&in.Log, in.References[found].Reference)
	if err != nil {
		return figure.Curves{}, err
	}
	return Curves(in.Dataset, in.Network, c), nil
}

func (in *Input) referenceNames() string {
	if len(in.References) == 0 {
		return "none"
	}
	s := ""
	for k, r := range in.References {
		if k > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%q", r.Name)
	}
	return s
}

// Figure1 is the paper's Figure 1 for one reference M: rows R±; R+ with R- and accuracy; T; one column a dataset. A column
// without curves says "no run".
func Figure1(reference string, columns []figure.Column) *figure.Figure {
	return figure.Figure1(reference, columns)
}

// SeedFigures draws the same study over several seeds: ratio, rates, cells, nestedness and the overview, with bands over seeds.
func SeedFigures(runs []figure.Curves) ([]*figure.Figure, error) {
	if len(runs) == 0 {
		return nil, errNoRuns
	}
	c, err := figure.Pool(runs)
	if err != nil {
		return nil, err
	}
	all := []*figure.Figure{figure.Ratio(c), figure.Rates(c), figure.Cells(c), figure.Nestedness(c), figure.Overview(c)}
	for _, f := range all {
		f.Name = "seeds-" + f.Name
	}
	return all, nil
}

// WriteFigures writes figures that belong to no single run, as SVG and PNG, into the folder dir, which must exist.
func WriteFigures(dir string, dpi int, figures ...*figure.Figure) error {
	for _, f := range figures {
		svg, png, err := f.Encode(dpi)
		if err != nil {
			return err
		}
		if err := atomicfile.WriteFile(filepath.Join(dir, f.Name+".svg"), svg); err != nil {
			return err
		}
		if err := atomicfile.WriteFile(filepath.Join(dir, f.Name+".png"), png); err != nil {
			return err
		}
	}
	return nil
}
