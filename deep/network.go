package deep

import (
	"fmt"
	"math"
	"strings"

	"shoal/kernel"
)

// Shape is the shape of one image.
type Shape struct{ Height, Width, Channels int }

// Len returns the number of values (and of uint8 pixels) of one image.
func (s Shape) Len() int { return s.Height * s.Width * s.Channels }

func (s Shape) String() string { return fmt.Sprintf("%d×%d×%d", s.Height, s.Width, s.Channels) }

// Network is a network's architecture and its weights. It has no activations: a Trainer plans those
// for its batch size. A Network must not be used by two trainers at once.
type Network struct {
	Name    string
	In      Shape
	Classes int

	define             definition
	params             []*param
	norms              []*normState
	macs               int64         // multiply-adds of one image, as papers count them
	weights            []float32     // all parameters one after another, in the engine's layout
	rounded            []float32     // the same rounded to bfloat16, if a trainer wants them
	flipped            []float32     // weights of convolutions for the gradient of their input, if not in pairs
	flips              int           // their number
	pairs, pairFlipped []kernel.BF16 // both in bfloat16, for products of pairs
	byName             map[string]*param
	panel              int  // columns of a panel of weights
	inLanes            bool // see lanes.go
	lanesOK            bool // whether it may use them
	loads              int  // how often Load has changed the weights
}

// definition writes a network down, layer by layer, and returns its logits.
type definition func(b *builder, x view, classes int) view

// outline makes a network of a definition that knows its parameters but has no memory for them yet.
// It uses lanes if it can and may.
func outline(name string, define definition, in Shape, classes int, mayUseLanes bool) *Network {
	net := &Network{Name: name, In: in, Classes: classes, define: define, byName: map[string]*param{}, lanesOK: mayUseLanes,
		panel: kernel.Best().Panel()}
	b := newBuilder(net, 1, true)
	define(b, b.inputView(), classes)
	net.macs = b.macs
	if mayUseLanes && inLanes(&run{}, b.layers, in) != nil {
		net.useLanes(b.layers)
	}
	return net
}

// assemble lays out the parameters of a definition and initialises them.
func assemble(name string, define definition, in Shape, classes int, seed uint64, mayUseLanes bool) *Network {
	net := outline(name, define, in, classes, mayUseLanes)
	net.layOut()
	net.initialise(seed)
	return net
}

// layOut gives all parameters their places.
func (n *Network) layOut() {
	total, flips := 0, 0
	for _, p := range n.params {
		p.at, p.flipAt = total, flips
		total += roundUp(p.size(), 16)
		flips += roundUp(p.flippedSize(), 16)
	}
	n.weights = kernel.Aligned(total)
	n.flips = flips
}

// arrange lays the parameters out for a precision and for weights in panels of so many columns. Lanes
// are float32 alone: a network that is computed in them in float32 has its images in pixels in
// bfloat16. pairs asks for weights in pairs. Values stay.
func (n *Network) arrange(p Precision, pairs bool, panel int) {
	inLanes, layouts := n.inLanes, map[string]layout{}
	if n.lanesOK {
		o := outline(n.Name, n.define, n.In, n.Classes, p == Float32)
		inLanes = o.inLanes
		for _, q := range o.params {
			if q.filter != nil {
				layouts[q.name] = q.filter.layout
			}
		}
	}
	if inLanes != n.inLanes || panel != n.panel {
		n.inLanes, n.panel = inLanes, panel
		n.move(layouts)
	}
	n.rounded, n.flipped, n.pairs, n.pairFlipped = nil, nil, nil, nil
	if pairs {
		n.layOutPairs()
		return
	}
	n.flipped = kernel.Aligned(n.flips)
	if p == BFloat16 {
		n.rounded = kernel.Aligned(len(n.weights))
	}
}

// move gives the weights the given layouts, or those they have, and panels of n.panel columns.
func (n *Network) move(layouts map[string]layout) {
	values := make([][]float32, len(n.params))
	for i, q := range n.params {
		values[i] = q.values()
	}
	for _, q := range n.params {
		if f := q.filter; f != nil {
			f.width = n.panel
			if l, ok := layouts[q.name]; ok {
				f.layout = l
			}
		}
	}
	n.layOut()
	for i, q := range n.params {
		q.absorb(n.weights, values[i])
	}
}

// useLanes chooses the weights' layouts that lanes.go needs.
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

// ParameterCount returns the number of trainable values.
func (n *Network) ParameterCount() int {
	total := 0
	for _, p := range n.params {
		total += p.len()
	}
	return total
}

// initialise draws PyTorch's defaults: every weight and bias of a convolution or linear layer from
// U(-1/√fan_in, 1/√fan_in), which is kaiming_uniform with a = √5; BatchNorm starts as the identity.
func (n *Network) initialise(seed uint64) {
	fanIn := 1
	for i, p := range n.params {
		switch {
		case p.filter != nil:
			fanIn = p.filter.ci * p.filter.k * p.filter.k
			p.draw(seed, i, fanIn)
		case n.isNorm(p):
			if strings.HasSuffix(p.name, ".weight") {
				kernel.Fill(p.weights(), 1)
			}
		default: // the bias of the layer whose weight came just before
			p.draw(seed, i, fanIn)
		}
	}
	for _, s := range n.norms {
		kernel.Fill(s.runningVar, 1)
	}
}

// NormInit says what BatchNorm's γ starts as.
type NormInit string

// What γ starts as: 1, or U(0, 1) as in PyTorch before 1.2.
const (
	Ones    NormInit = "ones"
	Uniform NormInit = "uniform"
)

// ParseNormInit reads a NormInit; "" is Ones.
func ParseNormInit(text string) (NormInit, error) {
	switch NormInit(text) {
	case "", Ones:
		return Ones, nil
	case Uniform:
		return Uniform, nil
	}
	return "", fmt.Errorf("unknown bn_init %q: want %s or %s", text, Ones, Uniform)
}

// DrawNorms draws γ of every BatchNorm from U(0, 1), by the seed; other weights stay.
func (n *Network) DrawNorms(seed uint64) {
	for i, p := range n.params {
		if n.isNorm(p) && strings.HasSuffix(p.name, ".weight") {
			key, values := newKey(seed, streamInit, uint64(i)), p.weights()
			for j := range values[:p.len()] {
				values[j] = float32(key.uniform(j))
			}
		}
	}
}

// Draw takes the network to the weights and running statistics that Build draws from seed. A trainer
// of the network follows at its next step or scoring; its momentum is not touched.
func (n *Network) Draw(seed uint64) {
	clear(n.weights)
	for _, s := range n.norms {
		clear(s.runningMean)
		s.batches = 0
	}
	n.initialise(seed)
	n.loads++
}

func (n *Network) isNorm(p *param) bool {
	for _, s := range n.norms {
		if s.gamma == p || s.beta == p {
			return true
		}
	}
	return false
}

func (p *param) draw(seed uint64, index, fanIn int) {
	bound := 1 / math.Sqrt(float64(fanIn))
	key := newKey(seed, streamInit, uint64(index))
	values := make([]float32, p.len())
	for j := range values {
		values[j] = float32((float64(2*key.uniform(j)) - 1) * bound)
	}
	p.absorb(p.net.weights, values)
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
