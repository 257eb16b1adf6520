package textfmt

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration prints seconds with about two digits, for estimates and pages: "1.5 ms", "38 s", "12
// min", "7.3 h", "3.5 days", "10 days"; "-" for none.
func Duration(seconds float64) string {
	switch s := seconds; {
	case !(s > 0):
		return "-"
	case s < .0995: // so that it is never 1e+02 ms
		return fmt.Sprintf("%.2g ms", 1000*s)
	case s < 10:
		return fmt.Sprintf("%.1f s", s)
	case s < 100:
		return fmt.Sprintf("%.0f s", s)
	case s < 100*60:
		return fmt.Sprintf("%.0f min", s/60)
	case s < 72*3600:
		return fmt.Sprintf("%.1f h", s/3600)
	}
	if days := seconds / (24 * 3600); days < 9.95 {
		return fmt.Sprintf("%.1f days", days)
	}
	return fmt.Sprintf("%.0f days", seconds/(24*3600))
}

// Clock prints seconds to the second, or to tenths below a minute, for a terminal where a command
// says how long it took and how long it still takes: "59.9 s", "1h1m40s".
func Clock(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// Epochs prints the epoch of a moment, with two digits below 10 and as a whole number from there:
// "0.03", "2.5", "350". How long a training is, [PassCount] prints.
func Epochs(x float64) string {
	if x >= 10 {
		return thousands(x)
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}

// Passes prints how long a training is with its unit: "1 epoch", "0.5 epochs", "12345 epochs".
func Passes(epochs float64) string {
	if epochs == 1 {
		return "1 epoch"
	}
	return PassCount(epochs) + " epochs"
}

// PassCount prints how many epochs a training has, below 1000 with four digits: "0.5", "12.5", "12345".
func PassCount(epochs float64) string {
	if epochs >= 1000 {
		return strconv.FormatFloat(epochs, 'f', 0, 64)
	}
	return strconv.FormatFloat(epochs, 'g', 4, 64)
}

// Moment prints a training step with its epoch, which is left out where it is NaN: not known.
func Moment(step int, epoch float64) string {
	if math.IsNaN(epoch) {
		return "step " + Thousands(step)
	}
	return "step " + Thousands(step) + ", epoch " + Epochs(epoch)
}

// Decimals prints a ratio or a coefficient: two decimals below 10, three digits from there, whole
// from 100, and never a negative zero. The minus sign is a hyphen, see Signs.
func Decimals(x float64) string {
	switch a := math.Abs(x); {
	case a >= 1000:
		return thousands(x)
	case a >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	if s := strconv.FormatFloat(x, 'f', 2, 64); s != "-0.00" {
		return s
	}
	return "0.00"
}

// Count prints a number of things: "1 seed", "2 seeds". Irregular plurals are not for it.
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// Number is Count for pages and figures: "1 seed", "12,345 seeds".
func Number(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Thousands(n) + " " + thing + "s"
}

// Are is the verb of so many things: "is" of one, else "are".
func Are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// List joins names as a sentence has them: "svm", "svm and forest", "svm, forest and knn".
func List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// Rate prints units a second with about three digits, for a terminal: "0.47/s", "12.5/s", "57200/s".
func Rate(perSecond float64) string {
	if perSecond >= 100 && !math.IsInf(perSecond, 0) {
		return strconv.FormatFloat(perSecond, 'f', 0, 64) + "/s"
	}
	return strconv.FormatFloat(perSecond, 'g', 3, 64) + "/s"
}

// Bytes prints a size in units of 2^10, 2^20 and 2^30 bytes: "12 KB", "512 MB", "5.0 GB".
func Bytes(n int64) string {
	if n > 0 && n < 1<<20 {
		return fmt.Sprintf("%d KB", max(1, n>>10))
	}
	if n < 1000<<20 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
}
