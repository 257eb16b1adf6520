package report

import "shoal/report/figure"

// SeedFigures draws the same study over several seeds: ratio, rates, cells, nestedness and the
// overview, with bands over seeds.
func SeedFigures(runs []figure.Curves) ([]*figure.Figure, error) {
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
