//go:build !arm64

package kernel

// fma returns x*y + z rounded once to float32. It is emulated: which builds fuse x*y + z depends on
// the architecture and, on amd64, on GOAMD64.
func fma(x, y, z float32) float32 { return fmaEmulated(x, y, z) }
