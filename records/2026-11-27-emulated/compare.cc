// Compares what vectors.go writes with the instructions of Bochs: its functions for one step, in the
// order in which its VDPBF16PS, TDPBF16PS and VCVTNEPS2BF16 call them. See README.md.
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "bochs.h"
#include "cpu/cpu.h"
#include "cpu/softfloat3e/include/softfloat.h"
#include "cpu/avx/bf16.h"

static float32 at(uint16_t x) { return convert_bfloat16_to_fp32(x); }

// The sum by the multiply-add. f32_add makes a zero of a difference of two numbers with the same exponent
// that is at least 2^-126 and below 2^-125, as if it were denormal: see README.md.
static float32 add(float32 x, float32 y, softfloat_status_t *status) { return f32_mulAdd(x, 0x3f800000, y, 0, status); }

static bool isNaN(uint32_t x) { return (x & 0x7fffffff) > 0x7f800000; }

// Of NaN only the fact is promised.
static bool differ(uint32_t x, uint32_t y) { return x != y && !(isNaN(x) && isNaN(y)); }

int main() {
	softfloat_status_t status; // as prepare_ne_softfloat_status_helper(true)
	memset(&status, 0, sizeof status);
	status.softfloat_roundingMode = softfloat_round_near_even;
	status.softfloat_exceptionMasks = softfloat_all_exceptions_mask;
	status.softfloat_suppressException = softfloat_all_exceptions_mask;
	status.softfloat_flush_underflow_to_zero = true;
	status.softfloat_denormals_are_zeros = true;
	const char *names[] = {"AVX512BF16", "AMX", "ToBF16"};
	long wrong[3] = {}, flushed = 0, sums = 0, normal = 0, zero = 0, infinite = 0, nan = 0;
	uint32_t w[37];
	while (fread(w, sizeof w, 1, stdin) == 1) {
		float32 pairs = w[0], even = 0, odd = 0;
		for (int i = 0; i < 16; i++) {
			uint32_t a = w[1 + i], b = w[17 + i];
			pairs = f32_mulAdd(at(a >> 16), at(b >> 16), pairs, 0, &status);
			pairs = f32_mulAdd(at(a), at(b), pairs, 0, &status);
			even = f32_mulAdd(at(a), at(b), even, 0, &status);
			odd = f32_mulAdd(at(a >> 16), at(b >> 16), odd, 0, &status);
		}
		uint32_t got[3] = {pairs, add(w[0], add(even, odd, &status), &status), convert_ne_fp32_to_bfloat16(w[35])};
		uint32_t asWritten = f32_add(w[0], f32_add(even, odd, &status), &status);
		flushed += differ(asWritten, got[1]);
		uint32_t want[3] = {w[33], w[34], w[36]};
		for (int i = 0; i < 3; i++)
			if (i < 2 ? differ(got[i], want[i]) : got[i] != want[i])
				if (wrong[i]++ < 5)
					printf("%s: from %08x Bochs makes %08x, the twin %08x\n", names[i], i < 2 ? w[0] : w[35], got[i], want[i]);
		for (int i = 0; i < 2; i++) {
			uint32_t abs = got[i] & 0x7fffffff;
			(abs == 0 ? zero : abs < 0x7f800000 ? normal : abs == 0x7f800000 ? infinite : nan)++;
		}
		sums++;
	}
	printf("%ld sums each; differences: %ld AVX512BF16, %ld AMX, %ld ToBF16; results: %ld normal, %ld zero, %ld infinite, %ld NaN; flushed by f32_add: %ld\n",
	       sums, wrong[0], wrong[1], wrong[2], normal, zero, infinite, nan, flushed);
	return sums == 0 || wrong[0] + wrong[1] + wrong[2] != 0;
}
