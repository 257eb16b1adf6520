package svm

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"shoal/dataset"
	"shoal/shallow/model"
)

var dataDir = flag.String("data", "", "folder with the datasets of the benchmarks, as `shoal run --data-dir` takes it")

// load reads a dataset from this machine, or skips the benchmark.
func load(b *testing.B, name string) (train, test model.Examples) {
	set, err := dataset.Load(context.Background(), name, dataset.Source{DataDir: *dataDir, Offline: true})
	if err != nil {
		b.Skip(err)
	}
	part := func(s dataset.Split) model.Examples {
		return model.Examples{Pixels: s.Pixels, Labels: s.Labels, Features: set.Features(), Classes: len(set.Classes)}
	}
	return part(set.Train), part(set.Test)
}

// measure fits and predicts, and reports the seconds of each.
func measure(b *testing.B, params Params, train, test model.Examples, workers int) {
	var fit, predict time.Duration
	var accuracy float64
	var m *Model
	for b.Loop() {
		m, _ = New(params)
		opt := model.Options{Workers: workers}
		start := time.Now()
		if err := m.Fit(context.Background(), train, opt); err != nil {
			b.Fatal(err)
		}
		fit += time.Since(start)
		start = time.Now()
		p, err := m.Predict(context.Background(), test, opt)
		if err != nil {
			b.Fatal(err)
		}
		predict += time.Since(start)
		accuracy, _ = p.Accuracy(test.Labels)
	}
	b.ReportMetric(fit.Seconds()/float64(b.N), "fit-s")
	b.ReportMetric(predict.Seconds()/float64(b.N), "predict-s")
	b.ReportMetric(100*accuracy, "%right")
	b.ReportMetric(float64(m.Facts()["support_vectors"].(int)), "vectors")
}

// The whole of MNIST against scikit-learn's SVC:
//
//	go test ./shallow/svm -run xxx -bench MNIST -benchtime 1x
func BenchmarkMNIST(b *testing.B) {
	train, test := load(b, "mnist")
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) { measure(b, Defaults(), train, test, workers) })
	}
	for n := 7500; n <= train.Len(); n *= 2 {
		b.Run(fmt.Sprint("n=", n), func(b *testing.B) { measure(b, Defaults(), train.First(n), test, 0) })
	}
	// Every pixel k times: the same problem, as "scale" divides gamma by k, at k times the
	// features.
	for k := 1; k <= 4; k *= 2 {
		b.Run(fmt.Sprint("d=", k*train.Features), func(b *testing.B) {
			measure(b, Defaults(), repeat(train.First(15000), k), repeat(test, k), 0)
		})
	}
}

func repeat(e model.Examples, k int) model.Examples {
	out := e
	out.Features, out.Pixels = k*e.Features, nil
	for i := range e.Len() {
		for range k {
			out.Pixels = append(out.Pixels, e.Row(i)...)
		}
	}
	return out
}

// CIFAR-10: the paper's machine (the first 20,000 images, gamma 1/d) and the strong one (all
// 50,000, "scale").
func BenchmarkCIFAR10(b *testing.B) {
	train, test := load(b, "cifar10")
	weak := Defaults()
	weak.Gamma = "auto"
	b.Run("n=20000/auto", func(b *testing.B) { measure(b, weak, train.First(20000), test, 0) })
	b.Run("n=50000/scale", func(b *testing.B) { measure(b, Defaults(), train, test, 0) })
}
