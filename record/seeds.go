package record

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"shoal/dynamics"
	"shoal/dynamics/regime"
	"shoal/internal/atomicfile"
	"shoal/internal/smalltoml"
	"shoal/runlog"
)

// seeded is a run as JoinSeeds compares it.
type seeded struct {
	dir     string
	study   string // all that has to be the same
	seed    uint64
	scored  runlog.Identity
	learned *regime.Learning
}

// JoinSeeds judges the changes of regime in finished runs in company: those among them that are of one
// study but for their seeds, scored on the same examples, stand by each other as
// dynamics.InCompany has it. Their judgements and summaries are written again. Runs that are of
// another study than all others, or not finished, are left as they are, with a line for a person. Those
// that can only be read are company for the others, and keep what they say.
func JoinSeeds(ctx context.Context, dirs []string, o Options) error {
	var all []seeded
	for _, dir := range dirs {
		h, err := runlog.Load(ctx, dir)
		if err != nil {
			return err
		}
		if h.Status != runlog.Finished || len(h.Log.Steps) == 0 {
			o.Tell(fmt.Sprintf("note: run %q isn't finished: it is set beside no other seed", dir))
			continue
		}
		s := seeded{dir: dir, scored: h.Identity()}
		var known bool
		if s.study, s.seed, known, err = StudyButSeed(h.Meta); err != nil {
			return fmt.Errorf("run %q: %w", dir, err)
		}
		if !known {
			o.Tell(fmt.Sprintf("note: run %q doesn't know its seed: it is set beside no other", dir))
			continue
		}
		if s.learned, err = h.Log.Learning(); err != nil {
			return err
		}
		all = append(all, s)
	}
	for _, s := range all {
		if err := s.join(ctx, all, o); err != nil {
			return err
		}
	}
	return nil
}

// join judges one run beside those of its study, one for each other seed.
func (s seeded) join(ctx context.Context, all []seeded, o Options) error {
	var others []*regime.Learning
	seen := []uint64{s.seed}
	for _, other := range all {
		if other.study == s.study && !slices.Contains(seen, other.seed) && s.scored.Differs(other.scored) == "" {
			seen, others = append(seen, other.seed), append(others, other.learned)
		}
	}
	if len(others) == 0 {
		if len(all) > 1 {
			o.Tell(fmt.Sprintf("note: no other run here is of the study of %q with another seed", s.dir))
		}
		return nil
	}
	run, err := runlog.Open(s.dir)
	if atomicfile.ReadOnly(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer run.Close()
	r, err := New(run, o)
	if err != nil {
		return err
	}
	r.place = s.dir
	r.company = func(judged []*dynamics.Judgement) { dynamics.InCompany(s.learned, others, judged) }
	_, err = r.summarise(ctx)
	return err
}

// StudyButSeed is what of a run's study has to be the same in another seed's, as a text, and its seed
// where that is known. References don't matter to the network; nor does the study's name. Of a run that was trained
// elsewhere it is all that its log says of the training.
func StudyButSeed(m runlog.Meta) (study string, seed uint64, known bool, err error) {
	same := map[string]any{}
	if m.StudyTOML != "" {
		if _, err := smalltoml.Decode(m.StudyTOML, &same); err != nil {
			return "", 0, false, fmt.Errorf("its study: %w", err)
		}
		_, seed, err := dataOf(m)
		for _, key := range []string{"seed", "name", "reference", "made"} {
			delete(same, key)
		}
		if evaluation, ok := same["evaluation"].(map[string]any); ok { // what else is scored, beside the network
			delete(evaluation, "initialisations")
			delete(evaluation, "train")
		}
		same["labels"], same["test"], same["train"] = m.LabelsHash, m.TestHash, m.TrainHash
		text, encoding := json.Marshal(same)
		if err == nil {
			err = encoding
		}
		return string(text), seed, err == nil, err
	}
	var said struct {
		Seed *uint64 `json:"seed"`
		More any     `json:"more"`
	}
	if m.LogJSON == "" || json.Unmarshal([]byte(m.LogJSON), &said) != nil || said.Seed == nil {
		return "", 0, false, nil
	}
	text, err := json.Marshal([]any{m.Study, m.Dataset, m.Network, m.LabelsHash, butSeed(said.More)})
	return string(text), *said.Seed, true, err
}

// butSeed is what a log says beside what every log has, such as a learning rate, without what differs between the
// seeds of one study: the seed, and where it was trained.
func butSeed(more any) any {
	switch more := more.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, value := range more {
			if key != "seed" && key != "device" {
				kept[key] = butSeed(value)
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return kept
	case []any:
		kept := make([]any, len(more))
		for k, value := range more {
			kept[k] = butSeed(value)
		}
		return kept
	}
	return more
}
