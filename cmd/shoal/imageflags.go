package main

import (
	"github.com/spf13/pflag"

	"shoal/dataset"
	"shoal/internal/usage"
	"shoal/record"
)

// imageFlags say how a folder of images is read.
type imageFlags struct {
	resize, colour string
	split          float64
	splitSeed      uint64
	together       bool
	share          string // the name of the flag of split
}

// testShare is the flag of the share for testing where --split names a split.
const testShare = "test-share"

// register makes the flags; share is the name of that for the part that is tested on.
func (x *imageFlags) register(f *pflag.FlagSet, share string) {
	x.share = share
	f.StringVar(&x.resize, "resize", "", "size of a folder's images: SIDE or HEIGHTxWIDTH (default the size that all have, else 32)")
	f.StringVar(&x.colour, "colour", "", "of a folder's images: grey or rgb (default rgb, grey where all are)")
	f.Float64Var(&x.split, share, 0, "share of a folder without a test split to test on (default 0.2)")
	f.Uint64Var(&x.splitSeed, "split-seed", 0, "another draw of that share (default 1)")
	f.BoolVar(&x.together, "group-duplicates", false, "keep near duplicates of a folder in one split")
}

// check reports an invalid flag.
func (x *imageFlags) check(f *pflag.FlagSet) error {
	if f.Changed("resize") {
		if _, _, err := dataset.ParseSize(x.resize); err != nil {
			return usage.Errorf("--resize: %w", err)
		}
	}
	switch {
	case f.Changed("colour") && x.colour != dataset.Grey && x.colour != dataset.RGB:
		return usage.Errorf("--colour is %q: want %s or %s", x.colour, dataset.Grey, dataset.RGB)
	case f.Changed(x.share) && !(x.split > 0 && x.split < 1):
		return usage.Errorf("--%s is %v: want a share between 0 and 1, such as 0.2", x.share, x.split)
	case f.Changed("split-seed") && x.splitSeed == 0:
		return usage.Errorf("--split-seed is 0: want 1 or more")
	}
	return nil
}

// apply makes the changes that the flags ask for.
func (x *imageFlags) apply(f *pflag.FlagSet, d *record.Data) {
	set := map[string]func(){
		"resize":           func() { d.Resize = x.resize },
		"colour":           func() { d.Colour = x.colour },
		x.share:            func() { d.Split = x.split },
		"split-seed":       func() { d.SplitSeed = x.splitSeed },
		"group-duplicates": func() { d.GroupDuplicates = x.together },
	}
	f.Visit(func(flag *pflag.Flag) {
		if change, ok := set[flag.Name]; ok {
			change()
		}
	})
}
