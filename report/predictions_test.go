package report

import (
	"strings"
	"testing"
)

func TestPredictionsOnThePage(t *testing.T) {
	in := smallInput()
	in.References[1].Margins = nil
	page := string(pageOf(t, in, quick))
	if got := strings.Count(page, "<td>margin</td>"); got != 1 {
		t.Errorf("%d rows on margins, want 1: only one reference has any", got)
	}
	if got := strings.Count(page, "<td>right or wrong</td>"); got != 2 {
		t.Errorf("%d rows on right or wrong, want 2", got)
	}
}
