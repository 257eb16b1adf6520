package predlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"shoal/internal/packing"
	"slices"
	"strconv"
	"strings"
)

// Version is the version of the log that this package reads and writes.
const Version = 1

// MainSplit is the split of a header that names none.
const MainSplit = "test"

// NotResumed is the Header.Resumed of a training that begins.
const NotResumed = -1

// maxExamples bounds what a header can make a reader allocate.
const maxExamples = 1 << 27

// Header is the first line of a log: what is scored, and by whom.
type Header struct {
	Split     string   // "test", "train" or another name; "" is "test"
	Classes   []string // names; "0", "1", ... where the log has only their number
	Labels    []uint16 // of the n examples, in the order in which they are scored
	Dataset   string   // "" for none that shoal knows
	Folder    string   // that a path in Dataset counts from, absolute; "" when unknown
	Network   string   // "" when unknown, like the two that follow
	Seed      string   // a whole number
	Framework string   // what trains, with its version
	Rank      int      // of the process, 0 to Ranks-1
	Ranks     int      // 0 is 1
	Resumed   int      // step of the checkpoint that the training resumed from, or NotResumed
	IDs       []string // names of the examples; nil for none
	More      string   // whatever else was kept, a JSON object; "" for nothing
}

// header is the JSON of a Header.
type header struct {
	Version   *int            `json:"shoal_log"`
	Split     *string         `json:"split"`
	N         int             `json:"n"`
	Classes   json.RawMessage `json:"classes"`
	Labels    string          `json:"labels"`
	Dataset   *string         `json:"dataset"`
	Folder    string          `json:"folder,omitempty"`
	Network   *string         `json:"network"`
	Seed      *json.Number    `json:"seed"`
	Framework *string         `json:"framework"`
	Rank      int             `json:"rank"`
	Ranks     *int            `json:"ranks"`
	Resumed   *int            `json:"resumed_from"`
	IDs       []string        `json:"ids,omitempty"`
	More      json.RawMessage `json:"more,omitempty"`
}

// encode is the header's line, without its newline.
func (h Header) encode() ([]byte, error) {
	if err := h.Check(); err != nil {
		return nil, err
	}
	classes, err := json.Marshal(h.Classes)
	if err != nil {
		return nil, err
	}
	labels, err := packing.Classes(h.Labels, len(h.Classes))
	if err != nil {
		return nil, err
	}
	version, ranks := Version, max(h.Ranks, 1)
	out := header{
		Version: &version, Split: &h.Split, N: len(h.Labels), Classes: classes, Labels: encodeBlob(labels),
		Dataset: optional(h.Dataset), Folder: h.Folder, Network: optional(h.Network), Framework: optional(h.Framework),
		Rank: h.Rank, Ranks: &ranks, IDs: h.IDs, More: json.RawMessage(h.More),
	}
	if h.Seed != "" {
		out.Seed = (*json.Number)(&h.Seed)
	}
	if h.Resumed != NotResumed {
		out.Resumed = &h.Resumed
	}
	return json.Marshal(out)
}

// parseHeader reads the first line of a log.
func parseHeader(line []byte) (*Header, error) {
	var in header
	if err := json.Unmarshal(line, &in); err != nil || in.Version == nil {
		// The version comes first: a later one may have another form altogether.
		var only struct {
			Version *json.Number `json:"shoal_log"`
		}
		if json.Unmarshal(line, &only) == nil && only.Version != nil && only.Version.String() != strconv.Itoa(Version) {
			return nil, otherVersion(only.Version.String())
		}
		if err != nil && only.Version != nil {
			return nil, fmt.Errorf("the header is damaged: %w", err)
		}
		return nil, errors.New("not the header of a log: it has no \"shoal_log\"")
	}
	if *in.Version != Version {
		return nil, otherVersion(strconv.Itoa(*in.Version))
	}
	if in.N < 1 || in.N > maxExamples {
		return nil, fmt.Errorf("n is %d, want 1 to %d examples", in.N, maxExamples)
	}
	h := &Header{
		Split: text(in.Split), Dataset: text(in.Dataset), Folder: in.Folder, Network: text(in.Network), Framework: text(in.Framework), Rank: in.Rank,
		Ranks: 1, Resumed: NotResumed, IDs: in.IDs, More: string(in.More),
	}
	if h.Split == "" {
		h.Split = MainSplit
	}
	if h.More == "null" || h.More == "{}" {
		h.More = ""
	}
	if in.Seed != nil {
		h.Seed = in.Seed.String()
	}
	if in.Ranks != nil {
		h.Ranks = *in.Ranks
	}
	if in.Resumed != nil {
		if h.Resumed = *in.Resumed; h.Resumed < 0 {
			return nil, fmt.Errorf("resumed_from is %d, want a step, 0 or more", h.Resumed)
		}
	}
	var err error
	if h.Classes, err = classNames(in.Classes); err != nil {
		return nil, err
	}
	if h.Labels, err = unpackClasses(in.Labels, in.N, len(h.Classes)); err != nil {
		return nil, fmt.Errorf("labels: %w", err)
	}
	return h, h.Check()
}

func otherVersion(got string) error {
	return fmt.Errorf("the log is of version %s, this shoal reads version %d: use the shoal that belongs to the client", got, Version)
}

// classNames reads a list of names, or a number of classes.
func classNames(raw json.RawMessage) ([]string, error) {
	var names []string
	if json.Unmarshal(raw, &names) == nil && len(names) > 0 {
		return names, nil
	}
	var count int
	if err := json.Unmarshal(raw, &count); err != nil || count < 1 || count > 1<<16 {
		return nil, fmt.Errorf("classes is %.40s, want a list of names or a number from 1 to 65536", raw)
	}
	return Numbered(count), nil
}

// Numbered are the names of classes that have none: "0", "1", ...
func Numbered(count int) []string {
	names := make([]string, count)
	for k := range names {
		names[k] = strconv.Itoa(k)
	}
	return names
}

// Check reports what is invalid.
func (h *Header) Check() error {
	if err := h.checkClasses(); err != nil {
		return err
	}
	if len(h.Labels) == 0 {
		return errors.New("no labels, want one an example")
	}
	for i, l := range h.Labels {
		if int(l) >= len(h.Classes) {
			return fmt.Errorf("label of example %d is %d, want 0 to %d", i, l, len(h.Classes)-1)
		}
	}
	if h.Rank < 0 || h.Rank >= max(h.Ranks, 1) {
		return fmt.Errorf("rank %d of %d, want 0 or more and less than ranks", h.Rank, h.Ranks)
	}
	if h.IDs != nil && len(h.IDs) != len(h.Labels) {
		return fmt.Errorf("%d ids, want %d, one an example", len(h.IDs), len(h.Labels))
	}
	if err := h.checkIDs(); err != nil {
		return err
	}
	if h.Resumed < NotResumed {
		return fmt.Errorf("resumed from step %d, want 0 or more", h.Resumed)
	}
	if h.Seed != "" && strings.TrimLeft(strings.TrimPrefix(h.Seed, "-"), "0123456789") != "" {
		return fmt.Errorf("seed is %q, want a whole number", h.Seed)
	}
	if strings.ContainsAny(h.Split, "/\\\x00:") || strings.HasPrefix(h.Split, ".") || len(h.Split) > 100 {
		return fmt.Errorf("split is %q, want a name such as test or train", h.Split)
	}
	if name := strings.ToLower(h.Split); slices.Contains(ofRun, name) || strings.HasPrefix(name, "run.db") {
		return fmt.Errorf("split is %q, which a run folder has for something else: want a name such as test or train", h.Split)
	}
	return nil
}

// checkIDs refuses names of which two are the same: what is said of one by its name would be said of the other.
func (h *Header) checkIDs() error {
	at := make(map[string]int, len(h.IDs))
	for i, id := range h.IDs {
		if first, twice := at[id]; twice && id != "" {
			return fmt.Errorf("ids %d and %d are both %.80q: give each example a name of its own", first, i, id)
		}
		at[id] = i
	}
	return nil
}

// checkClasses refuses names of which two are the same: nobody could tell the classes apart.
func (h *Header) checkClasses() error {
	if k := len(h.Classes); k < 1 || k > 1<<16 {
		return fmt.Errorf("%d classes, want 1 to 65536", k)
	}
	at := map[string]int{}
	for k, name := range h.Classes {
		if first, twice := at[name]; twice {
			return fmt.Errorf("classes %d and %d are both %.80q: give each a name of its own", first, k, name)
		}
		at[name] = k
	}
	return nil
}

// ofRun are files and folders of a run folder, beside those of its database: a split has a folder of its
// name there. Case doesn't matter on some file systems.
var ofRun = []string{"run.lock", "summary.json", "report.html", "study.toml", "easiness", "figures", "checkpoints", "ladder", Images, Folder}

// differs says, in words, how another log of the same split scores something else; "" if it doesn't.
func (h *Header) differs(other *Header) string {
	switch {
	case len(h.Labels) != len(other.Labels):
		return fmt.Sprintf("n is %d and %d", len(h.Labels), len(other.Labels))
	case h.differsInRun(other) != "":
		return h.differsInRun(other)
	}
	for i, l := range h.Labels {
		if l != other.Labels[i] {
			return fmt.Sprintf("the labels differ first at index %d: %d and %d", i, l, other.Labels[i])
		}
	}
	if h.IDs == nil || other.IDs == nil {
		return ""
	}
	for i, id := range h.IDs { // the order within a class
		if id != other.IDs[i] {
			return fmt.Sprintf("the ids differ first at index %d: %.80q and %.80q", i, id, other.IDs[i])
		}
	}
	return ""
}

// differsInRun is differs for a log of any split.
func (h *Header) differsInRun(other *Header) string {
	switch {
	case len(h.Classes) != len(other.Classes):
		return fmt.Sprintf("classes are %d and %d", len(h.Classes), len(other.Classes))
	case !slices.Equal(h.Classes, other.Classes):
		return "the classes have other names"
	case h.Dataset != other.Dataset:
		return fmt.Sprintf("dataset is %q and %q", h.Dataset, other.Dataset)
	}
	return ""
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
