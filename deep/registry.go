package deep

import (
	"fmt"
	"slices"
	"strings"
)

// A family is the networks that one definition makes. Every family registers itself in its own
// file, so that adding one changes no other; TestNetworks holds each to all that a network
// promises.
type family struct {
	members []member
	// small is a network of the family that tests train in a second. The results of PyTorch's are
	// in testdata/NAME.safetensors; it isn't Build's unless it is a member, too.
	small member
}

// member is a network of a family.
type member struct {
	name   string
	define definition
	side   int  // the sides of images are multiples of it,
	any    bool // or anything from it on,
	fixed  bool // or both it
	// What it is usually trained on: Bench and testdata/reference.py build it so.
	in      Shape
	classes int
	batch   int // of Bench
}

// families are all that have registered. Only init functions change it.
var families []*family

// register adds a family to what Build knows.
func register(f *family) { families = append(families, f) }

// find returns the network called name, or an error that lists those there are.
func find(name string) (member, error) {
	for _, f := range families {
		for _, m := range f.members {
			if m.name == name {
				return m, nil
			}
		}
	}
	return member{}, fmt.Errorf("unknown network %q: want one of %s", name, strings.Join(Names(), ", "))
}

// Names returns the names that Build accepts, sorted.
func Names() []string {
	var names []string
	for _, f := range families {
		for _, m := range f.members {
			names = append(names, m.name)
		}
	}
	slices.Sort(names)
	return names
}

// Build makes the network called name for images of shape in, with PyTorch's default initialisation
// drawn from seed: equal arguments give equal weights.
func Build(name string, in Shape, classes int, seed uint64) (*Network, error) {
	m, err := find(name)
	if err != nil {
		return nil, err
	}
	if classes < 2 || classes > 1<<16 {
		return nil, fmt.Errorf("network %q: got %d classes, want 2 to 65536", name, classes)
	}
	if err := m.check(in); err != nil {
		return nil, err
	}
	return assemble(name, m.define, in, classes, seed, true), nil
}

// HasNorm reports whether the network called name has BatchNorm; false for an unknown one.
func HasNorm(name string) bool {
	m, err := find(name)
	return err == nil && len(outline(name, m.define, m.in, m.classes, false).norms) > 0
}

// Reading lists the networks that read images of shape in, sorted.
func Reading(in Shape) []string {
	return slices.DeleteFunc(Names(), func(name string) bool { return Check(name, in) != nil })
}

// Check returns why the network called name can't read images of shape in, nil if it can.
func Check(name string, in Shape) error {
	m, err := find(name)
	if err != nil {
		return err
	}
	return m.check(in)
}

// check says why the network can't read images of shape in.
func (m member) check(in Shape) error {
	if in.Channels < 1 || in.Channels > 32 || in.Height > 1024 || in.Width > 1024 {
		return fmt.Errorf("network %q: can't read images of %v", m.name, in)
	}
	if m.fixed && (in.Height != m.side || in.Width != m.side) {
		return fmt.Errorf("network %q reads images of %d×%d, got %v", m.name, m.side, m.side, in)
	}
	small := in.Height < m.side || in.Width < m.side
	switch {
	case m.any && small:
		return fmt.Errorf("network %q reads images from %d×%d on, got %v", m.name, m.side, m.side, in)
	case !m.any && (small || in.Height%m.side != 0 || in.Width%m.side != 0):
		return fmt.Errorf("network %q reads images whose sides are multiples of %d, got %v", m.name, m.side, in)
	}
	return nil
}
