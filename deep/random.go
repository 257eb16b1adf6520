package deep

// key names one stream of random numbers. Number i of a stream is a function of the key and i
// alone, so neither the split over workers nor a resume can change what is drawn, and nothing has
// to be saved but the seed and the step.
type key uint64

// What a stream is for; part of its key.
const (
	streamInit    = 1
	streamDropout = 2
)

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

const golden = 0x9e3779b97f4a7c15

func newKey(parts ...uint64) key {
	h := uint64(golden)
	for _, p := range parts {
		h = mix(h ^ mix(p+golden))
	}
	return key(h)
}

func (k key) bits(i int) uint64 { return mix(uint64(k) + golden*uint64(i+1)) }

// uniform returns number i of the stream, in [0, 1).
func (k key) uniform(i int) float64 { return float64(float64(k.bits(i)>>11) / (1 << 53)) }

// keeps says whether element i survives a dropout with probability p of zero; threshold is p·2³².
func (k key) keeps(i int, threshold uint64) bool { return k.bits(i)>>32 >= threshold }
