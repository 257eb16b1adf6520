//go:build !amd64 || purego

package gram

func levels() []string { return []string{"portable"} }

func force(string) func() { return func() {} }
