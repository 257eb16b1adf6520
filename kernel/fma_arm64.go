package kernel

// fma returns x*y + z rounded once to float32: the compiler makes one FMADD of it. The language
// allows that without promising it, so TestFMAIsFused compares it with fmaEmulated.
func fma(x, y, z float32) float32 { return x*y + z }
