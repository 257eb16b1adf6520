package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestMaxPool(t *testing.T) {
	everyShape(func(r *rand.Rand, pixels, channels int) {
		p := &Pool{Rows: 1 + r.IntN(3), Width: pixels, Channels: channels, ReLU: r.IntN(2) == 0}
		if r.IntN(2) == 0 {
			p.Scale = row(r, channels)
		}
		x, dx := picture(r, 4*p.Rows*pixels, channels), View{}
		dy := picture(r, p.Rows*pixels, channels)
		p.InRow, p.OutRow = 2*pixels*x.Pitch, pixels*dy.Pitch
		for i := range x.Data { // ties
			if r.IntN(3) == 0 && x.Data[i] == x.Data[i] {
				x.Data[i] = float32(r.IntN(3))
			}
		}
		dx = View{poison(len(x.Data), 3), x.Pitch}
		wantY, wantX := append([]float32(nil), dy.Data...), append([]float32(nil), dx.Data...)
		for i := range p.Rows * pixels * channels {
			pool2x2(p, x, dy, wantY, wantX, i/channels/pixels, i/channels%pixels, i%channels)
		}
		for _, l := range Levels() {
			what := fmt.Sprintf("%s %d×%d×%d relu %v scale %v", l, p.Rows, pixels, channels, p.ReLU, p.Scale != nil)
			y := dy.clone(r)
			Kernels{l}.MaxPool(y, x.clone(r), p)
			expect(t, what, y.Data, wantY)
			back := dx.clone(r)
			Kernels{l}.MaxPoolBackward(back, dy.clone(r), x.clone(r), p)
			expect(t, what+" backward", back.Data, wantX)
		}
	})
}

// pool2x2 is the definition for one value of the output.
func pool2x2(p *Pool, x, dy View, y, dx []float32, r, i, c int) {
	at, to := r*p.OutRow+i*dy.Pitch+c, [4]int{}
	best, bad := -1, false
	for j := range to {
		to[j] = (2*r+j/2)*p.InRow + (2*i+j%2)*x.Pitch + c
		v := x.Data[to[j]]
		bad = bad || v != v
		if best < 0 || v > x.Data[to[best]] {
			best = j
		}
		dx[to[j]] = 0
	}
	factor := float32(1)
	if p.Scale != nil {
		factor = p.Scale[c]
	}
	g := dy.Data[at] * factor
	m := x.Data[to[best]]
	switch {
	case bad:
		y[at] = nan
		return
	case p.ReLU && !(m > 0):
		g = 0
		if m < 0 {
			m = 0
		}
	}
	y[at] = m * factor
	dx[to[best]] = g
}

func TestPoolPanics(t *testing.T) {
	p := &Pool{Rows: 1, Width: 1, Channels: 3, InRow: 6, OutRow: 3}
	for name, f := range map[string]func(k Kernels){
		"short x":     func(k Kernels) { k.MaxPool(View{make([]float32, 3), 3}, View{make([]float32, 11), 3}, p) },
		"short dst":   func(k Kernels) { k.MaxPool(View{make([]float32, 2), 3}, View{make([]float32, 12), 3}, p) },
		"other pitch": func(k Kernels) { v := View{make([]float32, 40), 3}; k.MaxPoolBackward(View{v.Data, 4}, v, v, p) },
	} {
		everyLevel(t, func(t *testing.T, k Kernels) {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f(k)
		})
	}
}
