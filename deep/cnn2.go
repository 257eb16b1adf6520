package deep

func init() {
	cnn2 := member{
		name: "cnn2", define: defineCNN2, side: 28, fixed: true,
		in: Shape{28, 28, 1}, classes: 10, batch: 64,
	}
	register(&family{members: []member{cnn2}, small: cnn2})
}

// defineCNN2 is the network of PyTorch's MNIST example of 2018 (pytorch/examples, mnist/main.py),
// with its names. 21,840 parameters, 480,500 multiply-adds.
//
//	28×28×1  conv 5×5, 10   → 24×24×10  max pool 2, ReLU
//	12×12×10 conv 5×5, 20   →  8×8×20   dropout of channels, max pool 2, ReLU
//	 4×4×20  linear 320, 50 → 50        ReLU, dropout
//	         linear 50, 10
func defineCNN2(b *builder, x view, classes int) view {
	x = b.conv(x, convSpec{name: "conv1", out: 10, kernel: 5, bias: true})
	x = b.pool(x, "pool1", 2, true).rectified()
	x = b.conv(x, convSpec{name: "conv2", out: 20, kernel: 5, bias: true})
	x = b.dropout(x, "conv2_drop", 0.5, true)
	x = b.pool(x, "pool2", 2, true).rectified()
	x = b.linear(x, "fc1", 50).rectified()
	x = b.dropout(x, "dropout", 0.5, false)
	return b.linear(x, "fc2", classes)
}
