package deep

import (
	"context"
	"slices"
	"time"

	"shoal/internal/machine"
	"shoal/internal/parallel"
)

// BenchOptions says what Bench is to measure; zero values mean the default.
type BenchOptions struct {
	Batch   int // default: the network's own, 64 or 128
	Steps   int // default 3, after one that isn't counted
	Workers int
	Level   string // of SIMD
	// Precision is what is measured; "" is Float32.
	Precision Precision
	Profile   *Profile // collects where the time goes, training and evaluation
}

// BenchResult is one line of `shoal bench`. GFLOP/s count 6 operations a multiply-add for a
// training step and 2 for an evaluation, by the published multiply-adds of the network.
type BenchResult struct {
	Network      string  `json:"network"`
	Batch        int     `json:"batch"`
	TrainSeconds float64 `json:"train_seconds"` // median of a step
	TrainGFLOPS  float64 `json:"train_gflops"`
	EvalSeconds  float64 `json:"eval_seconds"` // median of scoring one batch
	EvalGFLOPS   float64 `json:"eval_gflops"`
	PeakGFLOPS   float64 `json:"peak_gflops"`    // of multiply-adds in registers in that precision, measured
	PeakRSSBytes int64   `json:"peak_rss_bytes"` // since this measurement began, on Linux; elsewhere the process's
	SIMD         string  `json:"simd"`
	Workers      int     `json:"workers"`
	Precision    string  `json:"precision"`
	Tier         string  `json:"tier,omitempty"`         // of products in bfloat16, see kernel.Tier
	TierRefused  string  `json:"tier_refused,omitempty"` // see Precision.Refused
}

// Bench measures training steps and evaluations of a network on random images.
func Bench(ctx context.Context, name string, o BenchOptions) (BenchResult, error) {
	m, err := find(name)
	if err != nil {
		return BenchResult{}, err
	}
	if o.Batch == 0 {
		o.Batch = m.batch
	}
	if o.Steps == 0 {
		o.Steps = 3
	}
	machine.ForgetPeak() // of what was measured before
	net, err := Build(name, m.in, m.classes, 1)
	if err != nil {
		return BenchResult{}, err
	}
	t, err := NewTrainer(net, Options{
		Batch: o.Batch, Workers: o.Workers, Level: o.Level, Profile: o.Profile, Precision: o.Precision,
		SGD: SGD{Momentum: 0.9, WeightDecay: 5e-4},
	})
	if err != nil {
		return BenchResult{}, err
	}
	p := t.options.Precision
	res := BenchResult{
		Network: name, Batch: o.Batch, SIMD: t.k.Level().String(), Workers: parallel.Workers(o.Workers),
		Precision: string(p), Tier: p.Tier(), TierRefused: p.Refused(),
	}
	pixels, labels := benchImages(m.in, m.classes, o.Batch)
	out := make([]uint16, o.Batch)
	res.TrainSeconds, err = medianSeconds(ctx, o, func() error {
		_, err := t.Step(pixels, labels, 0.001)
		return err
	})
	if err != nil {
		return res, err
	}
	res.EvalSeconds, err = medianSeconds(ctx, o, func() error {
		_, err := t.Score(ctx, pixels, labels, out)
		return err
	})
	if err != nil {
		return res, err
	}
	work := 1e-9 * float64(net.macs) * float64(o.Batch)
	res.TrainGFLOPS, res.EvalGFLOPS = 6*work/res.TrainSeconds, 2*work/res.EvalSeconds
	res.PeakGFLOPS = t.k.Peak(res.Workers) // also that of Widened
	if t.products != nil {
		res.PeakGFLOPS = t.products.Peak(res.Workers)
	}
	res.PeakRSSBytes = machine.PeakRSS()
	return res, nil
}

func benchImages(in Shape, classes, n int) ([]byte, []uint16) {
	k := newKey(1)
	pixels, labels := make([]byte, n*in.Len()), make([]uint16, n)
	for i := range pixels {
		pixels[i] = byte(k.bits(i))
	}
	for i := range labels {
		labels[i] = uint16(i % classes)
	}
	return pixels, labels
}

// medianSeconds runs work once, then Steps times, and returns the median. The profile counts only
// the latter.
func medianSeconds(ctx context.Context, o BenchOptions, work func() error) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	o.Profile.count(false)
	err := work()
	o.Profile.count(true)
	if err != nil {
		return 0, err
	}
	seconds := make([]float64, 0, o.Steps)
	for range o.Steps {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		begin := time.Now()
		if err := work(); err != nil {
			return 0, err
		}
		seconds = append(seconds, time.Since(begin).Seconds())
	}
	slices.Sort(seconds)
	return seconds[len(seconds)/2], nil
}
