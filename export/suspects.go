package export

import "slices"

// suspects has a row for each example whose label looks wrong, the likeliest first.
func (d *data) suspects() (*table, error) {
	suspects, err := d.Suspects()
	if err != nil {
		return nil, err
	}
	known := d.KnownErrors()
	t := &table{columns: []column{{"rank", integer}, {"id", integer}, {"label", integer}, {"class", text},
		{"answer", integer}, {"answer_class", text}, {"score", real}, {"models", integer}, {"of_models", integer}, {"log_odds", real}, {"never_learned", boolean}}}
	if d.Names != nil {
		t.columns = slices.Insert(t.columns, 2, column{"name", text})
	}
	if known != nil {
		t.columns = append(t.columns, column{"label_error", boolean})
	}
	for k, s := range suspects {
		label := d.Log.Labels[s.Example]
		row := []any{int64(k + 1), int64(s.Example)}
		if d.Names != nil {
			row = append(row, d.Names[s.Example])
		}
		row = append(row, int64(label), d.class(label), int64(s.Answer), d.class(s.Answer), s.Score(),
			int64(s.Models), int64(len(d.Compared())+1), s.LogOdds, s.Never)
		if known != nil {
			row = append(row, known.Has(s.Example))
		}
		t.add(row)
	}
	return t, nil
}
