package model

import (
	"fmt"

	"shoal/internal/machine"
	"shoal/internal/textfmt"
)

// Memory is what a fit and its predictions take beside the examples, in bytes, as far as that is
// known before: what depends on the fit's result (support vectors, nodes) is left out.
type Memory struct {
	Needed int64 // without which there is no fit
	Cache  int64 // that makes it faster: less changes no number
}

// MemoryError is the error for a fit that needs more memory than there is.
type MemoryError struct {
	Kind               string
	Examples, Features int
	Classes            int   // that have examples
	Needed, Available  int64 // bytes
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("%s: %d examples of %d features in %d classes: needs %s of memory, and %s are available: want fewer examples, features or classes",
		e.Kind, e.Examples, e.Features, e.Classes, textfmt.Bytes(e.Needed), textfmt.Bytes(e.Available))
}

// NewMemoryError says what a fit to some examples needs and what there is, in bytes.
func NewMemoryError(kind string, train Examples, needed, available int64) *MemoryError {
	return &MemoryError{kind, train.Len(), train.Features, train.Occurring(), needed, available}
}

// CheckMemory returns a *MemoryError if less is available than a kind needs, or nil, also where
// nothing is known about the machine.
func (o Options) CheckMemory(kind string, train Examples, needed int64) error {
	if available := o.available(); available > 0 && needed > available {
		return NewMemoryError(kind, train, needed, available)
	}
	return nil
}

// CacheBytes is the bound on a kind's caches: as asked for, or a default of which no more is taken
// than half of what is left beside the needed memory.
func (o Options) CacheBytes(standard, needed int64) int64 {
	if o.MemoryBytes > 0 {
		return o.MemoryBytes
	}
	if room := o.Room(needed); room > 0 {
		standard = min(standard, max(1, room/2))
	}
	return standard
}

func (o Options) available() int64 {
	if o.Available > 0 {
		return o.Available
	}
	return machine.Available()
}

// Room is how many bytes are left beside the needed memory, at least 1; 0 for unknown.
func (o Options) Room(needed int64) int64 {
	if available := o.available(); available > 0 {
		return max(1, available-needed)
	}
	return 0
}
