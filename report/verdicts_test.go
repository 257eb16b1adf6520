package report

import (
	"testing"

	"shoal/dynamics"
	"shoal/runlog"
)

// A verdict has a colour where the paper made the claim: of its network on its dataset, against its M.
func TestWhatThePaperNeverClaimedIsGrey(t *testing.T) {
	for _, c := range []struct{ dataset, network, reference, kind, want string }{
		{"cifar100", "resnet101", "svm", "svm", "holds"},
		{"cifar100", "ResNet-101", "forest", "forest", "holds"},
		{"cifar100", "resnet20", "svm", "svm", "unclaimed"},
		{"cifar100", "resnet101", "svm-strong", "svm", "unclaimed"},
		{"cifar100", "resnet101", "ladder-svm", "svm", "unclaimed"},
		{"fashion", "cnn2", "svm", "svm", "unclaimed"},
	} {
		a := &analysis{in: &Input{Dataset: c.dataset, Network: c.network,
			References: []runlog.Reference{{Kind: c.kind, Reference: dynamics.Reference{Name: c.reference}}}}}
		j := &dynamics.Judgement{Reference: c.reference, Verdicts: []dynamics.Verdict{{Claim: 2, Verdict: dynamics.Holds}}}
		if got := a.judgementOf(0, j).Verdicts[0].Class; got != c.want {
			t.Errorf("claim 2 of %+v is %q, want %q", c, got, c.want)
		}
	}
}
