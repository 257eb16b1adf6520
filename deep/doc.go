// Package deep trains convolutional networks on the CPU, in pure Go: layers, networks, PyTorch's
// SGD, schedules and checkpoints.
//
// # Use
//
//	net, err := deep.Build("densenet121", deep.Shape{Height: 32, Width: 32, Channels: 3}, 10, seed)
//	t, err := deep.NewTrainer(net, deep.Options{Batch: 128, SGD: deep.SGD{Momentum: 0.9, WeightDecay: 5e-4}, ...})
//	loss, err := t.Step(pixels, labels, lr)            // training mode
//	loss, err = t.Score(ctx, pixels, labels, predicted) // evaluation mode
//
// Images are bytes, one after another, each in rows of interleaved channels (NHWC). A network is
// written down once, as the tables of the papers have it, in a file of its family that also
// registers it.
//
// # Letters
//
// N images of a batch; H, W height and width; C channels (CI in, CO out); K side of a filter or
// pooling window, classes of logits; S stride; P padding, or the probability of dropout; M values
// of a channel in a batch, N·H·W.
//
// # Plan
//
// A run is a network planned for a batch size: all memory is laid out once and a step allocates
// nothing (starting goroutines apart). What is planned:
//
//   - Activations are NHWC, float32 or bfloat16 (see below). A dense block is one buffer; a layer writes its channels in
//     place and reads all that are there, so concatenation is an offset.
//   - BatchNorm and ReLU are never passes of their own. A view of a buffer carries them; the reader
//     applies them to a tile of pixels that it has just brought into the second-level cache, with
//     the border of zeros that a convolution needs. Backward reads the raw buffer again.
//   - A channel's mean and variance are computed once, by the convolution that writes it, and
//     shared by all BatchNorms that read it.
//   - The gradient through a BatchNorm is γs·dz plus a line in x whose two coefficients are known
//     only after the whole batch. The first part is added to the gradient buffer at once. The lines
//     of all BatchNorms that read a channel are themselves summed, two numbers a channel, and
//     applied by the layer that reads the gradient: see norm.backward. So a layer of a dense block
//     reads and writes the block's gradient once.
//   - A residual sum is made by the convolution that reads it, tile by tile, and its gradient
//     masked when that convolution has finished a tile's. The gradients of both summands are that
//     of the sum, but for a factor, and have no memory of their own: see residual.
//   - DenseNet's transitions average before their 1×1 convolution instead of after it: both are
//     linear, and it saves three quarters of the work.
//   - A convolution's work is cut into tiles that stay in the second-level cache; large filters are
//     summed piece by piece, so that a piece of the weights is read once a tile (conv.go has the
//     sizes and why).
//   - Small chains without BatchNorm (cnn2) have images innermost instead of channels, 32 to a
//     vector, and go through the network 32 at a time: lanes.go. In evaluation mode a convolution
//     is pooled before it is stored.
//   - Gradients live only between the last and the first layer that touch a buffer, and share
//     memory accordingly; so do activations in evaluation mode.
//   - Evaluation takes a few images at a time through all layers on one worker, so that activations
//     stay in the cache.
//
// # Same bits
//
// Every number is a sum in one fixed order: outputs and input gradients by the kernel's order,
// statistics and weight gradients by parts of the batch that depend on the layer and the batch
// alone, added in order. So the number of workers and the SIMD level change nothing; tests hold
// that.
//
// # bfloat16
//
// With Options.Precision = BFloat16 buffers of activations and of their gradients hold bfloat16, but
// those of the logits. A layer computes in float32 with what it reads, a tile or some pixels at a time,
// and rounds what it writes; the operands of products, weights among them, are rounded too. All else is
// float32 or float64: sums, pending BatchNorms and ReLUs, what BatchNorms owe to a gradient, weights,
// gradients of weights, the optimiser. A residual sum is a pass of its own there, but for evaluation by
// products of pairs, and there are no lanes. Products are in the fastest tier of package kernel that the machine can use. In tier Widened
// they are those of float32: memory is half, time isn't. The tiers of instructions for bfloat16 take
// products of pairs from tiles in bfloat16 (pairs.go); they and memory then share a step. Tests hold loss and
// gradients against a twin in float64 that rounds at the same places: for all tiers, those that a machine
// lacks by their portable twins. By pairs in tier Widened a training has the bits of the float32 kernels, if
// images of a tile follow each other; side by side, as they do, the sums of weight gradients go over their
// pixels in another order, and the rest has the same bits.
//
// # Agreement with PyTorch
//
// testdata/reference.py makes fixtures; the small ones are kept and tested. Names of parameters are
// those of the PyTorch module that a network's file names, so a checkpoint loads there with
// strict=True. In networks as deep as densenet121 and resnet101 the gradients of the default
// initialisation can't agree to 1e-3: PyTorch's float32 is 1 % and 5 % from its own float64,
// because ReLUs whose input is within rounding of 0 go either way. So TestLargeNetworks compares
// with float64, prints PyTorch's own distance beside ours, and the script's --spread makes networks
// without such inputs: there losses agree to 1e-4, all but single gradients to 1e-3. The records
// have the table.
//
// # Not supported
//
// Processors other than the CPU, other precisions than these two, data loading and augmentation,
// gradient accumulation.
package deep
