package dataset

import (
	"path/filepath"
	"strings"

	"shoal/internal/textfmt"
)

// Facts are what is known of a dataset without reading it.
type Facts struct {
	Title string // as people write it: "CIFAR-10"; of an image folder the folder's name
	// Mean and Std are those that published recipes normalise with, of each channel, pixels in
	// 0..1; empty when there are none.
	Mean, Std []float32
	// Network is the one that a study of this dataset trains unless it says otherwise, by its name
	// in package deep.
	Network string
}

// Describe returns the facts about a dataset, by one of Names or "folder:PATH". Any other name is
// its own title.
func Describe(name string) Facts {
	if s := lookup(name); s != nil {
		return s.Facts
	}
	f := Facts{Title: name, Network: "cnn2"}
	if path, ok := strings.CutPrefix(name, folderPrefix); ok {
		f.Title = textfmt.PlainName(filepath.Base(path))
	}
	if path, _, ok := OfFeatures(name); ok {
		first, _, _ := strings.Cut(path, ",")
		f.Title = textfmt.PlainName(strings.TrimSuffix(filepath.Base(first), filepath.Ext(first)))
	}
	return f
}
