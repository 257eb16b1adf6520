package ingest

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"shoal/dataset/table"
	"shoal/internal/atomicfile"
	"shoal/internal/usage"
	"shoal/predlog"
)

// maxRecord bounds a line of a file of dataset cartography.
const maxRecord = 16 << 20

// cartography is the files that dataset cartography writes, one an epoch, with a line for each
// example of the training split:
//
//	{"guid": 17, "logits_epoch_0": [0.1, 2.3, -1.0], "gold": 1}
//
// The lines of an epoch may come in any order. Examples are in the order of their guids if these are
// 0 to N-1, else in that of the first file, by the guid as their name. Epoch N of a file is what was
// predicted during epoch N, counted from 0: it becomes step and epoch N+1.
type cartography struct {
	files []epochFile
	split string
	head  *predlog.Header
	place map[string]int // of every guid
	say   func(format string, args ...any)
	told  bool // that the logits look like probabilities
}

type epochFile struct {
	path  string
	epoch int
}

// record is one line.
type record struct {
	Guid json.RawMessage `json:"guid"`
	Gold json.RawMessage `json:"gold"`
}

// key begins the name of the logits.
const key = "logits_epoch_"

var epochName = regexp.MustCompile(`^dynamics_epoch_(\d+)\.jsonl$`)

// isCartography reports whether a .jsonl file is one of dataset cartography.
func isCartography(path string) (bool, error) {
	if epochName.MatchString(filepath.Base(path)) {
		return true, nil
	}
	f, err := atomicfile.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	start := make([]byte, 4096)
	n, err := io.ReadFull(f, start)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return false, err
	}
	return bytes.Contains(start[:n], []byte(`"`+key)) && !bytes.Contains(start[:n], []byte(`"shoal_log"`)), nil
}

func openCartography(paths []string, o Options) (source, error) {
	c := &cartography{split: cmp.Or(o.Split, "train"), say: o.say}
	if o.Labels != "" {
		return nil, usage.Errorf("files of dataset cartography have their labels: they can't be given")
	}
	for _, path := range paths {
		m := epochName.FindStringSubmatch(filepath.Base(path))
		if m == nil {
			return nil, usage.Errorf("%q: want the name that tells its epoch, dynamics_epoch_N.jsonl", path)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, usage.Errorf("%q: its epoch is no number", path)
		}
		c.files = append(c.files, epochFile{path, n})
	}
	slices.SortFunc(c.files, func(a, b epochFile) int { return a.epoch - b.epoch })
	for k := range c.files[1:] {
		if c.files[k].epoch == c.files[k+1].epoch {
			return nil, usage.Errorf("%q and %q are of one epoch", c.files[k].path, c.files[k+1].path)
		}
	}
	return c, nil
}

func (c *cartography) close() error { return nil }

// header reads guids, labels and the number of classes from the first file.
func (c *cartography) header(context.Context) (*predlog.Header, error) {
	var guids []string
	var labels []uint16
	classes := 0
	c.place = map[string]int{}
	err := c.lines(c.files[0], func(guid string, gold int, logits []float64) error {
		if _, twice := c.place[guid]; twice {
			return fmt.Errorf("guid %s is there twice", guid)
		}
		if classes == 0 {
			classes = len(logits)
		}
		c.place[guid] = len(guids)
		guids, labels = append(guids, guid), append(labels, uint16(gold))
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(guids) == 0 {
		return nil, fmt.Errorf("%q has no example", c.files[0].path)
	}
	c.head = &predlog.Header{Split: c.split, Classes: predlog.Numbered(classes), Labels: labels, IDs: guids, Ranks: 1, Resumed: predlog.NotResumed}
	c.head.Labels, c.head.IDs = numbered(guids, labels, c.place)
	return c.head, nil
}

// numbered sorts examples by their names if these are 0 to n-1, which then say nothing more.
func numbered(names []string, labels []uint16, place map[string]int) ([]uint16, []string) {
	sorted := make([]uint16, len(labels))
	for _, name := range names {
		k, err := strconv.Atoi(name)
		if err != nil || k < 0 || k >= len(names) || strconv.Itoa(k) != name {
			return labels, names
		}
		sorted[k] = labels[place[name]]
	}
	for _, name := range names {
		place[name], _ = strconv.Atoi(name)
	}
	return sorted, nil
}

func (c *cartography) each(ctx context.Context, add func(*predlog.Part) error) error {
	n := len(c.head.Labels)
	for _, f := range c.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		s, seen, count := newScorer(n), make([]bool, n), 0
		err := c.lines(f, func(guid string, gold int, logits []float64) error {
			i, known := c.place[guid]
			switch {
			case !known:
				return fmt.Errorf("guid %s is not in %q", guid, c.files[0].path)
			case seen[i]:
				return fmt.Errorf("guid %s is there twice", guid)
			case gold != int(c.head.Labels[i]):
				return fmt.Errorf("gold of guid %s is %d, in %q it is %d", guid, gold, c.files[0].path, c.head.Labels[i])
			case len(logits) != len(c.head.Classes):
				return fmt.Errorf("guid %s has %d logits, want %d", guid, len(logits), len(c.head.Classes))
			}
			seen[i], count = true, count+1
			return s.add(i, logits, gold)
		})
		if err != nil {
			return err
		}
		if count < n {
			return fmt.Errorf("%q has %d examples, want the %d of %q: %s is missing", f.path, count, n, c.files[0].path, c.name(slices.Index(seen, false)))
		}
		p := &predlog.Part{Step: f.epoch + 1, Epoch: float64(f.epoch + 1), Loss: nan, Seconds: nan}
		if s.probable() && !c.told {
			c.told = true
			c.say("note: %q has numbers from 0 to 1 that add up to 1 as logits, as probabilities do: values are taken from them as from logits, which dataset cartography does, too", f.path)
		}
		s.fill(p)
		if err := add(p); err != nil {
			return err
		}
	}
	return nil
}

// name is the guid of example i.
func (c *cartography) name(i int) string {
	for guid, at := range c.place {
		if at == i {
			return "guid " + guid
		}
	}
	return fmt.Sprint(i)
}

// lines reads a file line by line.
func (c *cartography) lines(f epochFile, use func(guid string, gold int, logits []float64) error) error {
	file, err := atomicfile.Open(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	in.Buffer(nil, maxRecord)
	number := 0
	for in.Scan() {
		number++
		if len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		guid, gold, logits, err := parseRecord(in.Bytes(), f.epoch)
		if err == nil {
			err = use(guid, gold, logits)
		}
		if err != nil {
			return fmt.Errorf("%q, line %d: %w", f.path, number, err)
		}
	}
	if err := in.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("it is longer than %d bytes", maxRecord)
		}
		return fmt.Errorf("%q, line %d: %w", f.path, number+1, err)
	}
	return nil
}

// parseRecord reads one line.
func parseRecord(text []byte, epoch int) (guid string, gold int, logits []float64, err error) {
	var r record
	var all map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(text, &r), json.Unmarshal(text, &all)); err != nil {
		return "", 0, nil, fmt.Errorf("not a record of an example: %s", strings.Split(err.Error(), "\n")[0])
	}
	name := key + strconv.Itoa(epoch)
	if all[name] == nil || absent(r.Guid) || absent(r.Gold) {
		return "", 0, nil, fmt.Errorf("it lacks guid, gold or %s", name)
	}
	if logits, err = numbers(all[name]); err != nil || len(logits) < 2 || len(logits) > 1<<16 {
		return "", 0, nil, fmt.Errorf("%s is %.40s, want 2 or more finite numbers", name, all[name])
	}
	// pandas makes floats of whole numbers beside a gap, which table.Whole takes.
	whole, ok := table.Whole(string(r.Gold))
	if !ok || whole < 0 || whole >= int64(len(logits)) {
		return "", 0, nil, fmt.Errorf("gold is %.40s, want the number of a class, 0 to %d", r.Gold, len(logits)-1)
	}
	if err := json.Unmarshal(r.Guid, &guid); err != nil {
		guid = string(r.Guid)
	}
	return guid, int(whole), logits, nil
}

func absent(v json.RawMessage) bool { return v == nil || string(v) == "null" }

// numbers reads an array of numbers. null, which pandas writes for NaN, is none: as a float64 it would
// be read as 0.
func numbers(text json.RawMessage) ([]float64, error) {
	var read []*float64
	if err := json.Unmarshal(text, &read); err != nil {
		return nil, err
	}
	out := make([]float64, len(read))
	for k, v := range read {
		if v == nil {
			return nil, errors.New("null")
		}
		out[k] = *v
	}
	return out, nil
}
