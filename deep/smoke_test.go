package deep

import (
	"context"
	"testing"
)

func TestSmokeAll(t *testing.T) {
	for _, name := range []string{"cnn2", "densenet-bc-40-12", "resnet20"} {
		in := Shape{32, 32, 3}
		if name == "cnn2" {
			in = Shape{28, 28, 1}
		}
		net, err := Build(name, in, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(name, net.ParameterCount(), net.MACs())
		tr, err := NewTrainer(net, Options{Batch: 8, SGD: SGD{Momentum: 0.9}})
		if err != nil {
			t.Fatal(err)
		}
		pixels := make([]byte, 8*in.Len())
		labels := make([]uint16, 8)
		k := newKey(3)
		for i := range labels {
			labels[i] = uint16(i)
			for j := range in.Len() {
				pixels[i*in.Len()+j] = byte(k.bits(i*in.Len() + j))
			}
		}
		for s := range 5 {
			loss, err := tr.Step(pixels, labels, 0.01)
			t.Log(s, loss, err)
		}
		out := make([]uint16, 8)
		loss, err := tr.Score(context.Background(), pixels, labels, out)
		t.Log(loss, err, out)
	}
}
