package export

import (
	"slices"

	"shoal/dynamics"
	"shoal/dynamics/groups"
)

// errorColumns are those of the errors of a model in a group.
func errorColumns(prefix string) []column {
	return []column{{prefix + "wrong", integer}, {prefix + "share", real}, {prefix + "others_share", real},
		{prefix + "ratio", real}, {prefix + "ratio_lo", real}, {prefix + "ratio_hi", real}, {prefix + "within_classes", boolean},
		{prefix + "p", real}, {prefix + "p_holm", real}, {prefix + "verdict", text}}
}

func errorCells(e groups.Errors) []any {
	return slices.Concat([]any{int64(e.Wrong), e.Share, e.OthersShare}, estimateCells(e.Ratio), []any{e.Within, e.P, e.Corrected, string(e.Verdict)})
}

func estimateCells(e dynamics.Estimate) []any {
	return []any{when(e.Defined, e.Value), when(e.Defined, e.Lo), when(e.Defined, e.Hi)}
}

// byGroup has a row for each group.
func (d *data) byGroup() (*table, error) {
	c, err := d.CompareGroups()
	if err != nil {
		return nil, err
	}
	t := &table{columns: slices.Concat([]column{{"attribute", text}, {"group", text}, {"n", integer}, {"early_step", integer}},
		errorColumns("early_"), errorColumns("end_"))}
	for k, name := range d.names {
		if !d.References[k].Control() {
			t.columns = append(t.columns, errorColumns("reference_"+name+"_")...)
		}
	}
	t.columns = append(t.columns, column{"later", real}, column{"later_lo", real}, column{"later_hi", real}, column{"median_step", integer}, column{"never_right", integer})
	for _, g := range c.Groups {
		row := slices.Concat([]any{g.Attribute, g.Name, int64(g.N), int64(c.EarlyStep)}, errorCells(g.Early), errorCells(g.End))
		for _, e := range g.References {
			row = append(row, errorCells(e)...)
		}
		median := any(nil)
		if g.MedianStep != nil {
			median = int64(*g.MedianStep)
		}
		t.add(append(append(row, estimateCells(g.Later)...), median, int64(g.Never)))
	}
	return t, nil
}

// groupCurves has a row for each evaluation, group and reference.
func (d *data) groupCurves() (*table, error) {
	t := &table{columns: []column{{"step", integer}, {"epoch", real}, {"attribute", text}, {"group", text}, {"n", integer}, {"accuracy", real},
		{"reference", text}, {"both", integer}, {"shallow_only", integer}, {"deep_only", integer}, {"neither", integer}}}
	for _, a := range d.Groups {
		for _, r := range d.Compared() {
			for e, tables := range groups.Tables(&d.Log, r.Reference, a) {
				for g, at := range tables {
					accuracy := at.DeepAccuracy()
					t.add([]any{int64(d.Log.Steps[e]), d.Log.Epochs[e], a.Name, a.Groups[g], int64(at.N()), when(accuracy.Defined, accuracy.Value),
						r.Name, int64(at.Both), int64(at.ShallowOnly), int64(at.DeepOnly), int64(at.Neither)})
				}
			}
		}
	}
	return t, nil
}

// attributeColumns are those of the examples' groups, in the table of examples.
func (d *data) attributeColumns() []column {
	var out []column
	var taken []string
	for _, a := range d.Groups {
		taken = append(taken, safeName(a.Name, taken))
		out = append(out, column{"group_" + taken[len(taken)-1], text})
	}
	return out
}

// attributeCells are the groups of example i.
func (d *data) attributeCells(i int) []any {
	var out []any
	for _, a := range d.Groups {
		var name any
		if g := a.Of[i]; g != groups.None {
			name = a.Groups[g]
		}
		out = append(out, name)
	}
	return out
}
