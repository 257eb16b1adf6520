package shallow

import (
	"cmp"
	"context"
	"fmt"
	"maps"

	"shoal/internal/parallel"
	"shoal/shallow/features"
	"shoal/shallow/model"
)

// What a kind has done with numbers before it sees them.
const (
	asTheyAre = "none"     // nothing
	standard  = "standard" // features.Scaling
	binned    = "bins"     // features.Bins
)

// prepared is a model whose examples are made ready for it if they are numbers. Bytes it gets as they
// are.
type prepared struct {
	Model
	how    string // what is done with numbers
	asked  bool   // somebody asked for that
	floats bool   // it is used with numbers
	by     transform
}

// transform is what prepared learns from the training examples.
type transform interface {
	Apply(e model.Examples, workers int) model.Examples
	Save(w *model.Writer)
	Features() int
}

// suit tells a model what its examples are, before its parameters are asked for.
func suit(m Model, examples Examples) {
	if s, ok := m.(interface{ suit(floats bool) }); ok {
		s.suit(examples.Floats())
	}
}

func (p *prepared) suit(floats bool) { p.floats = floats }

func (l *limited) suit(floats bool) {
	if s, ok := l.Model.(interface{ suit(floats bool) }); ok {
		s.suit(floats)
	}
}

// Params adds what is done with numbers: "scaling", or how many "bins" a feature has at most.
func (p *prepared) Params() map[string]any {
	out := p.Model.Params()
	if p.floats || p.asked {
		out = maps.Clone(out)
		if p.how == binned {
			out["bins"] = features.MaxBins
		} else {
			out["scaling"] = p.how
		}
	}
	return out
}

// Memory adds the examples as the model gets them.
func (p *prepared) Memory(train Examples, opt Options) Memory {
	m := p.Model.Memory(train, opt)
	switch {
	case !train.Floats() || p.how == asTheyAre:
	case p.how == binned:
		sorted := int64(parallel.Workers(opt.Workers)) * 12 * int64(min(train.Len(), features.Sampled))
		m.Needed += train.Bytes()/4 + sorted
	default:
		m.Needed += train.Bytes()
	}
	return m
}

// Fit prepares the examples and fits the model to them.
func (p *prepared) Fit(ctx context.Context, train Examples, opt Options) error {
	p.by, p.floats = nil, train.Floats()
	if !train.Floats() {
		if p.asked && p.how != asTheyAre {
			return fmt.Errorf("%s: scaling: got %q for examples of bytes, which count as byte/255: want none, or numbers", p.Kind(), p.how)
		}
		return p.Model.Fit(ctx, train, opt)
	}
	err := train.CheckTraining()
	if err != nil {
		err = fmt.Errorf("%s: %w", p.Kind(), err)
	} else {
		err = cmp.Or(opt.CheckMemory(p.Kind(), train, p.Memory(train, opt).Needed), ctx.Err())
	}
	if err != nil {
		_ = p.Model.Fit(ctx, Examples{}, opt) // which fails, too, and drops what was fitted before
		return err
	}
	if p.how == asTheyAre {
		return p.Model.Fit(ctx, train, opt)
	}
	by := p.learn(train, opt.Workers)
	if err := p.Model.Fit(ctx, by.Apply(train, opt.Workers), opt); err != nil {
		return err
	}
	p.by = by
	return nil
}

func (p *prepared) learn(train Examples, workers int) transform {
	if p.how == binned {
		return features.Quantiles(train, workers)
	}
	return features.Standard(train, workers)
}

// Predict prepares the examples as those of the training.
func (p *prepared) Predict(ctx context.Context, examples Examples, opt Options) (Prediction, error) {
	if p.by == nil {
		return p.Model.Predict(ctx, examples, opt)
	}
	if err := examples.CheckPrediction(p.Kind(), p.by.Features(), true); err != nil {
		return Prediction{}, err
	}
	return p.Model.Predict(ctx, p.by.Apply(examples, opt.Workers), opt)
}

// preparedKind is that of a saved model behind what it learnt of numbers. Other models are saved as
// they are.
const (
	preparedKind    = "numbers"
	preparedVersion = 1
)

// MarshalBinary saves the model and what was learnt of the numbers.
func (p *prepared) MarshalBinary() ([]byte, error) {
	saved, err := p.Model.MarshalBinary()
	if err != nil || p.by == nil {
		return saved, err
	}
	return model.Save(preparedKind, preparedVersion, func(w *model.Writer) {
		w.JSON(p.how)
		p.by.Save(w)
		w.Bytes(saved)
	})
}

// UnmarshalBinary loads what MarshalBinary saved.
func (p *prepared) UnmarshalBinary(data []byte) error {
	p.by, p.floats = nil, false
	if model.SealedKind(data) != preparedKind {
		return p.Model.UnmarshalBinary(data)
	}
	_ = p.Model.UnmarshalBinary(nil) // which fails, and drops what was fitted before
	var how string
	var by transform
	var saved []byte
	err := model.Load(preparedKind, preparedVersion, data, func(r *model.Reader) {
		if r.JSON(&how); how == binned {
			by = features.LoadBins(r)
		} else {
			by = features.LoadScaling(r)
		}
		if saved = r.Bytes(); r.Err() == nil && (by.Features() < 1 || how != binned && how != standard || (how == binned) != (p.how == binned)) {
			r.Fail(fmt.Errorf("got %d features made ready by %q", by.Features(), how))
		}
	})
	if err != nil {
		return err
	}
	if err := p.Model.UnmarshalBinary(saved); err != nil {
		return err
	}
	p.how, p.by, p.floats = how, by, true
	return nil
}
