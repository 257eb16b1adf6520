//go:build ignore

// Command vectors writes sums of 16 pairs of bfloat16 with what the portable twins of the tiers
// AVX512BF16 and AMX make of them, for compare.cc:
//
//	go run records/2026-11-27-emulated/vectors.go 4000000 | ./compare
//
// A record is 37 words of 32 bits, little-endian: where the sum begins, 16 pairs of a, 16 pairs of b
// (two numbers of 16 bits each, the first in the lower half), the sum of AVX512BF16, that of AMX, and
// a float32 with the bfloat16 next to it.
package main

import (
	"bufio"
	"encoding/binary"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"strconv"

	"shoal/kernel"
)

const pairs = 16

func main() {
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	r := rand.New(rand.NewPCG(2026, 11))
	for range n {
		if err := binary.Write(out, binary.LittleEndian, record(r)); err != nil {
			log.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

// record draws one sum. Each has a range of exponents of its own: in one of three all numbers have
// any bits, else the products lie within a few binades of each other and of the start of the sum,
// around a place that may be the least normal number or the largest.
func record(r *rand.Rand) [37]uint32 {
	var a, b [2 * pairs]kernel.BF16
	any := r.IntN(3) == 0
	width := 1 + r.IntN(12)
	ea, eb := 1+r.IntN(254-width), 1+r.IntN(254-width)
	if r.IntN(2) == 0 { // products beside the least normal number
		eb = min(max(127+1-ea+r.IntN(10)-5, 1), 254-width)
	}
	number := func(exponent int) kernel.BF16 {
		if any || r.IntN(200) == 0 {
			return kernel.BF16(r.Uint32())
		}
		return kernel.BF16(r.IntN(2)<<15 | (exponent+r.IntN(width))<<7 | r.IntN(1<<7))
	}
	for i := range a {
		a[i], b[i] = number(ea), number(eb)
	}
	start := math.Float32frombits(r.Uint32())
	if !any && r.IntN(4) != 0 {
		e := min(max(ea+eb-127+r.IntN(12)-4, 0), 254)
		start = math.Float32frombits(uint32(r.IntN(2))<<31 | uint32(e)<<23 | r.Uint32()>>9)
	}
	var w [37]uint32
	w[0] = math.Float32bits(start)
	for i := range pairs {
		w[1+i], w[1+pairs+i] = uint32(a[2*i])|uint32(a[2*i+1])<<16, uint32(b[2*i])|uint32(b[2*i+1])<<16
	}
	for i, tier := range []kernel.Tier{kernel.AVX512BF16, kernel.AMX} {
		c := []float32{start}
		p := kernel.Product16{Rows: 1, Width: 1, Pairs: pairs, N: 1, BK: 2, Init: kernel.Accumulate}
		kernel.Twin(tier).Multiply(&p, kernel.OneTap, c, a[:], b[:], nil)
		w[33+i] = math.Float32bits(c[0])
	}
	w[35] = r.Uint32()
	w[36] = uint32(kernel.ToBF16(math.Float32frombits(w[35])))
	return w
}
