package report

import (
	"fmt"
	"math"
	"strconv"

	"shoal/contingency"
	"shoal/internal/textfmt"
)

// percent prints a share as "97.9 %".
func percent(v float64) string { return textfmt.Share(v, 1) }

func percentInterval(v, lo, hi float64) string {
	return textfmt.Signs(fmt.Sprintf("%.1f %% [%.1f, %.1f]", 100*v, 100*lo, 100*hi))
}

// ratioText prints a ratio with its interval, or says why there is none.
func ratioText(r contingency.Ratio) string {
	switch {
	case r.Infinite:
		return fmt.Sprintf("∞ [at least %s]", decimals(r.Lo))
	case !r.Defined:
		return "undefined"
	case r.OneSided:
		return fmt.Sprintf("0 [at most %s]", decimals(r.Hi))
	}
	return fmt.Sprintf("%s [%s, %s]", decimals(r.Value), decimals(r.Lo), decimals(r.Hi))
}

func numberText(n contingency.Number) string {
	switch {
	case n.Infinite:
		return "∞"
	case !n.Defined:
		return "undefined"
	}
	return decimals(n.Value)
}

// decimals prints three significant digits, at least two after the point below 100.
func decimals(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1000:
		return textfmt.Thousands(int(math.Round(v)))
	case a >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	if s := strconv.FormatFloat(v, 'f', 2, 64); s != "-0.00" {
		return s
	}
	return "0.00"
}

// seconds prints a duration as people read it: "0.4 s", "75 s", "12 min", "3.2 h".
func seconds(s float64) string {
	switch {
	case s < 10:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	case s < 120:
		return strconv.FormatFloat(s, 'f', 0, 64) + " s"
	case s < 7200:
		return strconv.FormatFloat(s/60, 'f', 0, 64) + " min"
	}
	return strconv.FormatFloat(s/3600, 'f', 1, 64) + " h"
}
