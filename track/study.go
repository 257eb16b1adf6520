package track

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"shoal/dataset"
	"shoal/dataset/augment"
	"shoal/deep"
	"shoal/internal/atomicfile"
	"shoal/internal/smalltoml"
	"shoal/internal/usage"
	"shoal/record"
)

// Study is everything that defines the numbers of a run.
type Study struct {
	Name       string            `toml:"name"`
	Seed       uint64            `toml:"seed"`
	Data       record.Data       `toml:"data"`
	Subset     Subset            `toml:"subset"`
	Network    Network           `toml:"network"`
	Training   Training          `toml:"training"`
	Evaluation Evaluation        `toml:"evaluation"`
	References record.References `toml:"reference"`
}

// Network is D.
type Network struct {
	Name string `toml:"name"`
	Init string `toml:"init"` // checkpoint (safetensors) to start from; "" draws PyTorch's defaults from the seed
	// BNInit is what BatchNorm's γ starts as where nothing is loaded: see deep.NormInit.
	BNInit string `toml:"bn_init"`
	// InitSHA256 is of that file, and InitAbsolute its path from everywhere; filled in when the study
	// runs.
	InitSHA256   string `toml:"init_sha256,omitempty"`
	InitAbsolute string `toml:"init_absolute,omitempty"`
}

// Training is how D learns.
type Training struct {
	Epochs         float64  `toml:"epochs"` // passes over the training split; may be a part of one
	Batch          int      `toml:"batch"`
	LearningRate   float64  `toml:"learning_rate,omitzero"` // none where the schedule has its own: see OwnRates
	Schedule       string   `toml:"schedule"`               // of the learning rate, see ParseRate
	Momentum       float64  `toml:"momentum"`
	Nesterov       bool     `toml:"nesterov"`
	WeightDecay    float64  `toml:"weight_decay"`
	LabelSmoothing float64  `toml:"label_smoothing"`
	Precision      string   `toml:"precision"` // see deep.ParsePrecision
	Mean           Channels `toml:"mean"`      // of each channel, pixels in 0..1
	Std            Channels `toml:"std"`
	Crop           int      `toml:"crop"`   // padding of the random crop, in pixels
	Flip           bool     `toml:"flip"`   // mirror left and right
	Rotate         float64  `toml:"rotate"` // largest angle in degrees
}

// Channels are numbers, one a channel. A study file may have a single number as such.
type Channels []float32

// UnmarshalTOML reads the value of a study file.
func (c *Channels) UnmarshalTOML(value any) error {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	*c = Channels{}
	for _, v := range list {
		switch x := v.(type) {
		case int64:
			*c = append(*c, float32(x))
		case float64:
			*c = append(*c, float32(x))
		default:
			return fmt.Errorf("got %v, want a number, or a list of one a channel", value)
		}
	}
	return nil
}

// Evaluation says when D is scored.
type Evaluation struct {
	Schedule string `toml:"schedule"` // see record.ParseSchedule
	// Initialisations is how many other random initialisations of the network are scored, untrained:
	// whether R± starts at 1 takes 100. 0 is none.
	Initialisations int `toml:"initialisations"`
	// Train is how many training examples, the first ones, are scored as well, with the values that AUM and
	// EL2N are of: the evaluation split named train. 0 is none.
	Train int `toml:"train"`
}

// ReadStudy reads a study from a TOML file. What the file leaves out has the defaults of the
// built-in study of the same dataset, if there is one. Its paths count from the working folder, also
// where a run has noted to which files they led then.
func ReadStudy(path string) (Study, error) {
	text, err := atomicfile.ReadSmall(path, smalltoml.MaxBytes)
	if err != nil {
		return Study{}, fmt.Errorf("read study: %w", err)
	}
	s, err := ParseStudy(string(text))
	if err != nil {
		return Study{}, &usage.Error{Err: fmt.Errorf("study %q: %w", path, err)}
	}
	s = s.unplaced()
	s.Network.InitSHA256 = ""
	return s, nil
}

// unplaced is the study without the absolute paths of its files.
func (s Study) unplaced() Study {
	s = s.clone()
	s.Data.Absolute, s.Network.InitAbsolute, s.Subset.Absolute = "", "", ""
	for i := range s.References {
		s.References[i].Absolute = ""
	}
	return s
}

// paths lists the paths of a study's files as they were given, by what they are.
func (s Study) paths() map[string]string {
	out := map[string]string{"dataset": s.Data.Dataset, "checkpoint": s.Network.Init, "partition": s.Subset.Partition}
	for _, r := range s.References {
		out["path of reference "+strconv.Quote(r.Name)] = r.Path
	}
	return out
}

// Placed is the study with the absolute paths of its files, those that it has or those that count from
// the working folder: for whoever runs or resumes it in another folder.
func (s Study) Placed() Study {
	s = s.clone()
	s.Data = s.Data.Placed()
	for i, r := range s.References {
		s.References[i] = r.Placed()
	}
	for _, p := range []struct {
		path string
		into *string
	}{{s.Network.Init, &s.Network.InitAbsolute}, {s.Subset.Partition, &s.Subset.Absolute}} {
		if *p.into != "" {
			continue
		}
		if abs, err := filepath.Abs(p.path); err == nil && p.path != "" && utf8.ValidString(abs) {
			*p.into = abs
		}
	}
	return s
}

// ParseStudy reads a study from TOML text; see ReadStudy. Unknown keys are errors.
func ParseStudy(text string) (Study, error) {
	var head struct{ Data struct{ Dataset string } }
	meta, err := smalltoml.Decode(text, &head)
	if err != nil {
		return Study{}, oneLine(err)
	}
	s := defaultsFor(head.Data.Dataset)
	// Decoding into a list that has elements would mix those with the file's.
	if meta.IsDefined("reference") {
		s.References = nil
	}
	full := struct {
		*Study
		Made map[string]any `toml:"made"`
	}{Study: &s}
	meta, err = smalltoml.Decode(text, &full)
	if err != nil {
		return Study{}, oneLine(err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return Study{}, unknownKey(unknown[0])
	}
	if OwnRates(s.Training.Schedule) && !meta.IsDefined("training", "learning_rate") {
		s.Training.LearningRate = 0 // that of the defaults
	}
	s.fill()
	return s, s.Check()
}

// otherType is the decoder's error for a value of another type than its key has.
var otherType = regexp.MustCompile(`line (\d+) \(last key "([^"]+)"\): incompatible types: TOML value has type (\w+); destination has type (\w+)`)

// typeNames are the decoder's types in words.
var typeNames = map[string]string{
	"string": "text", "integer": "a whole number", "int": "a whole number", "int64": "a whole number", "uint64": "a whole number",
	"float": "a number", "float64": "a number", "boolean": "true or false", "bool": "true or false",
	"array": "a list", "slice": "a list", "struct": "a table", "map": "a table",
}

// oneLine keeps the position and the message of a TOML error.
func oneLine(err error) error {
	if found := otherType.FindStringSubmatch(err.Error()); found != nil {
		return fmt.Errorf("line %s: %s is %s, want %s", found[1], found[2],
			cmp.Or(typeNames[found[3]], found[3]), cmp.Or(typeNames[found[4]], found[4]))
	}
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return fmt.Errorf("line %d: %s", parse.Position.Line, parse.Message)
	}
	return errors.New(strings.ReplaceAll(err.Error(), "\n", " "))
}

// fill gives references the names and presets that they lack.
func (s *Study) fill() {
	if s.Name == "" {
		s.Name = nameOf(s.Data.Dataset)
	}
	s.Training.Precision = cmp.Or(s.Training.Precision, string(deep.Float32))
	s.Network.BNInit = cmp.Or(s.Network.BNInit, string(deep.Ones))
	s.Subset.fill()
	s.References.Fill()
}

// nameOf is the name of a study that has none: that of its dataset or, where its images are in the
// working folder, that folder's.
func nameOf(name string) string {
	path, ok := strings.CutPrefix(name, "folder:")
	if base := filepath.Base(path); ok && (base == "." || base == "..") {
		if abs, err := filepath.Abs(path); err == nil {
			name = "folder:" + abs
		}
	}
	if ok {
		return dataset.Describe(name).Title
	}
	return name
}

// Encode is the study as TOML with every value written out. made is added as a table that is not
// part of the study: who ran it, where, when.
func (s Study) Encode(made map[string]any) ([]byte, error) {
	// An empty list is written, a nil one left out, and then read as the default references.
	s.References = append(record.References{}, s.References...)
	s.fill()
	var b bytes.Buffer
	b.WriteString("# The study of this run, every default written out. The table [made] says what ran it and defines nothing.\n")
	e := toml.NewEncoder(&b)
	e.Indent = ""
	full := struct {
		Study
		Made map[string]any `toml:"made,omitempty"`
	}{s, made}
	if err := e.Encode(full); err != nil {
		return nil, fmt.Errorf("write study %q: %w", s.Name, err)
	}
	return b.Bytes(), nil
}

// Check reports the first invalid value.
func (s Study) Check() error {
	if s.Data.Dataset == "" {
		return usage.Errorf("no dataset: set dataset in [data] to one of %s or folder:PATH", strings.Join(dataset.Names(), ", "))
	}
	if s.Data.Dataset == "folder:" {
		return usage.Errorf("dataset folder: has no path: want folder:PATH, with the images in PATH/<class>/, or in PATH/train/<class>/ and PATH/test/<class>/")
	}
	for what, path := range s.paths() {
		if !utf8.ValidString(path) {
			return usage.Errorf("%s %q isn't UTF-8, which a study file has to be: rename it", what, path)
		}
	}
	if !slices.Contains(dataset.Names(), s.Data.Dataset) && !strings.HasPrefix(s.Data.Dataset, "folder:") {
		return usage.Errorf("unknown dataset %q: want one of %s or folder:PATH%s", s.Data.Dataset, strings.Join(dataset.Names(), ", "), usage.DidYouMean(s.Data.Dataset, dataset.Names()))
	}
	if s.Seed > math.MaxInt64 {
		return usage.Errorf("seed is %d: want at most %d, which is what a study file can hold", s.Seed, math.MaxInt64)
	}
	if s.Data.LimitTrain < 0 || s.Data.LimitTest < 0 {
		return usage.Errorf("limits of %d training and %d test examples: want 1 or more, or 0 for all", s.Data.LimitTrain, s.Data.LimitTest)
	}
	if err := s.Data.Check(); err != nil {
		return err
	}
	if err := s.Network.check(); err != nil {
		return err
	}
	if err := s.Training.check(); err != nil {
		return err
	}
	if err := s.Subset.check(); err != nil {
		return err
	}
	if _, err := record.ParseSchedule(s.Evaluation.Schedule); err != nil {
		return err
	}
	if err := errors.Join(s.Evaluation.checkInitialisations(), s.checkScoredTrain()); err != nil {
		return err
	}
	return s.References.Check(s.Data.Dataset)
}

func (n Network) check() error {
	if !slices.Contains(deep.Names(), n.Name) {
		return usage.Errorf("unknown network %q: want one of %s%s", n.Name, strings.Join(deep.Names(), ", "), usage.DidYouMean(n.Name, deep.Names()))
	}
	init, err := deep.ParseNormInit(n.BNInit)
	switch {
	case err != nil:
		return &usage.Error{Err: err}
	case init == deep.Ones:
		return nil
	case n.Init != "":
		return usage.Errorf("bn_init is %q beside init %q, which has BatchNorm's values: leave one out", n.BNInit, n.Init)
	case !deep.HasNorm(n.Name):
		return usage.Errorf("bn_init is %q: network %q has no BatchNorm", n.BNInit, n.Name)
	}
	return nil
}

// maxEpochs is what a training may take at most.
const maxEpochs = 1e6

func (t Training) check() error {
	switch {
	case !(t.Epochs > 0) || t.Epochs > maxEpochs:
		return usage.Errorf("epochs is %v: want more than 0, at most a million", t.Epochs)
	case t.Batch < 1 || t.Batch > 1<<20:
		return usage.Errorf("batch is %d: want 1 to %d", t.Batch, 1<<20)
	case !(t.Momentum >= 0 && t.Momentum < 1):
		return usage.Errorf("momentum is %v: want 0 to below 1", t.Momentum)
	case t.Nesterov && t.Momentum == 0:
		return usage.Errorf("nesterov needs a momentum above 0")
	case !(t.WeightDecay >= 0 && t.WeightDecay < 1):
		return usage.Errorf("weight decay is %v: want 0 to below 1", t.WeightDecay)
	case !(t.LabelSmoothing >= 0 && t.LabelSmoothing < 1):
		return usage.Errorf("label smoothing is %v: want 0 to below 1", t.LabelSmoothing)
	case len(t.Mean) != len(t.Std):
		return usage.Errorf("%d means and %d standard deviations: want as many", len(t.Mean), len(t.Std))
	case t.Crop < 0 || t.Crop > 1024:
		return usage.Errorf("crop is %d: want 0 to the image's size", t.Crop)
	case !(t.Rotate >= 0 && t.Rotate <= 180):
		return usage.Errorf("rotate is %v: want 0 to 180 degrees", t.Rotate)
	}
	if _, err := deep.ParsePrecision(t.Precision); err != nil {
		return &usage.Error{Err: err}
	}
	_, err := ParseRate(t.Schedule, t.LearningRate)
	return err
}

// policy is the augmentation.
func (t Training) policy() augment.Policy {
	return augment.Policy{Crop: t.Crop, Flip: t.Flip, Rotate: t.Rotate}
}
