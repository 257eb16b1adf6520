package report

import (
	"fmt"

	"shoal/dynamics"
)

// predictionRow is a line of the table on how well a reference predicts the learning step.
type predictionRow struct{ Reference, Ease, GoodRho, GoodAUC, FirstRho, FirstAUC string }

// predictions makes a row for each thing known of each reference.
func (a *analysis) predictions() ([]predictionRow, error) {
	var rows []predictionRow
	for _, r := range a.in.References {
		p, err := dynamics.PredictLearning(&a.in.Log, r.Reference, a.measures)
		if err != nil {
			return nil, fmt.Errorf("predict learning from %q: %w", r.Name, err)
		}
		good, first := p.LearnedForGood, p.FirstLearned
		for _, q := range []struct {
			ease        string
			good, first *dynamics.Prediction
		}{{"right or wrong", &good.Right, &first.Right}, {"margin", good.Margin, first.Margin},
			{"margin, negative where wrong", good.Signed, first.Signed}} {
			if q.good == nil || q.first == nil {
				continue
			}
			rows = append(rows, predictionRow{r.Name, q.ease, valueText(q.good.Spearman), valueText(q.good.AUC),
				valueText(q.first.Spearman), valueText(q.first.AUC)})
		}
	}
	return rows, nil
}
