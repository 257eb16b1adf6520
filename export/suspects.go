package export

import (
	"slices"

	"shoal/dynamics"
)

// suspects has a row for each example whose label looks wrong, the likeliest first.
func (d *data) suspects() (*table, error) {
	learned, err := d.Log.Learning()
	if err != nil {
		return nil, err
	}
	t := &table{columns: []column{{"rank", integer}, {"id", integer}, {"label", integer}, {"class", text},
		{"answer", integer}, {"answer_class", text}, {"score", real}, {"models", integer}, {"of_models", integer}, {"never_learned", boolean}}}
	if d.Names != nil {
		t.columns = slices.Insert(t.columns, 2, column{"name", text})
	}
	var refs []dynamics.Reference
	for _, r := range d.Compared() {
		refs = append(refs, r.Reference)
	}
	for k, s := range dynamics.Suspects(&d.Log, learned, refs) {
		label := d.Log.Labels[s.Example]
		row := []any{int64(k + 1), int64(s.Example)}
		if d.Names != nil {
			row = append(row, d.Names[s.Example])
		}
		t.add(append(row, int64(label), d.class(label), int64(s.Answer), d.class(s.Answer), s.Score,
			int64(s.Models), int64(len(refs)+1), s.Never))
	}
	return t, nil
}
