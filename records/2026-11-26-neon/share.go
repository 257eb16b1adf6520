//go:build ignore

// Takes steps of 64 images and scores 1,000 images, for counting instructions: share STEPS SCORES.
package main

import (
	"context"
	"os"
	"strconv"

	"shoal/deep"
	"shoal/kernel"
)

func main() {
	const batch, scored = 64, 1000
	in := deep.Shape{Height: 28, Width: 28, Channels: 1}
	net, err := deep.Build("cnn2", in, 10, 1)
	check(err)
	t, err := deep.NewTrainer(net, deep.Options{Batch: batch, Workers: 1, SGD: deep.SGD{Momentum: 0.9}})
	check(err)
	pixels, labels := make([]byte, scored*in.Len()), make([]uint16, scored)
	for i := range pixels {
		pixels[i] = byte(i * i >> 3)
	}
	for range number(1) {
		_, err := t.Step(pixels[:batch*in.Len()], labels[:batch], 0.01)
		check(err)
	}
	for range number(2) {
		_, err := t.Score(context.Background(), pixels, labels, make([]uint16, scored))
		check(err)
	}
	os.Stdout.WriteString(kernel.Best().Level().String() + "\n")
}

func number(i int) int {
	n, err := strconv.Atoi(os.Args[i])
	check(err)
	return n
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
