package runlog

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MainSplit is the name of the split that a run is created with, unless its Meta.Split has another.
const MainSplit = "test"

// table is the name of a table of the split.
func (r *Run) table(name string) string { return name + r.suffix }

// columns lists what is read of a table, in an order that is the same for every version of the
// schema: what a version doesn't have is NULL.
func (r *Run) columns(table string) string {
	if r.version == 1 {
		return map[string]string{
			"meta":       "key, value, NULL",
			"example":    "id, label, NULL, NULL",
			"image":      "id, image, NULL",
			"reference":  "id, name, kind, params_json, NULL, accuracy, fit_seconds, predictions, NULL, margins, NULL",
			"evaluation": "step, epoch, loss, accuracy, seconds, predictions, NULL, NULL",
		}[table]
	}
	return map[string]string{
		"meta":       "key, value, checksum",
		"example":    "id, label, name, checksum",
		"image":      "id, image, image_checksum",
		"reference":  "id, name, kind, params_json, facts_json, accuracy, fit_seconds, predictions, right, margins, checksum",
		"evaluation": "step, epoch, loss, accuracy, seconds, predictions, right, checksum",
	}[table]
}

// Splits lists the names of the run's evaluation splits: the main one, then the others as they were
// added.
func (r *Run) Splits() ([]string, error) {
	names := []string{r.mainName}
	if r.version == 1 {
		return names, nil
	}
	err := r.each(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}, "SELECT name FROM split ORDER BY id")
	return names, within(fmt.Sprintf("read splits of run %q", r.dir), err)
}

// ErrNoSplit is wrapped by the error for a split that the run doesn't have.
var ErrNoSplit = errors.New("the run has no such evaluation split")

// Split is the run as seen from another of its evaluation splits: its examples, evaluations,
// references and tables are those of the split, what the run says about itself is the same. It is
// closed with the run. "" is the main one.
func (r *Run) Split(name string) (*Run, error) {
	if name == "" || name == r.mainName {
		return r.mainView(), nil
	}
	var id int
	err := sql.ErrNoRows
	if r.version > 1 {
		err = r.read.QueryRow("SELECT id FROM split WHERE name = ?", name).Scan(&id)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("split %q of run %q: %w", name, r.dir, ErrNoSplit)
	}
	if err != nil {
		return nil, fmt.Errorf("split %q of run %q: %w", name, r.dir, err)
	}
	s := r.view(name, suffixOf(id))
	err = s.readSplit()
	if err == nil && r.lock != nil {
		err = s.readForWriting()
	}
	if err != nil {
		return nil, fmt.Errorf("split %q of run %q: %w", name, r.dir, err)
	}
	return s, nil
}

// AddSplit adds an evaluation split with its examples to a run that is open for writing. testHash is
// the SHA-256, hex, of its images and labels; "" when they are not known.
func (r *Run) AddSplit(name, testHash string, e Examples) (*Run, error) {
	err := e.check(r.classes)
	if err == nil && (name == "" || name == r.mainName) {
		err = fmt.Errorf("a new split can't be named %q", name)
	}
	if err == nil {
		err = r.transact(func(tx *sql.Tx) error { return r.addSplit(tx, name, testHash, e) })
	}
	if err != nil {
		return nil, fmt.Errorf("add split %q to run %q: %w", name, r.dir, err)
	}
	return r.Split(name)
}

func (r *Run) addSplit(tx *sql.Tx, name, testHash string, e Examples) error {
	done, err := tx.Exec("INSERT INTO split(name) VALUES(?)", name)
	if err != nil {
		return err
	}
	id, err := done.LastInsertId()
	if err != nil {
		return err
	}
	s := r.view(name, suffixOf(int(id)))
	if _, err := tx.Exec(tablesOf(s.suffix)); err != nil {
		return err
	}
	for key, value := range map[string]string{keyLabels: hashOf(e.Labels), keyTest: testHash} {
		if err := s.setMeta(tx, s.key(key), value); err != nil {
			return err
		}
	}
	return s.writeExamples(tx, e)
}

// OtherSplit checks that the run in dir has a split of that name, and returns it, or "" for the main
// one.
func OtherSplit(dir, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	r, err := OpenReadOnly(dir)
	if err != nil {
		return "", err
	}
	defer r.Close()
	names, err := r.Splits()
	switch {
	case err != nil:
		return "", err
	case name == names[0]:
		return "", nil
	case !slices.Contains(names, name):
		return "", fmt.Errorf("split %q of run %q: %w: it has %s", name, dir, ErrNoSplit, strings.Join(names, ", "))
	}
	return name, nil
}

// SplitName is the name of the split that the run is seen from.
func (r *Run) SplitName() string {
	if r.split != "" {
		return r.split
	}
	return r.mainName
}

func suffixOf(id int) string { return fmt.Sprintf("_%d", id) }

// view is the run with the tables of another split.
func (r *Run) view(name, suffix string) *Run {
	return &Run{store: r.store, read: r.read, main: r.mainView(), split: name, suffix: suffix, classes: r.classes, last: -1}
}

func (r *Run) mainView() *Run {
	if r.main != nil {
		return r.main
	}
	return r
}
