package dataset

import "testing"

func TestDescribe(t *testing.T) {
	for name, want := range map[string]string{
		"mnist": "MNIST", "fashion": "Fashion-MNIST", "cifar10": "CIFAR-10", "cifar100": "CIFAR-100",
		"folder:/data/shapes": "shapes", "folder:shapes": "shapes", "folder:a/shapes/": "shapes", "folder:a\x1b": `a\x1b`, "other": "other",
	} {
		if got := Describe(name).Title; got != want {
			t.Errorf("%q is titled %q, want %q", name, got, want)
		}
	}
	for _, s := range specs() {
		f := Describe(s.name)
		if len(f.Mean) != s.channels || len(f.Std) != s.channels || f.Network == "" {
			t.Errorf("%q has %d channels and facts %+v", s.name, s.channels, f)
		}
		for c, std := range f.Std {
			if !(f.Mean[c] > 0 && f.Mean[c] < 1 && std > 0 && std < 1) {
				t.Errorf("%q: mean %v and standard deviation %v of channel %d, want pixels in 0..1", s.name, f.Mean[c], std, c)
			}
		}
	}
	if f := Describe("folder:shapes"); f.Mean != nil || f.Std != nil {
		t.Errorf("an image folder has constants: %+v", f)
	}
}
