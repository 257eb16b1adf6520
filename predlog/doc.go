// Package predlog is the log that a training loop outside of shoal writes: any framework, any
// machine. A [Writer] writes it from Go; the Python client in python/ from Python. docs/attach.md is
// the contract of its version 1.
//
// # The file
//
// RUN/log/<UTC time>-r<rank>-<8 hex digits>.jsonl: lines of JSON, each appended by one write. One
// process and evaluation split a file; a process that resumes a training begins a new one.
//
// The first line is the header ([Header]): what is scored, and by whom. Every other line is a
// [Part]: the predictions of one evaluation, for the whole split or for the examples that a rank
// has. Vectors are base64 of zlib of little-endian numbers: classes in one byte up to 256 classes
// and in two beyond, right in bits with the first example lowest, index in four bytes, values in half
// precision.
//
// # Reading
//
// A [File] is read as a stream: what is in memory is one line, whose length the header bounds. A
// last line without its newline is not there yet. A damaged line anywhere else is an error that
// names file, line and reason.
//
// [Arrange] sorts files into splits and, within a split, into sessions: a training and what resumed
// it. [Join] makes one evaluation of the parts of several ranks. It exists when they cover the split.
// Where samplers repeat examples the lowest rank's answer counts; more than one repeat in a hundred
// that disagrees (and more than one in all) means two models, and is an error.
//
// # What it leaves out
//
// The run folder's database: package ingest brings logs there.
package predlog
