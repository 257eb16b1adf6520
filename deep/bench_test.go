//go:build unix

package deep

import (
	"context"
	"encoding/json"
	"os"
	"syscall"
	"testing"
)

// BenchmarkNetworks prints what `shoal bench` does; choose with
// -bench Networks/densenet121 -benchtime 1x. SHOAL_LEVEL picks a SIMD level.
func BenchmarkNetworks(b *testing.B) {
	for _, name := range Names() {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				p := &Profile{}
				steps := 3
				if name == "cnn2" {
					steps = 300
				}
				r, err := Bench(context.Background(), name, BenchOptions{Steps: steps, Level: os.Getenv("SHOAL_LEVEL"), Profile: p})
				if err != nil {
					b.Fatal(err)
				}
				text, err := json.Marshal(r)
				if err != nil {
					b.Fatal(err)
				}
				b.Logf("%s train %.0f%% eval %.0f%% of peak", text, 100*r.TrainGFLOPS/r.PeakGFLOPS, 100*r.EvalGFLOPS/r.PeakGFLOPS)
				for _, l := range p.Lines() {
					b.Logf("%6.3f s %5.1f%% %s", l.Seconds, 100*l.Share, l.Kind)
				}
			}
		})
	}
}

// BenchmarkProcessorTime takes one worker's steps and reports GFLOP/s of processor time, which
// hardly depends on what else the machine does.
func BenchmarkProcessorTime(b *testing.B) {
	for _, name := range Names() {
		b.Run(name, func(b *testing.B) { processorTime(b, name) })
	}
}

func processorTime(b *testing.B, name string) {
	m, err := find(name)
	if err != nil {
		b.Fatal(err)
	}
	net, err := Build(name, m.in, m.classes, 1)
	if err != nil {
		b.Fatal(err)
	}
	batch := 64
	tr, err := NewTrainer(net, Options{Batch: batch, Workers: 1, Level: os.Getenv("SHOAL_LEVEL"), SGD: SGD{Momentum: 0.9}})
	if err != nil {
		b.Fatal(err)
	}
	pixels, labels := benchImages(m.in, m.classes, batch)
	out := make([]uint16, batch)
	work := 1e-9 * float64(net.macs) * float64(batch)
	measure := func(b *testing.B, operations float64, f func() error) {
		if err := f(); err != nil {
			b.Fatal(err)
		}
		begin := processorSeconds(b)
		b.ResetTimer()
		for range b.N {
			if err := f(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(operations*work*float64(b.N)/(processorSeconds(b)-begin), "cpuGFLOP/s")
	}
	b.Run("train", func(b *testing.B) {
		measure(b, 6, func() error { _, err := tr.Step(pixels, labels, 0.001); return err })
	})
	b.Run("eval", func(b *testing.B) {
		measure(b, 2, func() error { _, err := tr.Score(context.Background(), pixels, nil, out); return err })
	})
}

func processorSeconds(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) * 1e-9
}
