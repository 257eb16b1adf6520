package deep

import "fmt"

func init() {
	register(&family{
		members: []member{
			{name: "resnet101", define: bottleneckNet{64, []int{3, 4, 23, 3}}.define, side: 8, any: true,
				in: Shape{32, 32, 3}, classes: 100, batch: 64},
		},
		small: member{name: "tiny-bottleneck", define: bottleneckNet{4, []int{1, 2, 1}}.define, in: Shape{8, 8, 3}, classes: 10},
	})
	register(&family{
		members: []member{
			{name: "resnet18", define: basicNet{64, []int{2, 2, 2, 2}, 1}.define, side: 8, any: true,
				in: Shape{32, 32, 3}, classes: 10, batch: 128},
			{name: "resnet20", define: basicNet{16, []int{3, 3, 3}, 1}.define, side: 4, any: true,
				in: Shape{32, 32, 3}, classes: 10, batch: 128},
		},
		small: member{name: "tiny-basic", define: basicNet{6, []int{1, 2}, 1}.define, in: Shape{8, 8, 3}, classes: 10},
	})
	register(&family{
		members: []member{
			{name: "resnet20-stem4", define: basicNet{16, []int{3, 3, 3}, 4}.define, side: 16, any: true,
				in: Shape{224, 224, 3}, classes: 10, batch: 32},
		},
		small: member{name: "tiny-stem4", define: basicNet{6, []int{1, 2}, 4}.define, in: Shape{28, 28, 3}, classes: 10},
	})
}

// bottleneckNet is ResNet-50 and deeper (He et al., CVPR 2016) for small images, with the names of
// weiaicunzai/pytorch-cifar100, models/resnet.py:
//
//	stem   conv 3×3, planes (64), BN ReLU
//	stage  s = 2..5, blocks[s-2] times, P = planes·2^(s-2), stride 2 at the start of stages 3 to 5:
//	       conv 1×1, P, BN ReLU → conv 3×3, P, BN ReLU → conv 1×1, 4P, BN, + shortcut, ReLU
//	head   global average, linear
type bottleneckNet struct {
	planes int
	blocks []int
}

func (d bottleneckNet) define(b *builder, x view, classes int) view {
	x = b.conv(x, convSpec{name: "conv1.0", out: d.planes, kernel: 3, pad: 1})
	x = b.batchNorm(x, "conv1.1").rectified()
	for s, n := range d.blocks {
		for j := range n {
			stride := 1
			if s > 0 && j == 0 {
				stride = 2
			}
			x = bottleneck(b, x, fmt.Sprintf("conv%d_x.%d.", s+2, j), d.planes<<s, stride)
		}
	}
	x = b.average(x, "avg_pool")
	return b.linear(x, "fc", classes)
}

func bottleneck(b *builder, x view, name string, planes, stride int) view {
	f := name + "residual_function."
	y := b.conv(x, convSpec{name: f + "0", out: planes, kernel: 1})
	y = b.batchNorm(y, f+"1").rectified()
	y = b.conv(y, convSpec{name: f + "3", out: planes, kernel: 3, stride: stride, pad: 1})
	y = b.batchNorm(y, f+"4").rectified()
	y = b.conv(y, convSpec{name: f + "6", out: 4 * planes, kernel: 1})
	y = b.batchNorm(y, f+"7")
	return b.residual(name+"add", y, shortcut(b, x, name, 4*planes, stride), true)
}

// shortcut is x itself, or a 1×1 convolution where the shape changes.
func shortcut(b *builder, x view, name string, out, stride int) view {
	if stride == 1 && x.c == out {
		return x
	}
	x = b.conv(x, convSpec{name: name + "shortcut.0", out: out, kernel: 1, stride: stride})
	return b.batchNorm(x, name+"shortcut.1")
}

// basicNet is ResNet-18 and -20: two 3×3 convolutions a block, with the names of
// kuangliu/pytorch-cifar, models/resnet.py. Its ResNet-18 has four stages from 64 channels;
// ResNet-20 is the three-stage network from 16 channels of section 4.2 of the paper, with
// convolutions where the shape changes. For images of more than 64 pixels a side it is too slow; there
// its first convolution is one of 7×7 with stride 4, which is as far as the paper's networks for
// photographs shrink them before their first block.
type basicNet struct {
	planes int
	blocks []int
	stem   int // stride of the first convolution, 1 or 4
}

func (d basicNet) define(b *builder, x view, classes int) view {
	first := convSpec{name: "conv1", out: d.planes, kernel: 3, pad: 1}
	if d.stem > 1 {
		first.kernel, first.pad, first.stride = 7, 3, d.stem
	}
	x = b.conv(x, first)
	x = b.batchNorm(x, "bn1").rectified()
	for s, n := range d.blocks {
		for j := range n {
			stride := 1
			if s > 0 && j == 0 {
				stride = 2
			}
			x = basicBlock(b, x, fmt.Sprintf("layer%d.%d.", s+1, j), d.planes<<s, stride)
		}
	}
	x = b.average(x, "avg_pool")
	return b.linear(x, "linear", classes)
}

func basicBlock(b *builder, x view, name string, planes, stride int) view {
	y := b.conv(x, convSpec{name: name + "conv1", out: planes, kernel: 3, stride: stride, pad: 1})
	y = b.batchNorm(y, name+"bn1").rectified()
	y = b.conv(y, convSpec{name: name + "conv2", out: planes, kernel: 3, pad: 1})
	y = b.batchNorm(y, name+"bn2")
	return b.residual(name+"add", y, shortcut(b, x, name, planes, stride), true)
}
