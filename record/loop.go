package record

import (
	"context"
	"errors"
	"math"
	"time"

	"shoal/dynamics"
)

// Training is how a learner is trained.
type Training struct {
	Total    int   // steps in all, those that were done before included
	PerEpoch int   // steps of a pass over the training split
	Scored   []int // steps after which the learner is scored, ascending; see Schedule.Steps
	// Checkpoint is the time from one checkpoint to the next.
	Checkpoint time.Duration
	// Restart lets Resume train from the beginning where the checkpoints of a run are gone or damaged.
	Restart bool
	// Begin is called before a run trains from its beginning again, while all that it has is still
	// there; nil for nothing to do.
	Begin func() error
	// Clock is called where times are written; nil for not.
	Clock func()
}

// A moment is what hooks see after a training step: step steps are done.
type moment struct {
	step  int
	epoch float64
	loss  float64 // of the batch just learned from; NaN at the start
}

// A hook is called once before the first step of a training and after every step.
type hook interface {
	after(ctx context.Context, m moment) error
}

// KeepSeconds writes the times of a session that ended early. The time of training is that of the newest
// checkpoint: where none was ever written it stays 0, by which Resume tells it from checkpoints that are gone.
func (r *Recorder) KeepSeconds() error {
	m, err := r.run.Meta()
	if err != nil {
		return err
	}
	s := r.Seconds
	if m.Seconds.Training == 0 {
		s.Training = 0
	}
	return r.run.SetSeconds(s)
}

// Train trains the learner until t.Total steps are done, records its evaluations, and saves a
// checkpoint now and then and when it is over, also when it was stopped on the way.
func (r *Recorder) Train(ctx context.Context, l Learner, t Training) error {
	if r.trained {
		return nil
	}
	keeper := &checkpointer{dir: r.run.Dir(), learner: l, inPlace: r.run.InPlace, every: t.Checkpoint, step: -1}
	if from := l.Steps(); from > 0 {
		keeper.lineage = []int{from}
	}
	scored := r.Seconds.Evaluation
	hooks := []hook{
		&scorer{learner: l, recorder: r, due: setOf(t.Scored), total: t.Total, seconds: &scored},
		// After the scorer: it shows the newest accuracy, and knows the time of it.
		&progressHook{show: r.options.Show, total: t.Total, pace: &pace{scored: t.Scored, total: t.Total}, now: r.options.now, evaluated: &scored},
		keeper,
	}
	// Evaluation is timed on its own and taken out of the training's time.
	start, evaluated := time.Now(), r.Seconds.Evaluation
	account := func() {
		now := time.Now()
		r.Seconds.Training += now.Sub(start).Seconds() - (r.Seconds.Evaluation - evaluated)
		start, evaluated = now, r.Seconds.Evaluation
		if t.Clock != nil {
			t.Clock()
		}
	}
	keeper.saved = func() error { account(); return r.run.SetSeconds(r.Seconds) }
	err := loop(ctx, l, t, hooks)
	account()
	if err != nil && !Cancelled(err) {
		return err
	}
	if e := keeper.save(l.Steps()); e != nil {
		return e
	}
	if err == nil {
		err = r.run.Trim()
	}
	if err == nil && r.train != nil {
		err = r.train.Trim()
	}
	return err
}

// loop trains. All else that happens on the way are hooks.
func loop(ctx context.Context, l Learner, t Training, hooks []hook) error {
	step, loss := l.Steps(), math.NaN()
	for {
		m := moment{step: step, epoch: float64(step) / float64(t.PerEpoch), loss: loss}
		for _, h := range hooks {
			if err := h.after(ctx, m); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if step == t.Total {
			return nil
		}
		var err error
		if loss, err = l.Step(ctx); err != nil {
			return err
		}
		step++
	}
}

// scorer is the hook that scores the learner. Predictions and tables are in the database before it
// returns, that is before the next step begins.
type scorer struct {
	learner   Learner
	recorder  *Recorder
	due       map[int]bool
	total     int
	seconds   *float64 // of all evaluations so far, by the clock of the options
	predicted []uint16
	training  []uint16 // of the training examples
}

func (s *scorer) after(ctx context.Context, m moment) error {
	if !s.due[m.step] || m.step <= s.recorder.last {
		return nil
	}
	defer Watch(&s.recorder.Seconds.Evaluation)()
	began := s.recorder.options.now()
	defer func() { *s.seconds += s.recorder.options.now().Sub(began).Seconds() }()
	if s.predicted == nil {
		s.predicted = make([]uint16, len(s.recorder.run.Labels()))
	}
	if err := s.scoreTraining(ctx, m); err != nil {
		return err
	}
	start := time.Now()
	loss, values, err := s.score(ctx, m.step)
	if err != nil {
		return err
	}
	return s.recorder.record(Evaluation{
		Step: m.step, Epoch: m.epoch, Loss: loss, Seconds: time.Since(start).Seconds(), Predictions: s.predicted, Values: values,
	}, Progress{Loss: m.loss, Total: s.total})
}

// score predicts the evaluation split. The last evaluation has the labels' probabilities, too.
func (s *scorer) score(ctx context.Context, step int) (loss float64, values map[string][]float32, err error) {
	if l, ok := s.learner.(LabelScorer); ok && step == s.total {
		loss, p, err := l.ScoreLabels(ctx, s.predicted)
		return loss, map[string][]float32{dynamics.ValueLastP: p}, err
	}
	loss, err = s.learner.Score(ctx, s.predicted)
	return loss, nil, err
}

// scoreTraining scores the training examples of a run that has such.
func (s *scorer) scoreTraining(ctx context.Context, m moment) error {
	r := s.recorder
	if r.train == nil {
		return nil
	}
	if last, err := r.train.LastStep(); err != nil || last >= m.step { // stopped between the two
		return err
	}
	start := time.Now()
	if s.training == nil {
		s.training = make([]uint16, len(r.train.Labels()))
	}
	loss, values, err := r.training.ScoreTraining(ctx, s.training)
	if err != nil {
		return err
	}
	_, err = r.train.AppendEvaluation(Evaluation{Step: m.step, Epoch: m.epoch, Loss: loss, Seconds: time.Since(start).Seconds(), Predictions: s.training, Values: values})
	return err
}

// progressHook shows every training step.
type progressHook struct {
	show      func(Progress)
	total     int
	pace      *pace
	now       func() time.Time
	evaluated *float64 // seconds of all evaluations so far, by that clock
}

func (h *progressHook) after(_ context.Context, m moment) error {
	h.show(Progress{Part: PartTrain, Done: m.step, Total: h.total, Epoch: m.epoch, Loss: m.loss, Left: h.pace.left(m.step, h.now(), *h.evaluated)})
	return nil
}

func setOf(steps []int) map[int]bool {
	set := map[int]bool{}
	for _, s := range steps {
		set[s] = true
	}
	return set
}

// Cancelled reports whether an error says no more than that somebody asked to stop.
func Cancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
