// Package shallowtest is the conformance suite of the shallow models: Run takes a factory and
// checks the promises of package model on small made-up data.
//
// Every kind calls it from its own tests. What only one kind can know (the right accuracy on real
// data, agreement with another implementation) stays there; so do parameters out of range, which
// Run is handed as Refusals.
package shallowtest
