package deep

import (
	"context"
	"fmt"
	"math"

	"shoal/internal/parallel"
	"shoal/kernel"
)

// Normalisation maps a pixel p of channel c to (p/255 - Mean[c])/Std[c]. The zero value maps 0..255
// to 0..1.
type Normalisation struct{ Mean, Std []float32 }

func (n Normalisation) check(channels int) error {
	if len(n.Mean) != len(n.Std) || len(n.Mean) != 0 && len(n.Mean) != channels {
		return fmt.Errorf("normalisation has %d means and %d deviations, want %d of each", len(n.Mean), len(n.Std), channels)
	}
	for c, s := range n.Std {
		if m := float64(n.Mean[c]); !(s > 0) || math.IsInf(float64(s), 0) || math.IsNaN(m) || math.IsInf(m, 0) {
			return fmt.Errorf("normalisation of channel %d is mean %v, deviation %v: want finite numbers and a positive deviation", c, n.Mean[c], s)
		}
	}
	return nil
}

// line returns scale and shift of a byte for each channel.
func (n Normalisation) line(channels int) (scale, shift []float32) {
	scale, shift = make([]float32, channels), make([]float32, channels)
	for c := range channels {
		mean, std := 0.0, 1.0
		if len(n.Std) > 0 {
			mean, std = float64(n.Mean[c]), float64(n.Std[c])
		}
		scale[c] = float32(1 / (255 * std))
		shift[c] = float32(-mean / std)
	}
	return scale, shift
}

// SGD is stochastic gradient descent as torch.optim.SGD does it: weight decay is added to the
// gradient of every parameter, BatchNorm's and biases included, and the momentum buffer starts as
// the first gradient. The learning rate comes with each step.
type SGD struct {
	Momentum, WeightDecay float64
	Nesterov              bool
}

// Options is what a Trainer needs besides the network.
type Options struct {
	Batch          int // images of a step at most
	Workers        int // 0: all cores; results don't depend on it
	Normalisation  Normalisation
	SGD            SGD
	LabelSmoothing float64          // 0 to 1
	Seed           uint64           // of dropout
	Precision      Precision        // "" is Float32
	products       *kernel.Products // of bfloat16 for tests; nil: those of the precision's tier
	floats         bool             // for tests: bfloat16 by the float32 kernels, as where there is no tier
	apart          bool             // for tests: images in tiles of pairs one after another, see pairs.apart
	Level          string           // of SIMD, see kernel.ParseLevel; "" is the best; results don't depend on it
	Profile        *Profile
	// Identity tells what is trained: LoadState refuses a state with another one. "" for none.
	Identity string
}

func (o *Options) check(net *Network) error {
	if o.Batch < 1 || o.Batch > 1<<20 {
		return fmt.Errorf("batch of %d images: want 1 to %d", o.Batch, 1<<20)
	}
	s := o.SGD
	if !(s.Momentum >= 0 && s.Momentum < 1) || !(s.WeightDecay >= 0 && s.WeightDecay < 1) {
		return fmt.Errorf("momentum %v, weight decay %v: want both in [0, 1)", s.Momentum, s.WeightDecay)
	}
	if s.Nesterov && s.Momentum == 0 {
		return fmt.Errorf("momentum 0 with Nesterov: want more than 0")
	}
	if !(o.LabelSmoothing >= 0 && o.LabelSmoothing < 1) {
		return fmt.Errorf("label smoothing %v: want [0, 1)", o.LabelSmoothing)
	}
	var err error
	if o.Precision, err = ParsePrecision(string(o.Precision)); err != nil {
		return err
	}
	return o.Normalisation.check(net.In.Channels)
}

// Trainer trains one network and scores images with it. It isn't safe for concurrent use.
type Trainer struct {
	net      *Network
	options  Options
	k        kernel.Kernels
	workers  int
	shards   []*run // parts of a batch, or the batch
	scorers  []*run // one a worker, made by the first Score
	momentum []float32
	step     int64
	frozen   bool             // the network's evaluation constants are up to date
	loads    int              // of the network, when what is derived from its weights was made
	products *kernel.Products // see run

	alone *norm // a BatchNorm that has a single value a channel of an image; nil if there is none

	update, shard func(worker, i int)
	flip          func(worker, i int) // of a parameter
	sgd           kernel.SGD
	used          int // shards of the current step
	lossesOf      []float64
}

// DivergenceError says that training left the finite numbers: at which step, counted from 0, and
// the first layer whose output isn't finite.
type DivergenceError struct {
	Step  int64
	Layer string
}

func (e *DivergenceError) Error() string {
	return fmt.Sprintf("training diverged at step %d: the first output that isn't finite is layer %q's; try a smaller learning rate", e.Step, e.Layer)
}

// shardImages is how many images of a batch one worker takes through a network without BatchNorm.
// With BatchNorm, layers wait for the whole batch's statistics and each is split over the workers.
const shardImages = lanes

// NewTrainer plans net for batches of options.Batch images and allocates all memory that a step
// needs.
func NewTrainer(net *Network, options Options) (*Trainer, error) {
	if err := options.check(net); err != nil {
		return nil, err
	}
	level, err := kernel.ParseLevel(options.Level)
	if err != nil {
		return nil, err
	}
	k, err := kernel.Select(level)
	if err != nil {
		return nil, err
	}
	t := &Trainer{net: net, options: options, k: k, workers: parallel.Workers(options.Workers)}
	products := options.products
	if products == nil && !options.floats {
		products = options.Precision.products(k)
	}
	panel := k.Panel()
	if products != nil {
		panel = kernel.PanelWidth // theirs
	}
	net.arrange(options.Precision, products != nil, panel)
	t.products = products
	t.momentum = kernel.Aligned(len(net.weights))
	o := runOptions{
		batch: options.Batch, workers: t.workers, training: true, half: t.half(), products: products, apart: options.apart,
		smoothing:     options.LabelSmoothing,
		normalisation: options.Normalisation, kernels: k, profile: options.Profile, seed: options.Seed,
	}
	shards := 1
	if len(net.norms) == 0 {
		shards = (options.Batch + shardImages - 1) / shardImages
		o.batch, o.workers = min(options.Batch, shardImages), 1
	}
	for range shards {
		t.shards = append(t.shards, newRun(net, o))
	}
	for _, l := range t.shards[0].layers {
		if m, ok := l.(*norm); ok && m.in.buf.pixels() == 1 {
			t.alone = m
		}
	}
	t.update, t.shard = t.updateBlock, t.runShard
	t.flip = func(_, i int) { net.refreshParam(k, i) }
	t.refresh()
	return t, nil
}

// half says whether activations and gradients are kept in bfloat16.
func (t *Trainer) half() bool { return t.options.Precision == BFloat16 }

// Network returns the network that t trains.
func (t *Trainer) Network() *Network { return t.net }

// LeastImages is how many images a step must have: 2 where a BatchNorm has a single value a channel
// of each image, since one value has no variance, else 1.
func (t *Trainer) LeastImages() int {
	if t.alone != nil {
		return 2
	}
	return 1
}

// Steps returns how many steps have been taken.
func (t *Trainer) Steps() int64 { return t.step }

// Step trains on one batch: pixels are images of the network's shape one after another, labels
// their classes, LeastImages to Options.Batch of them. It returns the mean loss of the batch before the
// update. Once the loss isn't finite it leaves the weights as they are and returns a
// *DivergenceError.
func (t *Trainer) Step(pixels []byte, labels []uint16, lr float64) (float64, error) {
	if err := t.checkBatch(pixels, labels, lr); err != nil {
		return 0, err
	}
	t.follow()
	n := len(labels)
	size := (n + len(t.shards) - 1) / len(t.shards)
	if len(t.shards) > 1 {
		size = shardImages
	}
	t.used = 0
	for from := 0; from < n; from += size {
		r, to := t.shards[t.used], min(n, from+size)
		r.n, r.total, r.firstImage, r.step = to-from, n, from, t.step
		r.pixels, r.labels = pixels[from*t.net.In.Len():], labels[from:to]
		t.used++
	}
	parallel.For(t.workers, t.used, t.shard)
	var loss float64
	for _, r := range t.shards[:t.used] {
		loss += r.lossSum()
	}
	loss /= float64(n)
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return loss, &DivergenceError{t.step, t.firstBad()}
	}
	t.apply(lr)
	return loss, nil
}

func (t *Trainer) checkBatch(pixels []byte, labels []uint16, lr float64) error {
	n := len(labels)
	if n < 1 || n > t.options.Batch {
		return fmt.Errorf("step on %d images: want 1 to %d", n, t.options.Batch)
	}
	if n == 1 && t.alone != nil {
		return fmt.Errorf("step on 1 image of %v: BatchNorm %q would have one value a channel, whose variance is 0: want 2 images or more", t.net.In, t.alone.label())
	}
	if len(pixels) != n*t.net.In.Len() {
		return fmt.Errorf("%d images of %v need %d pixels, got %d", n, t.net.In, n*t.net.In.Len(), len(pixels))
	}
	for i, l := range labels {
		if int(l) >= t.net.Classes {
			return fmt.Errorf("label %d of image %d: network %q has %d classes", l, i, t.net.Name, t.net.Classes)
		}
	}
	if !(lr >= 0) || math.IsInf(lr, 0) {
		return fmt.Errorf("learning rate %v: want a finite number of at least 0", lr)
	}
	return nil
}

// runShard takes one part of the batch forward and, while all is finite, back.
func (t *Trainer) runShard(_, i int) {
	r := t.shards[i]
	r.forward()
	if loss := r.lossSum(); !math.IsNaN(loss) && !math.IsInf(loss, 0) {
		r.backward()
	}
}

func (t *Trainer) firstBad() string {
	for _, r := range t.shards[:t.used] {
		if loss := r.lossSum(); math.IsNaN(loss) || math.IsInf(loss, 0) {
			return r.firstBad()
		}
	}
	return "loss"
}

// updateBlockLen is how many weights one task of the update takes.
const updateBlockLen = 64 << 10

// apply adds up the gradients of the shards and moves the weights.
func (t *Trainer) apply(lr float64) {
	watch := t.options.Profile.start()
	s := t.options.SGD
	t.sgd = kernel.SGD{
		LearningRate: float32(lr), Momentum: float32(s.Momentum),
		WeightDecay: float32(s.WeightDecay), Nesterov: s.Nesterov,
	}
	blocks := (len(t.net.weights) + updateBlockLen - 1) / updateBlockLen
	parallel.For(t.workers, blocks, t.update)
	t.refresh()
	t.step++
	watch.add("update")
}

// updateBlock sums one block of the shards' gradients and updates it.
func (t *Trainer) updateBlock(_, i int) {
	from, to := i*updateBlockLen, min(len(t.net.weights), (i+1)*updateBlockLen)
	g := t.shards[0].grads[from:to]
	for _, r := range t.shards[1:t.used] {
		t.k.AddScaled(g, r.grads[from:to], 1)
	}
	t.k.Update(t.net.weights[from:to], t.momentum[from:to], g, t.sgd)
}

// Score classifies any number of images in evaluation mode: running statistics, no dropout. The
// predicted class of image i goes to out[i]. If labels isn't nil the mean loss is returned too.
// Neither depends on Workers or on how many images are scored at once.
func (t *Trainer) Score(ctx context.Context, pixels []byte, labels []uint16, out []uint16) (float64, error) {
	return t.ScoreEach(ctx, pixels, labels, out, nil)
}

// ScoreEach is Score, and calls each, if it isn't nil, with the logits of every image: from several
// goroutines, for images in any order, and with memory that is used again when each returns.
func (t *Trainer) ScoreEach(ctx context.Context, pixels []byte, labels []uint16, out []uint16, each func(i int, logits []float32)) (float64, error) {
	n := len(out)
	if len(pixels) != n*t.net.In.Len() {
		return 0, fmt.Errorf("%d images of %v need %d pixels, got %d", n, t.net.In, n*t.net.In.Len(), len(pixels))
	}
	if labels != nil && len(labels) != n {
		return 0, fmt.Errorf("%d labels for %d images", len(labels), n)
	}
	for i, l := range labels {
		if int(l) >= t.net.Classes {
			return 0, fmt.Errorf("label %d of image %d: network %q has %d classes", l, i, t.net.Name, t.net.Classes)
		}
	}
	if n == 0 {
		return 0, nil
	}
	return t.score(ctx, pixels, labels, out, each)
}

func (t *Trainer) score(ctx context.Context, pixels []byte, labels, out []uint16, each func(i int, logits []float32)) (float64, error) {
	t.follow()
	t.freeze()
	n := len(out)
	batch := evenly(n, t.scorers[0].batch, t.workers)
	if cap(t.lossesOf) < n {
		t.lossesOf = make([]float64, n)
	}
	losses := t.lossesOf[:n]
	chunks := (n + batch - 1) / batch
	parallel.For(t.workers, chunks, func(worker, i int) {
		if ctx.Err() != nil {
			return
		}
		r, from, to := t.scorers[worker], i*batch, min(n, (i+1)*batch)
		r.n, r.pixels, r.labels = to-from, pixels[from*t.net.In.Len():], nil
		if labels != nil {
			r.labels = labels[from:to]
		}
		r.forward()
		for j := range r.n {
			out[from+j] = argmax(r.loss.row(j))
			if each != nil {
				each(from+j, r.loss.row(j))
			}
		}
		copy(losses[from:to], r.losses)
	})
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if labels == nil {
		return 0, nil
	}
	var sum float64
	for _, l := range losses {
		sum += l
	}
	return sum / float64(n), nil
}

// evenly returns the size of the fewest chunks of n images, of at most size, that keep all workers
// busy to the end.
func evenly(n, size, workers int) int {
	rounds := (n + size*workers - 1) / (size * workers)
	return (n + rounds*workers - 1) / (rounds * workers)
}

// freeze makes the runs of evaluation mode, once, and brings their constants up to date.
func (t *Trainer) freeze() {
	for len(t.scorers) < t.workers {
		t.scorers = append(t.scorers, newRun(t.net, runOptions{
			batch: t.net.scoreBatch(t.half()), workers: 1, half: t.half(), products: t.products, apart: t.options.apart,
			normalisation: t.options.Normalisation, kernels: t.k, profile: t.options.Profile,
		}))
	}
	if !t.frozen {
		t.net.freeze()
		t.frozen = true
	}
}

// scoreBatch is how many images go through the network together in evaluation mode: as many as keep
// what is alive at once within a share of the cache.
func (n *Network) scoreBatch(half bool) int {
	if n.inLanes {
		return lanes
	}
	r := newRun(n, runOptions{batch: 1, workers: 1, half: half})
	bytes := 4 * max(scoreFloats, len(n.weights)/3)
	if half {
		bytes /= 4
	}
	return max(1, min(64, bytes/max(1, r.valueBytes)))
}

// scoreFloats bounds the activations of one worker's evaluation: 32 MB. That is more than the
// cache, because reading weights once for more images is faster (resnet101: a batch of 1 reaches
// half the speed of 8; with its 43 million weights 16 is another 4 % faster than 8, while
// densenet121 with 7 million has its best at 16). In bfloat16 a quarter of it: products by AMX take so
// little of the time that memory counts for more (resnet101: 8 images are a quarter faster than 32).
const scoreFloats = 8 << 20
