package deep

import "fmt"

func init() {
	register(&family{
		members: []member{
			{name: "wideresnet16-4", define: wideNet{16, 4, 2, 0}.define, side: 4, any: true,
				in: Shape{32, 32, 3}, classes: 10, batch: 128},
			{name: "wideresnet28-10", define: wideNet{16, 10, 4, 0}.define, side: 4, any: true,
				in: Shape{32, 32, 3}, classes: 10, batch: 64},
		},
		small: member{name: "tiny-wide", define: wideNet{3, 2, 2, 0.3}.define, in: Shape{8, 8, 3}, classes: 10},
	})
}

// wideNet is the wide residual network WRN-d-k of Zagoruyko and Komodakis (BMVC 2016) with k =
// width and d = 6·blocks + 4 layers, with the names of xternalbz/WideResNet-pytorch, wideresnet.py:
//
//	stem   conv 3×3, stem channels (16)
//	group  g = 1..3, blocks times, P = stem·k·2^(g-1), stride 2 at the start of groups 2 and 3:
//	       BN ReLU conv 3×3, P → BN ReLU (dropout) conv 3×3, P, + shortcut
//	head   BN ReLU global average, linear
//
// A dropout of 0, as in the paper's main table, is no layer at all.
type wideNet struct {
	stem, width, blocks int
	dropout             float64
}

func (d wideNet) define(b *builder, x view, classes int) view {
	x = b.conv(x, convSpec{name: "conv1", out: d.stem, kernel: 3, pad: 1})
	for g := range 3 {
		for j := range d.blocks {
			stride := 1
			if g > 0 && j == 0 {
				stride = 2
			}
			x = d.block(b, x, fmt.Sprintf("block%d.layer.%d.", g+1, j), d.stem*d.width<<g, stride)
		}
	}
	x = b.batchNorm(x, "bn1").rectified()
	x = b.average(x, "avg_pool")
	return b.linear(x, "fc", classes)
}

// block adds one block. Where the shape changes, the shortcut is a 1×1 convolution of what the
// first convolution reads, else it is x.
func (d wideNet) block(b *builder, x view, name string, planes, stride int) view {
	in := b.batchNorm(x, name+"bn1").rectified()
	y := b.conv(in, convSpec{name: name + "conv1", out: planes, kernel: 3, stride: stride, pad: 1})
	y = b.batchNorm(y, name+"bn2").rectified()
	if d.dropout > 0 {
		y = b.dropout(y, name+"dropout", d.dropout, false)
	}
	y = b.conv(y, convSpec{name: name + "conv2", out: planes, kernel: 3, pad: 1})
	if x.c != planes {
		x = b.conv(in, convSpec{name: name + "convShortcut", out: planes, kernel: 1, stride: stride})
	}
	return b.residual(name+"add", y, x, false)
}
