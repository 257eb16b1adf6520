package deep

import "testing"

// What Bytes says before anything is allocated is what a trainer's runs then have.
func TestBytes(t *testing.T) {
	for _, c := range []struct {
		name string
		in   Shape
		o    Options
	}{
		{"resnet20", Shape{40, 24, 3}, Options{Batch: 8, Workers: 2}},
		{"resnet20-stem4", Shape{64, 90, 3}, Options{Batch: 4, Workers: 1}},
		{"densenet-bc-40-12", Shape{16, 24, 1}, Options{Batch: 4, Workers: 2, Precision: BFloat16}},
		{"wideresnet16-4", Shape{20, 9, 3}, Options{Batch: 3, Workers: 1}},
	} {
		got, err := Bytes(c.name, c.in, 10, c.o)
		if err != nil {
			t.Fatal(err)
		}
		net, err := Build(c.name, c.in, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := NewTrainer(net, c.o)
		if err != nil {
			t.Fatal(err)
		}
		want := int64(4 * (len(net.weights) + len(net.flipped) + len(tr.momentum) + len(tr.shards[0].grads)))
		want += int64(2 * (len(net.pairs) + len(net.pairFlipped)))
		values, gradients := planned(net, c.o.Batch, true, tr.half())
		want += int64(tr.shards[0].valueBytes + gradients)
		tr.freeze()
		for _, s := range tr.scorers {
			want += int64(s.valueBytes)
		}
		if values != tr.shards[0].valueBytes {
			t.Errorf("%s: %d bytes of values are planned, the run has %d", c.name, values, tr.shards[0].valueBytes)
		}
		if ratio := float64(got) / float64(want); !(ratio > .8 && ratio < 1.25) {
			t.Errorf("%s on %v: %d bytes, want about %d", c.name, c.in, got, want)
		}
	}
	if _, err := Bytes("cnn2", Shape{30, 30, 1}, 10, Options{Batch: 1}); err == nil {
		t.Error("cnn2 on images that it can't read has a size")
	}
}
