package main

import (
	"slices"

	"github.com/spf13/pflag"

	"shoal/shallow"
)

// modelFlags are the parameters of the shallow models, as text: the models check them.
type modelFlags struct{ values map[string]*string }

// register makes a flag of every parameter of every kind, but for those named in except.
func (m *modelFlags) register(f *pflag.FlagSet, except ...string) {
	m.values = map[string]*string{}
	for _, kind := range shallow.Kinds() {
		for _, name := range shallow.Parameters(kind) {
			m.add(f, name, except)
		}
	}
}

// add makes the flag of a parameter, unless it is there or isn't wanted.
func (m *modelFlags) add(f *pflag.FlagSet, name string, except []string) {
	if !slices.Contains(except, name) && f.Lookup(name) == nil {
		m.values[name] = f.String(name, "", shallow.ParameterHelp(name))
	}
}

// given returns what was set.
func (m *modelFlags) given(f *pflag.FlagSet) map[string]string {
	out := map[string]string{}
	for name, value := range m.values {
		if f.Changed(name) {
			out[name] = *value
		}
	}
	return out
}
