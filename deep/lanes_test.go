package deep

import (
	"math"
	"testing"

	"shoal/kernel"
)

// defineOdd is a chain in lanes whose convolutions have rows and columns that no window of the pool
// takes, with and without ReLUs before and after it.
func defineOdd(b *builder, x view, classes int) view {
	x = b.conv(x, convSpec{name: "conv1", out: 7, kernel: 3, bias: true})
	x = b.pool(x, "pool1", 2, true)
	x = b.conv(x, convSpec{name: "conv2", out: 5, kernel: 2, bias: true}).rectified()
	x = b.conv(x, convSpec{name: "conv3", out: 4, kernel: 2, bias: true})
	x = b.pool(x, "pool2", 2, true).rectified()
	return b.linear(x, "fc", classes)
}

// In evaluation mode a convolution and its pool are one layer; without dropout the logits are those
// of training mode, to the bit.
func TestLanesScoreWhatTheyTrain(t *testing.T) {
	for _, in := range []Shape{{19, 22, 1}, {15, 23, 3}} {
		net := assemble("odd", defineOdd, in, 10, 1, true)
		pixels, labels := benchImages(in, 10, lanes)
		for _, level := range kernel.Levels() {
			k, err := kernel.Select(level)
			if err != nil {
				t.Fatal(err)
			}
			train := newRun(net, runOptions{batch: lanes, workers: 1, kernels: k, training: true})
			score := newRun(net, runOptions{batch: lanes, workers: 1, kernels: k})
			if _, ok := score.layers[1].(*lanePooledConv); !ok {
				t.Fatalf("the convolution is %T", score.layers[1])
			}
			for _, n := range []int{lanes, 13} {
				for _, r := range []*run{train, score} {
					r.n, r.total, r.pixels, r.labels = n, n, pixels[:n*in.Len()], labels[:n]
					r.forward()
				}
				for i := range n {
					for c, want := range train.loss.row(i) {
						if got := score.loss.row(i)[c]; math.Float32bits(got) != math.Float32bits(want) {
							t.Fatalf("%v, %v, %d images: logit %d of image %d is %v, training %v", in, level, n, c, i, got, want)
						}
					}
				}
			}
		}
	}
}

// Every value of every image gets to its lane, normalised; other lanes are zero.
func TestLaneInput(t *testing.T) {
	for _, in := range []Shape{{28, 28, 1}, {5, 7, 3}, {1, 3, 1}} {
		scale, shift := Normalisation{}.line(in.Channels)
		for c := range shift {
			shift[c] = -float32(c + 1)
		}
		pixels, _ := benchImages(in, 10, lanes)
		l := &laneInput{out: newLaneBuffer(in.Height, in.Width, in.Channels, false)}
		for _, n := range []int{lanes, 31, 8, 3} {
			kernel.Fill(l.out.value, 99)
			l.forward(&run{k: kernel.Best(), n: n, pixels: pixels[:n*in.Len()], inScale: scale, inShift: shift})
			for at, got := range l.out.value {
				i, p, c := at%lanes, at%l.out.plane()/lanes, at/l.out.plane()
				want := float32(0)
				if i < n {
					want = float32(float64(pixels[i*in.Len()+p*in.Channels+c])*float64(scale[c]) + float64(shift[c]))
				}
				if got != want {
					t.Fatalf("%v, %d images: channel %d, pixel %d of image %d is %v, want %v", in, n, c, p, i, got, want)
				}
			}
		}
	}
}
