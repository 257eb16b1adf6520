package dynamics

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"shoal/contingency"
)

// Numbers are the evidence behind one verdict. Exactly one part is set, that of the verdict's
// claim; none is in the zero value, and none in numbers by older rules, which are only kept. In JSON the fields of that part stand by themselves, without
// its name.
type Numbers struct {
	Start    *StartNumbers    // claim 1
	Peak     *PeakNumbers     // claim 2
	Settling *SettlingNumbers // claim 3
	Left     *LeftNumbers     // claim 4
	Moment   *MomentNumbers   // claim 5
	Gap      *GapNumbers      // claim 6
	Early    *EarlyNumbers    // claim 7
	// older is the JSON of a version of the rules that had other numbers: kept as it is, since what
	// it lacks would read as 0.
	older string
}

// StartNumbers describe the first evaluation.
type StartNumbers struct {
	Step     int               `json:"step"`
	Ratio    contingency.Ratio `json:"ratio"`
	Accuracy float64           `json:"accuracy"` // of the network, 0 to 1
	// ClassAdjustedRatio is that of ClassAdjusted.
	ClassAdjustedRatio Estimate `json:"class_adjusted_ratio"`
	// CommonestClass is what the network answers most often, for which share of the examples.
	CommonestClass      int     `json:"commonest_class"`
	CommonestClassShare float64 `json:"commonest_class_share"`
	// Initial are other random initialisations.
	Initial Initialisations `json:"initialisations"`
}

// PeakNumbers describe the smoothed curve of R±.
type PeakNumbers struct {
	Smoothing   string `json:"smoothing"` // how, in words
	Evaluations int    `json:"evaluations"`
	Found       bool   `json:"found"` // the network has left chance, and R± can be smoothed
	*CurveShape        // nil unless Found
}

// CurveShape is the form of a smoothed curve from the onset on. Steps that a straight line between
// two evaluations gives are fractions.
type CurveShape struct {
	OnsetStep             int                `json:"onset_step"` // the first one beyond chance
	Peak                  Estimate           `json:"peak"`       // its height, and where it lies
	PeakStep              int                `json:"peak_step"`
	PeakEpoch             NullFloat          `json:"peak_epoch"`
	PeakStepInterval      Estimate           `json:"peak_step_interval"`
	PeakRaw               contingency.Ratio  `json:"peak_raw"` // the highest of a single evaluation
	PeakRawStep           int                `json:"peak_raw_step"`
	PeakAttainableMax     contingency.Number `json:"peak_attainable_max"`  // at PeakStep
	PeakNestedness        Estimate           `json:"peak_nestedness"`      // at PeakStep
	ClassAdjustedModes    int                `json:"class_adjusted_modes"` // of the class-adjusted curve
	ClassAdjustedPeakStep float64            `json:"class_adjusted_peak_step"`
	Fall                  Estimate           `json:"fall"` // peak over last value
	Modes                 int                `json:"modes"`
	Base                  float64            `json:"base"`                 // the level above which the peak is measured
	Skewness              Estimate           `json:"skewness"`             // of the excess over ln(1 + step)
	SkewnessInAccuracy    Estimate           `json:"skewness_in_accuracy"` // ... and over the accuracy
	WidthDoublings        Estimate           `json:"width_doublings"`      // of the step, at half height
	WidthInAccuracy       Estimate           `json:"width_in_accuracy"`    // as a share of all that was gained
	FallOverRise          Estimate           `json:"fall_over_rise"`       // in doublings of the step
	FallOverRiseAccuracy  Estimate           `json:"fall_over_rise_in_accuracy"`
	SettledStep           float64            `json:"settled_step"` // a tenth of the fall is left
	LastSmoothed          float64            `json:"last_smoothed"`
}

// SettlingNumbers describe the curve, and the last evaluation.
type SettlingNumbers struct {
	PeakNumbers
	Last              contingency.Ratio  `json:"last"`
	LastStep          int                `json:"last_step"`
	LastEpoch         NullFloat          `json:"last_epoch"`
	LastAttainableMax contingency.Number `json:"last_attainable_max"`
	LastNestedness    contingency.Number `json:"last_nestedness"`
	OneWithinInterval bool               `json:"one_within_interval"` // of Last
	Accuracy          float64            `json:"accuracy"`            // mean over the last tenth of the steps
	ReferenceAccuracy float64            `json:"reference_accuracy"`
}

// LeftNumbers count what the reference gets right and the network doesn't.
type LeftNumbers struct {
	Last                  int                    `json:"last"`             // shallow_only at the end
	Least                 int                    `json:"least"`            // over the last tenth of the steps
	Persistent            int                    `json:"persistent"`       // missed at all of the last LastK evaluations
	LastK                 int                    `json:"last_k"`           // evaluations
	LastKFromStep         int                    `json:"last_k_from_step"` // the first of them
	ShareOfReferenceRight contingency.Proportion `json:"share_of_reference_right"`
	Accuracy              float64                `json:"accuracy"` // mean over the last tenth of the steps
	ReferenceAccuracy     float64                `json:"reference_accuracy"`
}

// MomentNumbers describe the moment at which accuracy is about 20 %: of the evaluations where it
// crosses that, the one with the largest R+. Given the two accuracies R- follows from R+.
type MomentNumbers struct {
	Step               int                    `json:"step"`
	Epoch              NullFloat              `json:"epoch"`
	Crossings          int                    `json:"crossings"`
	Accuracy           float64                `json:"accuracy"`
	RPlus              contingency.Proportion `json:"r_plus"`
	RPlusAll           Estimate               `json:"r_plus_of_all_crossings"` // R+, allowing for the choice among them
	RMinus             contingency.Proportion `json:"r_minus"`
	RPlusAttainableMax float64                `json:"r_plus_attainable_max"`
	Ratio              contingency.Ratio      `json:"ratio"`
	Nestedness         contingency.Number     `json:"nestedness"`
}

// GapNumbers are R+ and R- at the end.
type GapNumbers struct {
	LastRPlus  contingency.Proportion `json:"last_r_plus"`
	LastRMinus contingency.Proportion `json:"last_r_minus"`
	Difference Estimate               `json:"difference"` // R+ - R-
}

// EarlyNumbers say when the smoothed curve is highest.
type EarlyNumbers struct {
	EarlyStep   Estimate `json:"early_step"`
	EpochOfPeak Estimate `json:"epoch_of_peak"`
}

// part is the one that is set, nil for none.
func (n Numbers) part() any {
	switch {
	case n.Start != nil:
		return n.Start
	case n.Peak != nil:
		return n.Peak
	case n.Settling != nil:
		return n.Settling
	case n.Left != nil:
		return n.Left
	case n.Moment != nil:
		return n.Moment
	case n.Gap != nil:
		return n.Gap
	case n.Early != nil:
		return n.Early
	}
	return nil
}

// curve is the part about the smoothed curve, nil for none.
func (n Numbers) curve() *PeakNumbers {
	if n.Settling != nil {
		return &n.Settling.PeakNumbers
	}
	return n.Peak
}

// NamedValue is a number with its name for readers.
type NamedValue struct {
	Name  string // as in JSON, with spaces for underscores
	Value any    // int, float64, bool, string, Estimate, or a type of package contingency
}

// List is all numbers, by name.
func (n Numbers) List() []NamedValue {
	part := n.part()
	if part == nil {
		return nil
	}
	var out []NamedValue
	v := reflect.ValueOf(part).Elem()
	for _, f := range reflect.VisibleFields(v.Type()) {
		value, err := v.FieldByIndexErr(f.Index)
		if f.Anonymous || err != nil { // a field of a shape that isn't there
			continue
		}
		out = append(out, NamedValue{strings.ReplaceAll(f.Tag.Get("json"), "_", " "), value.Interface()})
	}
	slices.SortFunc(out, func(a, b NamedValue) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// MarshalJSON writes an object with the fields of the part that is set, null for none.
func (n Numbers) MarshalJSON() ([]byte, error) {
	if n.older != "" {
		return []byte(n.older), nil
	}
	return json.Marshal(n.part())
}

// UnmarshalJSON reads what MarshalJSON wrote; the keys tell which part it is. An object that lacks a
// number, as those of older rules do, or has one of another kind is kept as it is; keys that no part
// has are skipped. An infinite contingency.Number is read back as undefined, since JSON has null for
// both.
func (n *Numbers) UnmarshalJSON(b []byte) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(b, &keys); err != nil {
		return fmt.Errorf("numbers of a verdict: %w", err)
	}
	*n = Numbers{}
	if len(keys) > 0 && !n.read(keys, b) {
		*n = Numbers{older: string(b)}
	}
	return nil
}

// read fills in the part that has the given keys, and reports whether there is one and all of it is
// there.
func (n *Numbers) read(keys map[string]json.RawMessage, b []byte) bool {
	if n.allot(keys); n.part() == nil || json.Unmarshal(b, n.part()) != nil {
		return false
	}
	if c := n.curve(); c != nil && c.Found && c.CurveShape == nil {
		c.CurveShape = new(CurveShape) // so that List has its numbers
	}
	for _, v := range n.List() {
		if keys[strings.ReplaceAll(v.Name, " ", "_")] == nil {
			return false
		}
	}
	return true
}

// allot makes the part that has the given keys, none where no part has.
func (n *Numbers) allot(keys map[string]json.RawMessage) {
	has := func(key string) bool { return keys[key] != nil }
	switch {
	case has("commonest_class"):
		n.Start = new(StartNumbers)
	case has("smoothing") && (has("last") || has("last_step")): // claim 3 has the numbers of claim 2 and more
		n.Settling = new(SettlingNumbers)
	case has("smoothing"):
		n.Peak = new(PeakNumbers)
	case has("last_k"):
		n.Left = new(LeftNumbers)
	case has("crossings"):
		n.Moment = new(MomentNumbers)
	case has("last_r_plus"):
		n.Gap = new(GapNumbers)
	case has("epoch_of_peak"):
		n.Early = new(EarlyNumbers)
	}
}
