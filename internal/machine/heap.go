package machine

import "runtime/metrics"

// programBytes is what the program takes beside its heap, with what reports need for a short while.
const programBytes = 96 << 20

// Resident is about what the process takes of the machine's memory, in bytes, where so many are live on its
// heap at once: the collector lets the heap grow by the part of it that GOGC says before it collects.
func Resident(live int64) int64 {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	percent := uint64(100)
	if sample[0].Value.Kind() == metrics.KindUint64 {
		percent = min(sample[0].Value.Uint64(), 400) // off is the largest number
	}
	return live + int64(float64(live)*float64(percent)/100) + programBytes
}
