package sweep

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"shoal/internal/textfmt"
	"shoal/internal/usage"
)

// Resources are what one item gets, and how many items run at once.
type Resources struct {
	CPUs   int           // cores of an item
	Memory string        // of an item: a whole number of megabytes or gigabytes (of 1024), 500M or 4G
	Time   time.Duration // after which Slurm interrupts an item; 0 is the partition's own limit
	Jobs   int           // items at once; 0 is no limit
}

var memoryText = regexp.MustCompile(`^[1-9][0-9]{0,6}[MG]$`)

// Check reports what no scheduler takes.
func (r Resources) Check() error {
	switch {
	case r.CPUs < 1 || r.CPUs > 4096:
		return usage.Errorf("%d cores for an item: want 1 to 4096", r.CPUs)
	case !memoryText.MatchString(r.Memory):
		return usage.Errorf("memory of an item is %q: want megabytes or gigabytes, such as 500M or 4G", r.Memory)
	case r.Time < 0 || r.Time > 0 && r.Time < time.Minute:
		return usage.Errorf("time of an item is %v: want a minute or more", r.Time)
	case r.Jobs < 0:
		return usage.Errorf("%d items at once: want 1 or more, or 0 for no limit", r.Jobs)
	}
	return nil
}

// unfinished lists the items that have to be run.
func unfinished(dir string, items []Item) (open []Item) {
	for _, it := range items {
		if !it.finished(dir) {
			open = append(open, it)
		}
	}
	return open
}

// ranges writes ascending item numbers as Slurm does: 0-3,7,9-11.
func ranges(items []Item) string {
	var parts []string
	for i := 0; i < len(items); {
		k := i
		for k+1 < len(items) && items[k+1].Item == items[k].Item+1 {
			k++
		}
		part := strconv.Itoa(items[i].Item)
		if k > i {
			part += "-" + strconv.Itoa(items[k].Item)
		}
		parts = append(parts, part)
		i = k + 1
	}
	return strings.Join(parts, ",")
}

// jobName names what is submitted after the sweep's folder, within what schedulers take: 40 letters,
// digits and hyphens.
func jobName(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	name := "shoal-" + cmp.Or(textfmt.Slug(filepath.Base(dir)), "sweep")
	return strings.TrimRight(name[:min(len(name), 40)], "-")
}

// slurmTime is a duration as Slurm reads it, rounded up to a minute.
func slurmTime(d time.Duration) string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	return fmt.Sprintf("%d-%02d:%02d:00", minutes/(24*60), minutes/60%24, minutes%60)
}
