package forest

import (
	"fmt"

	"shoal/shallow/model"
)

// header is what a saved forest holds beside its trees.
type header struct {
	Params   Params
	Features int
	Classes  int
	Trees    int
	Stopped  bool
	Curve    []Point
	Warnings []string `json:",omitempty"`
}

// MarshalBinary saves the fitted forest.
func (m *Model) MarshalBinary() ([]byte, error) {
	if m.features == 0 {
		return nil, fmt.Errorf("save forest: not fitted: call Fit first")
	}
	return model.Save(m.Kind(), version, func(w *model.Writer) {
		w.JSON(header{m.params, m.features, m.classes, len(m.trees), m.stopped, m.curve, m.warnings})
		for _, t := range m.trees {
			nodes := make([]uint64, len(t.nodes))
			for i, n := range t.nodes {
				nodes[i] = uint64(n)
			}
			w.Uint64s(nodes)
			w.Uint32s(t.start)
			w.Uint16s(t.class)
			w.Float32s(t.share)
		}
	})
}

// UnmarshalBinary loads what MarshalBinary saved, parameters included.
func (m *Model) UnmarshalBinary(data []byte) error {
	m.features, m.trees, m.curve, m.stopped, m.warnings = 0, nil, nil, false, nil
	var h header
	var trees []*tree
	err := model.Load(m.Kind(), version, data, func(r *model.Reader) {
		r.JSON(&h)
		if h.Features < 1 || h.Features > maxFeatures || h.Classes < 1 || h.Classes > 1<<16 || h.Trees < 1 {
			r.Fail(fmt.Errorf("got %d trees, %d features, %d classes, want at least 1", h.Trees, h.Features, h.Classes))
		}
		r.Fail(h.Params.check())
		for i := 0; i < h.Trees && r.Err() == nil; i++ {
			trees = append(trees, readTree(r, h.Features, h.Classes))
		}
	})
	if err != nil {
		return err
	}
	m.params, m.features, m.classes = h.Params, h.Features, h.Classes
	m.trees, m.curve, m.stopped, m.warnings = trees, h.Curve, h.Stopped, h.Warnings
	return nil
}

// readTree reads and checks the next tree.
func readTree(r *model.Reader, features, classes int) *tree {
	t := &tree{}
	for _, n := range r.Uint64s() {
		t.nodes = append(t.nodes, node(n))
	}
	t.start, t.class, t.share = r.Uint32s(), r.Uint16s(), r.Float32s()
	if r.Err() == nil {
		r.Fail(t.check(features, classes))
	}
	return t
}

// check reports why walking the tree could leave its arrays or never end.
func (t *tree) check(features, classes int) error {
	leaves := len(t.start) - 1
	if len(t.nodes) == 0 || leaves < 1 || len(t.class) != len(t.share) || int(t.start[leaves]) != len(t.class) {
		return fmt.Errorf("tree: got %d nodes, %d leaves, %d classes, %d shares, which don't fit together", len(t.nodes), leaves, len(t.class), len(t.share))
	}
	for i, n := range t.nodes {
		switch {
		case n.isLeaf() && n.next() >= leaves:
			return fmt.Errorf("tree: node %d: got leaf %d, want below %d", i, n.next(), leaves)
		case !n.isLeaf() && (n.next() <= i || n.next()+1 >= len(t.nodes)):
			return fmt.Errorf("tree: node %d: got child %d, want it after the node and below %d", i, n.next(), len(t.nodes)-1)
		case !n.isLeaf() && n.feature() >= features:
			return fmt.Errorf("tree: node %d: got feature %d, want below %d", i, n.feature(), features)
		}
	}
	for i := range leaves {
		if t.start[i] > t.start[i+1] {
			return fmt.Errorf("tree: leaf %d: starts at %d, after its end %d", i, t.start[i], t.start[i+1])
		}
	}
	for i, class := range t.class {
		if int(class) >= classes {
			return fmt.Errorf("tree: got class %d, want below %d", class, classes)
		}
		if s := t.share[i]; !(s >= 0 && s <= 1) {
			return fmt.Errorf("tree: got share %v, want 0 to 1", s)
		}
	}
	return nil
}
