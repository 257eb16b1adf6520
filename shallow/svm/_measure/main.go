// Command measure times the machine on real data.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"syscall"
	"time"

	"shoal/shallow/model"
	"shoal/shallow/svm"
)

func idx(path string, header int) []byte {
	f, err := os.Open(path)
	check(err)
	z, err := gzip.NewReader(f)
	check(err)
	b, err := io.ReadAll(z)
	check(err)
	return b[header:]
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func labels(b []byte) []uint16 {
	out := make([]uint16, len(b))
	for i, v := range b {
		out[i] = uint16(v)
	}
	return out
}

func mnist(d string) (train, test model.Examples) {
	part := func(s string) model.Examples {
		return model.Examples{Pixels: idx(d+"/"+s+"-images-idx3-ubyte.gz", 16), Labels: labels(idx(d+"/"+s+"-labels-idx1-ubyte.gz", 8)), Features: 784, Classes: 10}
	}
	return part("train"), part("t10k")
}

func cifar(d string) (train, test model.Examples) {
	part := func(names ...string) model.Examples {
		e := model.Examples{Features: 3072, Classes: 10}
		for _, n := range names {
			b, err := os.ReadFile(d + "/" + n + ".bin")
			check(err)
			for ; len(b) > 0; b = b[3073:] {
				e.Labels = append(e.Labels, uint16(b[0]))
				e.Pixels = append(e.Pixels, b[1:3073]...)
			}
		}
		return e
	}
	return part("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"), part("test_batch")
}

func main() {
	cfg := svm.Default()
	set := flag.String("set", "mnist", "")
	dir := flag.String("dir", "", "")
	n := flag.Int("train", 0, "")
	workers := flag.Int("workers", 0, "")
	memory := flag.Int64("memory", 0, "MiB")
	save := flag.String("save", "", "")
	prof := flag.String("prof", "", "")
	progress := flag.Bool("progress", false, "")
	flag.Float64Var(&cfg.C, "c", 1, "")
	flag.StringVar(&cfg.Gamma, "gamma", "scale", "")
	flag.StringVar(&cfg.Kernel, "kernel", "rbf", "")
	flag.Parse()
	load := mnist
	if *set == "cifar10" {
		load = cifar
	}
	train, test := load(*dir)
	train = train.First(*n)
	opt := model.Options{Workers: *workers, MemoryBytes: *memory << 20}
	start := time.Now()
	if *progress {
		opt.Progress = func(d, t int, s string) {
			if s[0] == 'p' {
				fmt.Fprintf(os.Stderr, "%.1f %d/%d %s\n", time.Since(start).Seconds(), d, t, s)
			}
		}
	}
	if *prof != "" {
		f, _ := os.Create(*prof)
		check(pprof.StartCPUProfile(f))
		defer pprof.StopCPUProfile()
	}
	m, err := svm.New(cfg)
	check(err)
	check(m.Fit(context.Background(), train, opt))
	fit := time.Since(start).Seconds()
	start = time.Now()
	p, err := m.Predict(context.Background(), test, opt)
	check(err)
	pred := time.Since(start).Seconds()
	acc, err := p.Accuracy(test.Labels)
	check(err)
	var ru syscall.Rusage
	check(syscall.Getrusage(0, &ru))
	f := m.Facts()
	delete(f, "support_vectors_per_class")
	js, _ := json.Marshal(f)
	fmt.Printf("%s n=%d workers=%d: fit %.2f s predict %.2f s accuracy %.4f rss %d MB %s\n", *set, train.Len(), *workers, fit, pred, acc, ru.Maxrss/1024, js)
	if *save != "" {
		var b bytes.Buffer
		for _, c := range p.Class {
			b.WriteByte(byte(c))
		}
		check(os.WriteFile(*save, b.Bytes(), 0o644))
	}
}
