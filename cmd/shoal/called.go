package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"shoal/internal/textfmt"
)

// program is how this process was called: ./shoal, or shoal where the shell found it by PATH. A command
// that a person is told to run begins with it, or it could not be pasted.
var program = calledAs(os.Args[0])

// calledAs is how a shell calls the program that was started as arg0. Wrappers, and shells of Windows,
// start what they found by PATH by its whole path: its name does there, too.
func calledAs(arg0 string) string {
	name := filepath.Base(arg0)
	if short := strings.TrimSuffix(name, ".exe"); short == arg0 || inPath(name, arg0) {
		return textfmt.ShellQuote(short)
	}
	return textfmt.ShellQuote(arg0)
}

// inPath reports whether PATH finds the file path by its name.
func inPath(name, path string) bool {
	found, err := exec.LookPath(name)
	if err != nil {
		return false
	}
	a, errA := os.Stat(found)
	b, errB := os.Stat(path)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// asCalled is a text of ours with its commands as this program was called. It must not hold what others
// named, such as a path.
func asCalled(text string) string { return strings.ReplaceAll(text, "shoal ", program+" ") }

// call is the command of this program with these words.
func call(words string) string { return program + " " + words }
