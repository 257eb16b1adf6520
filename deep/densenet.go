package deep

import "fmt"

func init() {
	register(&family{
		members: []member{
			{name: "densenet121", define: denseNet{32, []int{6, 12, 24, 16}, 64}.define, side: 8,
				in: Shape{32, 32, 3}, classes: 10, batch: 128},
			{name: "densenet-bc-40-12", define: denseNet{12, []int{6, 6, 6}, 24}.define, side: 4,
				in: Shape{32, 32, 3}, classes: 10, batch: 128},
		},
		small: member{name: "tiny-densenet", define: denseNet{6, []int{2, 3}, 8}.define, in: Shape{8, 8, 3}, classes: 10},
	})
}

// denseNet is the DenseNet-BC family (Huang et al., CVPR 2017) for small images, with the names of
// kuangliu/pytorch-cifar, models/densenet.py:
//
//	stem   conv 3×3, stem channels
//	dense  l = 1..blocks[i]: BN ReLU conv 1×1, 4G → BN ReLU conv 3×3, G
//	trans  BN ReLU conv 1×1, half the channels, average pool 2   (between blocks)
//	head   BN ReLU global average, linear
//
// A block is one buffer with room for all its channels. That repository puts new channels before
// old ones, so a block is filled from its end and every layer reads all that is there:
// concatenation is an offset.
type denseNet struct {
	growth int
	blocks []int
	stem   int
}

func (d denseNet) define(b *builder, x view, classes int) view {
	h, w, width := b.net.In.Height, b.net.In.Width, d.stem
	name, weight := "conv1", convSpec{out: width, kernel: 3, pad: 1}
	for i, layers := range d.blocks {
		block := b.newBuffer(fmt.Sprintf("dense%d", i+1), h, w, width+layers*d.growth)
		free := block.c - width
		weight.name, weight.into = name, &view{buf: block, off: free, c: width}
		x = b.conv(x, weight)
		for l := range layers {
			free -= d.growth
			name := fmt.Sprintf("dense%d.%d.", i+1, l)
			y := b.batchNorm(x, name+"bn1").rectified()
			y = b.conv(y, convSpec{name: name + "conv1", out: 4 * d.growth, kernel: 1})
			y = b.batchNorm(y, name+"bn2").rectified()
			b.conv(y, convSpec{name: name + "conv2", out: d.growth, kernel: 3, pad: 1,
				into: &view{buf: block, off: free, c: d.growth}})
			x = view{buf: block, off: free, c: block.c - free}
		}
		if i+1 == len(d.blocks) {
			break
		}
		width = block.c / 2
		trans := fmt.Sprintf("trans%d.", i+1)
		x = b.batchNorm(x, trans+"bn").rectified()
		name, weight = trans+"conv", convSpec{out: width, kernel: 1, pool: 2}
		h, w = h/2, w/2
	}
	x = b.batchNorm(x, "bn").rectified()
	x = b.average(x, "avgpool")
	return b.linear(x, "linear", classes)
}
