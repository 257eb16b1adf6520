package lda

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"

	"shoal/shallow/model"
)

// correlated returns a matrix of n features of the given rank with a diagonal of 1.
func correlated(n, rank int) *mat.SymDense {
	random := rand.New(rand.NewPCG(1, uint64(rank)))
	z := mat.NewDense(n, rank, nil)
	for i := range n {
		norm := 0.0
		for c := range rank {
			v := random.NormFloat64()
			z.Set(i, c, v)
			norm += v * v
		}
		for c := range rank {
			z.Set(i, c, z.At(i, c)/math.Sqrt(norm))
		}
	}
	var a mat.SymDense
	a.SymOuterK(1, z)
	return &a
}

// The pseudo-inverse is the matrix with A·A⁺·A = A whose product with b lies in the range of A.
func TestSolveIsThePseudoInverse(t *testing.T) {
	const n = 40
	for _, rank := range []int{1, 7, 39, 40, 200} {
		a := correlated(n, rank)
		eye := mat.NewDense(n, n, nil)
		for i := range n {
			eye.Set(i, i, 1)
		}
		inverse, got, _, err := solve(t.Context(), a, eye, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if want := min(rank, n); got != want {
			t.Errorf("rank %d is called %d", want, got)
		}
		var ab, aba, bab mat.Dense
		ab.Mul(a, inverse)
		aba.Mul(&ab, a)
		bab.Mul(inverse, &ab)
		aba.Sub(&aba, a)
		bab.Sub(&bab, inverse)
		if off := mat.Norm(&aba, 2); !(off < 1e-8) {
			t.Errorf("rank %d: A·A⁺·A is off A by %v", rank, off)
		}
		if off := mat.Norm(&bab, 2) / mat.Norm(inverse, 2); !(off < 1e-6) {
			t.Errorf("rank %d: A⁺·A·A⁺ is off A⁺ by %v of it", rank, off)
		}
	}
}

// A cancelled solve returns at once, however long the factorisation takes.
func TestSolveHearsCancellation(t *testing.T) {
	for n := 600; ; n *= 2 {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		_, _, _, err := solve(ctx, correlated(n, n/2), mat.NewDense(n, 2, nil), model.Options{})
		switch {
		case errors.Is(err, context.Canceled):
			return
		case err == nil && n < 5000:
			continue // the machine is so busy that the solve was over first
		}
		t.Fatalf("error is %v, want context.Canceled", err)
	}
}
