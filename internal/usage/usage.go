// Package usage marks usage errors: an unknown name, a number out of range. The command line exits
// with status 2 on them.
package usage

import "fmt"

// Error is a usage error: an invalid value of a flag, an argument or a study.
type Error struct{ Err error }

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error, as fmt.Errorf does.
func Errorf(format string, args ...any) error { return &Error{fmt.Errorf(format, args...)} }
