package boosting

import (
	"fmt"
	"math"

	"shoal/shallow/model"
)

// header is what a saved model holds beside its trees.
type header struct {
	Params   Params
	Features int
	Classes  int
	Facts    facts
	Trees    int
}

// MarshalBinary saves the fitted model.
func (m *Model) MarshalBinary() ([]byte, error) {
	if m.Features == 0 {
		return nil, fmt.Errorf("save boosting: not fitted: call Fit first")
	}
	return model.Save(m.Kind(), version, func(w *model.Writer) {
		w.JSON(header{m.params, m.Features, m.Classes, m.facts, len(m.trees)})
		w.Uint16s(m.Present)
		w.Float32s(m.baseline)
		for _, t := range m.trees {
			var features, left []uint32
			var values []float32
			var thresholds []byte
			for _, n := range t.nodes {
				features, left, values, thresholds = append(features, n.feature), append(left, n.left), append(values, n.value), append(thresholds, n.threshold)
			}
			w.Uint32s(features)
			w.Uint32s(left)
			w.Float32s(values)
			w.Bytes(thresholds)
		}
	})
}

// UnmarshalBinary loads what MarshalBinary saved, parameters included.
func (m *Model) UnmarshalBinary(data []byte) error {
	m.fitted = fitted{}
	var h header
	var out fitted
	err := model.Load(m.Kind(), version, data, func(r *model.Reader) {
		r.JSON(&h)
		out = fitted{Features: h.Features, Classes: h.Classes, facts: h.Facts, Present: r.Uint16s(), baseline: r.Float32s()}
		if r.Err() == nil {
			r.Fail(h.Params.check())
			r.Fail(out.check(h.Trees))
		}
		for i := 0; i < h.Trees && r.Err() == nil; i++ {
			out.trees = append(out.trees, readTree(r, h.Features))
		}
	})
	if err != nil {
		return err
	}
	m.params, m.fitted = h.Params, out
	return nil
}

// check reports what in a loaded model does not fit together.
func (f fitted) check(trees int) error {
	if err := model.CheckPresent(f.Present, f.Classes); err != nil {
		return err
	}
	w := width(len(f.Present))
	if f.Features < 1 || f.Features > maxFeatures || len(f.baseline) != w || trees < 0 || w == 0 && trees > 0 || w > 0 && trees%w != 0 {
		return fmt.Errorf("got %d features, %d trees and %d scores for %d classes", f.Features, trees, len(f.baseline), len(f.Present))
	}
	return nil
}

// readTree reads and checks the next tree: a walk through it ends, at a finite number.
func readTree(r *model.Reader, features int) *tree {
	t := &tree{}
	feature, left, values, thresholds := r.Uint32s(), r.Uint32s(), r.Float32s(), r.Bytes()
	if r.Err() != nil {
		return t
	}
	if n := len(feature); n == 0 || len(left) != n || len(values) != n || len(thresholds) != n {
		r.Fail(fmt.Errorf("tree: got %d features, %d children, %d values, %d thresholds", n, len(left), len(values), len(thresholds)))
		return t
	}
	for i, f := range feature {
		if f != isLeaf && (int(f) >= features || int(left[i]) <= i || int(left[i])+1 >= len(feature)) {
			r.Fail(fmt.Errorf("tree: node %d: got feature %d and child %d", i, f, left[i]))
			return t
		}
		if math.Abs(float64(values[i])) > maxStep {
			r.Fail(fmt.Errorf("tree: node %d adds %v", i, values[i]))
			return t
		}
		t.nodes = append(t.nodes, node{feature: f, left: left[i], value: values[i], threshold: thresholds[i]})
	}
	return t
}
