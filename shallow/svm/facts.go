package svm

import "fmt"

// facts describes the result of the fit.
func (t *training) facts(m *machine, solutions []*solution) map[string]any {
	var iterations, coefficients, bounded int
	var violation, objective float64
	for _, s := range solutions {
		iterations += s.iterations
		coefficients += len(s.coef[0]) + len(s.coef[1])
		bounded += s.bounded
		objective += s.objective
		violation = max(violation, s.violation)
	}
	perClass := make([]int, m.labels)
	for k, class := range m.classes {
		end := len(m.support)
		if k+1 < len(m.first) {
			end = m.first[k+1]
		}
		perClass[class] = end - m.first[k]
	}
	f := map[string]any{
		"support_vectors":           len(m.support),
		"support_vectors_per_class": perClass,
		"coefficients":              coefficients,
		"bounded_coefficients":      bounded,
		"pairs":                     len(solutions),
		"iterations":                iterations,
		"kkt_violation":             violation,
		"dual_objective":            objective,
		"warnings":                  t.warnings(solutions),
	}
	if !t.linear {
		f["gamma"] = m.gamma
	}
	return f
}

// warnings lists what a reader of the results should know.
func (t *training) warnings(solutions []*solution) []string {
	out := append(t.examples.Warnings(), t.stopped(onSteps, solutions)...)
	return append(out, t.stopped(onRounds, solutions)...)
}

// stopped warns of the pairs that ended at a bound, which it names.
func (t *training) stopped(at bound, solutions []*solution) []string {
	pairs, violation := 0, 0.0
	for _, s := range solutions {
		if s.stopped == at && s.violation >= t.tolerance {
			pairs++
			violation = max(violation, s.violation)
		}
	}
	if pairs == 0 {
		return nil
	}
	name := fmt.Sprintf("%d iterations", t.maxIterations)
	advice := "raise iterations or the tolerance"
	if at == onRounds {
		name = fmt.Sprintf("%d working sets", t.maxRounds())
		advice = "raise the tolerance, which may be below the rounding, or iterations, of which there is a working set for every 1000"
	}
	return []string{fmt.Sprintf("%d of %d pairs of classes stopped at the bound of %s, with a violation of up to %.3g instead of %.3g: %s",
		pairs, len(solutions), name, violation, t.tolerance, advice)}
}
