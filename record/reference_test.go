package record

import (
	"errors"
	"strings"
	"testing"

	"shoal/internal/usage"
)

func TestParseReference(t *testing.T) {
	for text, want := range map[string]Reference{
		"svm":                {Name: "svm", Kind: "svm"},
		"weak=svm":           {Name: "weak", Kind: "svm"},
		"file:a/b.npy":       {Name: "file:a/b.npy", Kind: KindFile, Path: "a/b.npy"},
		"mine=file:b.npy":    {Name: "mine", Kind: KindFile, Path: "b.npy"},
		"run:runs/x@12":      {Name: "run:runs/x@12", Kind: KindNetwork, Path: "runs/x@12"},
		"file:odd=name.npy":  {Name: "file:odd=name.npy", Kind: KindFile, Path: "odd=name.npy"},
		"seed2=run:runs/y=1": {Name: "seed2", Kind: KindNetwork, Path: "runs/y=1"},
	} {
		got, err := ParseReference(text)
		if err != nil || got.Name != want.Name || got.Kind != want.Kind || got.Path != want.Path {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "svn", "file:", "run:", "=svm", "x="} {
		_, err := ParseReference(text)
		var usage *usage.Error
		if !errors.As(err, &usage) {
			t.Errorf("%q: error %v, want a usage error", text, err)
		}
	}
}

// Images that another version decoded are not other images, and the error says so.
func TestOtherDataNamesTheDecoder(t *testing.T) {
	e := &OtherData{Dir: "r", Dataset: "folder:a", Was: "image/jpeg of go1.25", Now: "image/jpeg of go1.26"}
	if text := e.Error(); !strings.Contains(text, "decoded by image/jpeg of go1.25 and now are by image/jpeg of go1.26") {
		t.Errorf("error is %q", text)
	}
	e.Was = e.Now
	if text := e.Error(); strings.Contains(text, "decoded") {
		t.Errorf("error is %q: the decoder is the same", text)
	}
}
