package gram

// level is an implementation. All give the same bits.
type level int

const (
	portable level = iota
	avx2           // AVX2: two products of 16 bits an instruction lane
	vnni           // AVX-512 with VNNI: four products of 8 bits an instruction lane
	neon           // NEON with SDOT: the same
)

// current is the implementation in use: the last, so the best, of this machine. Only tests change it.
var current = available()[len(available())-1]
