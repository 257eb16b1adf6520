package curriculum

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestShuffleIsAPermutationOfItsArguments(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(3) {
		for pass := range 3 {
			perm := shuffle(seed, pass, 100)
			sorted := slices.Sorted(slices.Values(perm))
			for i, v := range sorted {
				if v != i {
					t.Fatalf("seed %d, pass %d: no permutation: %v", seed, pass, perm)
				}
			}
			if !slices.Equal(perm, shuffle(seed, pass, 100)) {
				t.Fatal("the same arguments gave another sequence")
			}
			key := fmt.Sprint(perm)
			if seen[key] {
				t.Errorf("seed %d, pass %d: a sequence that another seed or pass has", seed, pass)
			}
			seen[key] = true
		}
	}
}

// Every example is as likely to be first: a biased shuffle would show.
func TestShuffleIsUniform(t *testing.T) {
	const n, rounds = 6, 6000
	var first [n]int
	for pass := range rounds {
		first[shuffle(7, pass, n)[0]]++
	}
	chi := 0.0
	for _, c := range first {
		d := float64(c) - rounds/n
		chi += d * d / (rounds / n)
	}
	if !(chi < 20.5) { // the 99.9 % quantile for 5 degrees of freedom
		t.Errorf("how often each example came first: %v, chi-squared %.1f", first, chi)
	}
}

func TestVisits(t *testing.T) {
	v := &Visits{Plan: Plan{First: []int{1, 3, 5}, Passes: 2, Then: []int{0, 1, 2, 3, 4, 5, 6}}, Batch: 2, Seed: 9}
	// Two passes of 2 and 1 examples, then passes of 2, 2, 2 and 1.
	want := [][2]int{{0, 2}, {0, 1}, {1, 2}, {1, 1}, {2, 2}, {2, 2}, {2, 2}, {2, 1}, {3, 2}, {3, 2}}
	var visited [4][]int
	var batches [][]int
	for pass, examples := range v.From(0, len(want)) {
		if w := want[len(batches)]; pass != w[0] || len(examples) != w[1] {
			t.Errorf("step %d: pass %d with %d examples, want %v", len(batches), pass, len(examples), w)
		}
		visited[pass] = append(visited[pass], examples...)
		batches = append(batches, slices.Clone(examples))
	}
	if len(batches) != len(want) || v.FirstSteps() != 4 {
		t.Fatalf("%d steps, the first part takes %d: want %d and 4", len(batches), v.FirstSteps(), len(want))
	}
	for pass, set := range [][]int{v.Plan.First, v.Plan.First, v.Plan.Then} {
		if got := slices.Sorted(slices.Values(visited[pass])); !slices.Equal(got, set) {
			t.Errorf("pass %d visits %v, want a sequence of %v", pass, visited[pass], set)
		}
	}
	if slices.Equal(visited[0], visited[1]) {
		t.Errorf("both first passes visit %v: want sequences of their own", visited[0])
	}
	for from := range len(want) + 1 { // resumed at any step
		step := from
		for pass, examples := range v.From(from, len(want)) {
			if pass != want[step][0] || !slices.Equal(examples, batches[step]) {
				t.Errorf("from step %d: step %d visits %v in pass %d, want %v in %d", from, step, examples, pass, batches[step], want[step][0])
			}
			step++
		}
		if step != len(want) {
			t.Errorf("from step %d: ended after step %d, want %d", from, step, len(want))
		}
	}
	for range v.From(0, 2) {
		break // a caller may stop
	}
}

// What a training visits is part of the numbers of a run: a seed of an old run must give the same
// visits. The hashes were taken when the visits were first pinned; one that changes makes old runs
// impossible to repeat or to resume.
func TestVisitsArePinned(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	labels, predicted := make([]uint16, 103), make([]uint16, 103)
	for i := range labels {
		labels[i], predicted[i] = uint16(r.IntN(4)), uint16(r.IntN(2))
	}
	p, err := Cut(labels, predicted)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Easy) != 21 || len(p.Hard) != 82 {
		t.Fatalf("%d easy and %d hard examples, want 21 and 82: the hashes are of another partition", len(p.Easy), len(p.Hard))
	}
	for _, c := range []struct {
		order  Order
		passes int
		seed   uint64
		want   string
	}{
		{EasyFirst, 2, 1, "5e229b9eaffd858cf095502236622680210ab8ff6325aadd79e10c8f6b2840a5"},
		{HardFirst, 2, 1, "8b68083e72961037ddc2a6a4998dd63831d9c3da1c9eb04fab4dc1048dd716b5"},
		{EasyOnly, 0, 1, "8e2e112b684c8472b428a11daa5dfa454aaa859b400d95518853d1471b596d79"},
		{HardOnly, 0, 1, "3ebf1fb6c9bf59e3baefca739f810aa79996ab363e4bf4de969e6243e142effa"},
		{Random, 0, 1, "d9c7d9ab6214d53301c0f92aff36b0b3533374741e04cb141206e721ff90db13"},
		{RandomAsEasy, 0, 1, "2bcc7b1b780be5c86d73f3e0a8c7d7b58f093ad9d550b04340e873a9379e8702"},
		{RandomAsHard, 0, 1, "74cf1774ed7ceab0e0d934013b8ea6884affdcc39e0aa296187eef642eeb1aa2"},
		{EasyFirst, 2, 1 << 63, "e3cc1e62a9bde8f680309051807aafda00c170314319fba506d6731b35e8b3bc"},
		{HardFirst, 2, 1 << 63, "ceebd11df60508e70c73380b81f9107d247f5f8a1c5c674f28cc2e9b7300e41f"},
		{EasyOnly, 0, 1 << 63, "e03b1dd6525458b7b5e2e8a67cf31a9d6248404d4b513fa89c545cac5c8d0383"},
		{HardOnly, 0, 1 << 63, "ffde089d1e993518677b5731a094bdf3b78954df1f9c014b54590171c7f20aaa"},
		{Random, 0, 1 << 63, "9c3da7eab691ade90074f7f6fd8e01fe2acf587100f8a0c139ae5412358cda8f"},
		{RandomAsEasy, 0, 1 << 63, "45c274181a402b4bb7e3194334d1b3f6bbe49845fbef00d65862aa45567a3c9a"},
		{RandomAsHard, 0, 1 << 63, "ace2430c2447a885943a405efe40e45cf865439fbae47d36941dbe9454517bbd"},
	} {
		plan, err := p.Plan(c.order, c.passes, c.seed)
		if err != nil {
			t.Fatal(err)
		}
		if got := digest(plan, c.seed); got != c.want {
			t.Errorf("order %s with seed %d visits other examples: hash %s, want %s", c.order, c.seed, got, c.want)
		}
		if plain := digest(Everything(103), c.seed); c.order == Random && plain != c.want {
			t.Errorf("without a partition seed %d visits other examples than by order random: hash %s, want %s", c.seed, plain, c.want)
		}
	}
}

// digest is the SHA-256 of the visits of 100 steps in batches of 8: pass, number of examples and
// examples of each step, as little-endian uint32.
func digest(plan Plan, seed uint64) string {
	v := &Visits{Plan: plan, Batch: 8, Seed: seed}
	var b []byte
	for pass, examples := range v.From(0, 100) {
		b = binary.LittleEndian.AppendUint32(b, uint32(pass))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(examples)))
		for _, e := range examples {
			b = binary.LittleEndian.AppendUint32(b, uint32(e))
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestSmallest(t *testing.T) {
	plan := Plan{First: count(5), Passes: 2, Then: count(7)} // batches of 3 and 2, twice, then of 3, 3, 1
	for _, c := range []struct {
		plan            Plan
		batch, total    int
		wantSize, wantN int
	}{
		{plan, 3, 1, 3, 5}, {plan, 3, 4, 2, 5}, {plan, 3, 6, 2, 5}, {plan, 3, 7, 1, 7}, {plan, 9, 9, 5, 5},
		{Everything(7), 7, 1, 7, 7}, {Everything(7), 6, 1, 6, 7}, {Everything(7), 6, 2, 1, 7}, {Everything(7), 1, 1, 1, 7}, {Everything(1), 64, 1, 1, 1},
	} {
		v := &Visits{Plan: c.plan, Batch: c.batch}
		if size, of := v.Smallest(c.total); size != c.wantSize || of != c.wantN {
			t.Errorf("%+v, batch %d, %d steps: %d of %d, want %d of %d", c.plan, c.batch, c.total, size, of, c.wantSize, c.wantN)
		}
		least := c.batch
		for _, examples := range v.From(0, c.total) {
			least = min(least, len(examples))
		}
		if least != c.wantSize {
			t.Errorf("%+v, batch %d, %d steps: the visits' smallest batch is %d, want %d", c.plan, c.batch, c.total, least, c.wantSize)
		}
	}
}
