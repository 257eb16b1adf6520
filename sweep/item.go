package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"shoal/internal/usage"
	"shoal/record"
	"shoal/runlog"
	"shoal/track"
)

// Item is one run of a sweep: a line of plan.jsonl.
type Item struct {
	Item   int    `json:"item"`   // the line, counted from 0
	Folder string `json:"folder"` // of its run, within that of the sweep; no other item has it
	Study  string `json:"study"`  // as it was asked for: a built-in study, a file, a folder of images
	Name   string `json:"name"`   // the study's own
	// Set are the settings by which the item differs from the study, by their keys.
	Set  map[string]string `json:"set,omitempty"`
	Seed uint64            `json:"seed"`
	// Resolved is the whole study, TOML, with the paths of its files from everywhere.
	Resolved string `json:"resolved"`
	// Checksum is SHA-256, hex, of the item without it and of the checksum of the item before.
	Checksum string `json:"checksum"`
}

// Setting names what the items have in common that differ in their seed only: the study's name and its
// settings.
func (it Item) Setting() string {
	return strings.Join(append([]string{it.Name}, assigned(it.Set)...), " ")
}

// assigned are settings as words, key=value, in the order of the keys.
func assigned(set map[string]string) []string {
	var words []string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		words = append(words, key+"="+set[key])
	}
	return words
}

// Path is the run folder of the item in the sweep in dir.
func (it Item) Path(dir string) string { return filepath.Join(dir, it.Folder) }

// study is what the item runs.
func (it Item) study() (track.Study, error) { return track.ParseStudy(it.Resolved) }

// glance reads how far the run of the item is. A finished run that isn't the item's, such as a copy of another
// seed's, is an error: its numbers would count for a seed that nobody ran.
func (it Item) glance(dir string) (runlog.Glimpse, error) {
	run := it.Path(dir)
	g, err := runlog.Glance(run)
	if err != nil {
		return g, damage{err}
	}
	if g.Status != runlog.Finished {
		return g, nil
	}
	study, err := it.study()
	if err != nil {
		return g, fmt.Errorf("item %d: its study: %w", it.Item, err)
	}
	if err := track.Belongs(run, g.Meta, study); err != nil {
		return g, err
	}
	_, seed, known, err := record.StudyButSeed(g.Meta)
	if err == nil && known && seed != it.Seed {
		err = usage.Errorf("run %q is of seed %d, want %d; give another folder", run, seed, it.Seed)
	}
	return g, err
}

// finished reports whether the item's run is.
func (it Item) finished(dir string) bool {
	if !runlog.Exists(it.Path(dir)) {
		return false
	}
	g, err := it.glance(dir)
	return err == nil && g.Status == runlog.Finished
}

// sum is the checksum of the item behind one with the checksum before.
func (it Item) sum(before string) string {
	it.Checksum = before
	text, err := json.Marshal(it)
	if err != nil { // it has text and numbers only
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// longestName is that of a folder; file systems have room for 255 bytes.
const longestName = 120

// plainName is what a folder's name may have: it means nothing to a shell, and the same on file
// systems that don't tell capitals apart.
var plainName = regexp.MustCompile(`[^a-z0-9._=+-]+`)

// folderOf names the folder of a study's item. What had to be changed for that is replaced by a part
// of the hash of what was asked, so that two items never share a folder.
func folderOf(name string, set map[string]string, seed uint64) string {
	asked := name
	for _, key := range slices.Sorted(maps.Keys(set)) {
		asked += "-" + key + "=" + set[key]
	}
	plain := strings.TrimLeft(plainName.ReplaceAllString(strings.ToLower(asked), "-"), "-._=+")
	if len(plain) > longestName {
		plain = plain[:longestName]
	}
	if plain != asked {
		sum := sha256.Sum256([]byte(asked))
		if plain = strings.TrimRight(plain, "-"); plain == "" {
			plain = "study"
		}
		plain += "-" + hex.EncodeToString(sum[:4])
	}
	return fmt.Sprintf("%s-seed%d", plain, seed)
}
