//go:build !linux && !darwin

package machine

// NetworkFileSystem is "" on systems that don't tell.
func NetworkFileSystem(string) string { return "" }
