package deep

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"shoal/kernel"
)

// Shape is the shape of one image.
type Shape struct{ Height, Width, Channels int }

// Len returns the number of values (and of uint8 pixels) of one image.
func (s Shape) Len() int { return s.Height * s.Width * s.Channels }

func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.Height, s.Width, s.Channels) }

// Network is a network's architecture and its weights. It has no activations:
// a Trainer plans those for its batch size. A Network must not be used by two
// trainers at once.
type Network struct {
	Name    string
	In      Shape
	Classes int

	define  definition
	params  []*Param
	norms   []*normState
	macs    int64
	weights []float32 // all parameters one after another, in the engine's layout
	flipped []float32 // weights of convolutions for the gradient of their input
	byName  map[string]*Param
	inLanes bool // see lanes.go
}

// definition writes a network down, layer by layer, and returns its logits.
type definition func(b *builder, x view, classes int) view

// architectures lists what Build knows.
var architectures = map[string]struct {
	in     Shape // the smallest input; larger ones only where fixed is false
	fixed  bool
	define definition
}{
	"cnn2":              {Shape{28, 28, 1}, true, defineCNN2},
	"densenet121":       {Shape{8, 8, 3}, false, denseNet{32, []int{6, 12, 24, 16}, 64}.define},
	"densenet-bc-40-12": {Shape{4, 4, 3}, false, denseNet{12, []int{6, 6, 6}, 24}.define},
	"resnet101":         {Shape{8, 8, 3}, false, bottleneckNet{64, []int{3, 4, 23, 3}}.define},
	"resnet18":          {Shape{8, 8, 3}, false, basicNet{64, []int{2, 2, 2, 2}}.define},
	"resnet20":          {Shape{4, 4, 3}, false, basicNet{16, []int{3, 3, 3}}.define},
}

// Names returns the names that Build accepts, sorted.
func Names() []string {
	names := make([]string, 0, len(architectures))
	for n := range architectures {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Build makes the network called name for images of shape in, with PyTorch's
// default initialisation drawn from seed: equal arguments give equal weights.
func Build(name string, in Shape, classes int, seed uint64) (*Network, error) {
	a, ok := architectures[name]
	if !ok {
		return nil, fmt.Errorf("deep: unknown network %q: want one of %s", name, strings.Join(Names(), ", "))
	}
	if classes < 2 || classes > 1<<16 {
		return nil, fmt.Errorf("deep: network %q: got %d classes, want 2 to 65536", name, classes)
	}
	if in.Channels < 1 || in.Channels > 32 || in.Height > 1024 || in.Width > 1024 {
		return nil, fmt.Errorf("deep: network %q: can't read images of %v", name, in)
	}
	if a.fixed && (in.Height != a.in.Height || in.Width != a.in.Width) {
		return nil, fmt.Errorf("deep: network %q reads images of %dx%d, got %v", name, a.in.Height, a.in.Width, in)
	}
	if in.Height != in.Width || in.Height%a.in.Height != 0 || in.Height < a.in.Height {
		return nil, fmt.Errorf("deep: network %q reads square images with a side that is a multiple of %d, got %v", name, a.in.Height, in)
	}
	return assemble(name, a.define, in, classes, seed, true), nil
}

// assemble lays out the parameters of a definition and initialises them. The
// network uses lanes if it can and may.
func assemble(name string, define definition, in Shape, classes int, seed uint64, mayUseLanes bool) *Network {
	net := &Network{Name: name, In: in, Classes: classes, define: define, byName: map[string]*Param{}}
	b := newBuilder(net, 1, true)
	define(b, b.inputView(), classes)
	net.macs = b.macs
	if mayUseLanes && inLanes(&run{}, b.layers, in) != nil {
		net.useLanes(b.layers)
	}
	total, flips := 0, 0
	for _, p := range net.params {
		p.at, p.flipAt = total, flips
		total += roundUp(p.size(), 16)
		flips += roundUp(p.flippedSize(), 16)
	}
	net.weights = kernel.Aligned(total)
	net.flipped = kernel.Aligned(flips)
	net.initialise(seed)
	return net
}

// useLanes chooses the weights' layouts that lanes.go wants.
func (n *Network) useLanes(layers []layer) {
	n.inLanes = true
	for _, l := range layers {
		if c, ok := l.(*conv); ok {
			c.w.filter.layout = plain
			if c.oh == 1 && c.ow == 1 {
				c.w.filter.layout = transposed
			}
		}
	}
}

// Parameters returns the trainable parameters in PyTorch's order.
func (n *Network) Parameters() []*Param { return n.params }

// ParameterCount returns the number of trainable values.
func (n *Network) ParameterCount() int {
	total := 0
	for _, p := range n.params {
		total += p.Len()
	}
	return total
}

// MACs returns the multiply-adds of one image's forward pass through
// convolutions and linear layers, as papers count them.
func (n *Network) MACs() int64 { return n.macs }

// Param is one trainable tensor. Its values live in the engine's layout;
// Values and SetValues translate to and from PyTorch's.
type Param struct {
	Name  string // PyTorch's
	Shape []int  // PyTorch's: OIHW for convolutions, [out, in] for linear layers

	net        *Network
	at, flipAt int
	filter     *filter // nil for a vector
}

// filter is the geometry of a convolution's weights: co filters of k×k×ci,
// in panels of 32 filters: [panel][ky][kx][ci][32].
//
// In lanes (see lanes.go) they are plain OIHW, and [ci·k·k][co] for a linear
// layer.
type filter struct {
	co, ci, k int
	layout    layout
}

// layout is the order of a filter's weights in memory.
type layout int

const (
	inPanels layout = iota
	plain
	transposed
)

func (f *filter) panels() int { return (f.co + kernel.PanelWidth - 1) / kernel.PanelWidth }

// panel returns the length of one panel.
func (f *filter) panel() int { return f.k * f.k * f.ci * kernel.PanelWidth }

// Len returns the number of values.
func (p *Param) Len() int {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	return n
}

// size is the length in the engine's layout, padding of the last panel included.
func (p *Param) size() int {
	if p.filter == nil || p.filter.layout != inPanels {
		return p.Len()
	}
	return p.filter.panels() * p.filter.panel()
}

// flippedSize is the length of the copy for the gradient of the input.
func (p *Param) flippedSize() int {
	f := p.filter
	if f == nil || f.layout != inPanels {
		return 0
	}
	return kernel.PackedLen(f.k*f.k*f.co, f.ci)
}

func (p *Param) weights() []float32 { return p.net.weights[p.at:][:p.size()] }

// Values returns a copy in PyTorch's layout, row-major.
func (p *Param) Values() []float32 { return p.export(p.net.weights) }

// export reads the parameter's part of an array laid out as the weights are:
// weights, momentum or gradients.
func (p *Param) export(all []float32) []float32 {
	src, dst := all[p.at:][:p.size()], make([]float32, p.Len())
	if p.filter == nil {
		copy(dst, src)
		return dst
	}
	p.filter.each(func(oihw, packed int) { dst[oihw] = src[packed] })
	return dst
}

// absorb is the inverse of export.
func (p *Param) absorb(all, values []float32) {
	dst := all[p.at:][:p.size()]
	if p.filter == nil {
		copy(dst, values)
		return
	}
	p.filter.each(func(oihw, packed int) { dst[packed] = values[oihw] })
}

// SetValues replaces the values by ones in PyTorch's layout.
func (p *Param) SetValues(values []float32) error {
	if len(values) != p.Len() {
		return fmt.Errorf("deep: parameter %q has %d values, got %d", p.Name, p.Len(), len(values))
	}
	p.absorb(p.net.weights, values)
	return nil
}

// each calls visit with the two indices of every weight.
func (f *filter) each(visit func(oihw, packed int)) {
	taps := f.k * f.k
	if f.layout != inPanels {
		rest := f.ci * taps
		for o := range f.co {
			for j := range rest {
				if f.layout == plain {
					visit(o*rest+j, o*rest+j)
				} else {
					visit(o*rest+j, j*f.co+o)
				}
			}
		}
		return
	}
	for o := range f.co {
		panel := o/kernel.PanelWidth*f.panel() + o%kernel.PanelWidth
		for i := range f.ci {
			for t := range taps {
				visit((o*f.ci+i)*taps+t, panel+(t*f.ci+i)*kernel.PanelWidth)
			}
		}
	}
}

// flip refreshes the copy for the gradient of the input:
// [panel of 32 input channels][tap][co][32].
func (p *Param) flip() {
	f, src := p.filter, p.weights()
	const w = kernel.PanelWidth
	dst := p.net.flipped[p.flipAt:][:p.flippedSize()]
	taps := f.k * f.k
	for i0 := 0; i0 < f.ci; i0 += w {
		block := dst[i0*taps*f.co:]
		m := min(w, f.ci-i0)
		for t := range taps {
			for o0 := 0; o0 < f.co; o0 += w {
				from := src[o0/w*f.panel()+(t*f.ci+i0)*w:]
				to := block[(t*f.co+o0)*w:]
				transpose(to, from, m, min(w, f.co-o0))
			}
		}
	}
}

// transpose sets to[o][i] = from[i][o] for i < m, o < n, both of row pitch 32.
func transpose(to, from []float32, m, n int) {
	const w = kernel.PanelWidth
	for i := range m {
		row := from[i*w:][:n]
		at := i
		for _, v := range row {
			to[at] = v
			at += w
		}
	}
}

// initialise draws PyTorch's defaults: every weight and bias of a convolution
// or linear layer from U(-1/√fan_in, 1/√fan_in), which is what kaiming_uniform
// with a = √5 comes to; BatchNorm starts as the identity.
func (n *Network) initialise(seed uint64) {
	fanIn := 1
	for i, p := range n.params {
		switch {
		case p.filter != nil:
			fanIn = p.filter.ci * p.filter.k * p.filter.k
			p.draw(seed, i, fanIn)
		case n.isNorm(p):
			if strings.HasSuffix(p.Name, ".weight") {
				fill(p.weights(), 1)
			}
		default: // the bias of the layer whose weight came just before
			p.draw(seed, i, fanIn)
		}
	}
	for _, s := range n.norms {
		fill(s.runningVar, 1)
	}
}

func (n *Network) isNorm(p *Param) bool {
	for _, s := range n.norms {
		if s.gamma == p || s.beta == p {
			return true
		}
	}
	return false
}

func (p *Param) draw(seed uint64, index, fanIn int) {
	bound := 1 / math.Sqrt(float64(fanIn))
	key := newKey(seed, streamInit, uint64(index))
	values := make([]float32, p.Len())
	for j := range values {
		values[j] = float32((2*key.uniform(j) - 1) * bound)
	}
	p.absorb(p.net.weights, values)
}

// fill sets all of x to v. Copying what is done already is many times as fast
// as a loop.
func fill(x []float32, v float32) {
	if len(x) == 0 {
		return
	}
	x[0] = v
	for done := 1; done < len(x); done *= 2 {
		copy(x[done:], x[:done])
	}
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
