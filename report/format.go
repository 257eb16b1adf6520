package report

import (
	"fmt"

	"shoal/contingency"
	"shoal/internal/textfmt"
)

func percentInterval(v, lo, hi float64) string {
	digits := textfmt.ShareDecimals(v, 1)
	return textfmt.Signs(fmt.Sprintf("%.*f %% [%.*f, %.*f]", digits, 100*v, digits, 100*lo, digits, 100*hi))
}

// statisticText prints a statistic of a table: with its interval, unless it is of one model alone:
// that is written as all accuracies on the page.
func statisticText(s contingency.Statistic, t contingency.Table) string {
	r := s.At(t)
	interval := s.Form >= contingency.WithInterval && s.Of == contingency.OfBoth
	switch {
	case s.Unit == contingency.Share && !r.Defined:
		return "undefined"
	case s.Unit == contingency.Share && interval:
		return percentInterval(r.Value, r.Lo, r.Hi)
	case s.Unit == contingency.Share:
		return textfmt.Share(r.Value, 1)
	case interval:
		return RatioText(r.Ratio())
	}
	return numberText(r.Number)
}

// RatioText prints a ratio with its interval, or says why there is none.
func RatioText(r contingency.Ratio) string {
	switch {
	case r.Infinite:
		return fmt.Sprintf("∞ [at least %s]", textfmt.Decimals(r.Lo))
	case !r.Defined:
		return "undefined"
	case r.OneSided:
		return fmt.Sprintf("0 [at most %s]", textfmt.Decimals(r.Hi))
	}
	return textfmt.Signs(fmt.Sprintf("%s [%s, %s]", textfmt.Decimals(r.Value), textfmt.Decimals(r.Lo), textfmt.Decimals(r.Hi)))
}

func numberText(n contingency.Number) string {
	switch {
	case n.Infinite:
		return "∞"
	case !n.Defined:
		return "undefined"
	}
	return textfmt.Signs(textfmt.Decimals(n.Value))
}
