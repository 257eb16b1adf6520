//go:build !unix

package main

// endAsInterrupted does nothing where no signal can be raised: the exit status says it.
func endAsInterrupted() {}
