package kernel

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of x86-64's and arm64's usual large pages.
const hugePage = 2 << 20

// wantHugePages asks for large pages where x spans some. The strided reads of weight gradients
// touch a page a pixel, more than the processor's first table of pages holds. It is advice: nothing
// depends on its being heard.
func wantHugePages(x []float32) {
	if len(x)*4 < 2*hugePage {
		return
	}
	from := uintptr(unsafe.Pointer(&x[0]))
	skip := -from % hugePage
	n := (uintptr(len(x))*4 - skip) / hugePage * hugePage
	inside := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(&x[0]), skip)), n)
	_ = unix.Madvise(inside, unix.MADV_HUGEPAGE)
}
