// Package npy reads and writes NumPy's .npy files: a magic string, a version, a Python dictionary
// of element type, order and shape, then the elements.
//
// Read is for files that other programs made, and Archive for their .npz, which are zip archives of
// such files. It takes the three versions of the format, the unsigned and signed integers, floats
// and texts of NumPy in little-endian byte order, and C order; anything else (objects, which are
// pickles, structures, big-endian numbers) is refused by name. The header is parsed as just that
// dictionary and never evaluated, and memory grows with the bytes that arrive, not with what the
// header claims.
//
// It is written here rather than taken from github.com/sbinet/npyio, whose reader allocates what
// the header claims before a byte of it has arrived, and accepts orders and types that are not
// needed here.
package npy
