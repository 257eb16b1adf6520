package runlog

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
)

// Status tells how far a run is.
type Status string

// The states of a run. A run that was killed stays Running.
const (
	Running     Status = "running"
	Finished    Status = "finished"
	Interrupted Status = "interrupted" // on request, with a checkpoint
	Failed      Status = "failed"      // see Meta.Failure
)

// Unfinished reports whether evaluations may follow.
func (s Status) Unfinished() bool { return s == Running || s == Interrupted }

// Meta is what a run says about itself, beside its examples and evaluations.
type Meta struct {
	// What it is created with.
	Study, Dataset, Network string
	Classes                 []string // names; their number is the number of classes
	StudyTOML               string   // the resolved study; "" for a run that no study defines
	TrainHash, TestHash     string   // SHA-256 of the splits, hex (dataset.Split.Hash); "" when unknown
	Decoder                 string   // what decoded the images that the hashes are of; "" for none
	Split                   string   // name of the main split; "" is MainSplit
	LogJSON                 string   // of a run that was imported: what its log says of it, a JSON object
	CopyOf                  string   // the folder of the run that this is a copy of, with other labels; see Relabel

	// What the run adds.
	LabelsHash string // SHA-256, hex, of the evaluation labels, 2 bytes each, little-endian
	Status     Status
	Failure    string  // why the run failed or stopped, "" for neither
	Seconds    Seconds // so far
	// RewoundTo is the step after which the evaluations are those of an earlier training, which is
	// being repeated; NotRewound for a run without such.
	RewoundTo int
	// Relabelled is what is known of labels that were corrected; nil where they are the dataset's.
	Relabelled *Relabelled
}

// NotRewound is the Meta.RewoundTo of a run whose evaluations all stand.
const NotRewound = -2

// Seconds is the wall-clock time by part; a resumed run adds up its sessions.
type Seconds struct {
	Data       float64 `json:"data"`
	References float64 `json:"references"`
	Training   float64 `json:"training"`
	Evaluation float64 `json:"evaluation"`
	Report     float64 `json:"report"`
	Total      float64 `json:"total"`
}

// Keys of the table meta. No other file of this project spells one.
const (
	keyStudy      = "study"
	keyDataset    = "dataset"
	keyNetwork    = "network"
	keyClasses    = "classes_json"
	keyLabels     = "labels_sha256"
	keySchema     = "schema_version"
	keyStatus     = "status"
	keyStudyTOML  = "study_toml"
	keyTrain      = "train_sha256"
	keyTest       = "test_sha256"
	keySeconds    = "seconds_json"
	keyFailure    = "failure"
	keyJudgements = "judgements_json"
	keyDecoder    = "decoder"
	keyRewound    = "rewound_to"
	keySplit      = "split"
	keyLog        = "log_json"
	keySessions   = "log_sessions"
	keyInitial    = "initialisations_json"
	keyCopyOf     = "copy_of"
	keyRelabelled = "relabelled_json"
	keyFacts      = "facts_json:" // followed by the name of a reference; schema 1
)

// texts are the keys whose value is the text itself.
func (m *Meta) texts() map[string]*string {
	return map[string]*string{
		keyStudy: &m.Study, keyDataset: &m.Dataset, keyNetwork: &m.Network, keyLabels: &m.LabelsHash, keyStatus: (*string)(&m.Status),
		keyStudyTOML: &m.StudyTOML, keyTrain: &m.TrainHash, keyTest: &m.TestHash, keyDecoder: &m.Decoder, keyFailure: &m.Failure,
		keySplit: &m.Split, keyLog: &m.LogJSON, keyCopyOf: &m.CopyOf,
	}
}

// encode is the stored form of a new run's meta.
func (m Meta) encode() (map[string]string, error) {
	names, err := json.Marshal(m.Classes)
	if err != nil {
		return nil, err
	}
	out := map[string]string{keyClasses: string(names), keySchema: strconv.Itoa(schemaVersion)}
	for key, text := range m.texts() {
		if *text != "" {
			out[key] = *text
		}
	}
	return out, nil
}

// key is the key of something that every split has.
func (r *Run) key(name string) string {
	if r.split == "" {
		return name
	}
	return name + ":" + r.split
}

// Meta reads what the run says about itself now. Hashes of labels and images are those of the split.
func (r *Run) Meta() (Meta, error) {
	stored, err := r.metaTable()
	if err != nil {
		return Meta{}, fmt.Errorf("read meta of run %q: %w", r.dir, err)
	}
	m := Meta{RewoundTo: NotRewound}
	for key, text := range m.texts() {
		*text = stored[key]
	}
	m.LabelsHash, m.TestHash = stored[r.key(keyLabels)], stored[r.key(keyTest)]
	if err := json.Unmarshal([]byte(stored[keyClasses]), &m.Classes); err != nil {
		return m, fmt.Errorf("read meta of run %q: %s: %w", r.dir, keyClasses, err)
	}
	if m.Relabelled, err = readRelabelled(stored[r.key(keyRelabelled)]); err != nil {
		return m, fmt.Errorf("read meta of run %q: %w", r.dir, err)
	}
	if text := stored[keySeconds]; text != "" {
		if err := json.Unmarshal([]byte(text), &m.Seconds); err != nil {
			return m, fmt.Errorf("read meta of run %q: %s: %w", r.dir, keySeconds, err)
		}
	}
	if text := stored[r.key(keyRewound)]; text != "" {
		if m.RewoundTo, err = strconv.Atoi(text); err != nil {
			return m, fmt.Errorf("read meta of run %q: %s: %w", r.dir, keyRewound, err)
		}
	}
	return m, nil
}

func (r *Run) metaTable() (map[string]string, error) {
	meta := map[string]string{}
	err := r.each(func(rows *sql.Rows) error {
		var key, value string
		var sum *int64
		err := rows.Scan(&key, &value, &sum)
		meta[key] = value
		if err == nil {
			err = within(key, r.verifyIn(sum, "meta", key, value))
		}
		return err
	}, "SELECT "+r.columns("meta")+" FROM meta")
	return meta, err
}

// SetStatus writes how far the run is, and why it stopped if it did.
func (r *Run) SetStatus(s Status, failure string) error {
	return r.update(map[string]string{keyStatus: string(s), keyFailure: failure})
}

// SetDataset names the dataset of a run that was created without; logJSON is what is known of its log
// with that.
func (r *Run) SetDataset(name, logJSON string) error {
	return r.update(map[string]string{keyDataset: name, keyLog: logJSON})
}

// SetNetwork names the network of a run that was created without a name for it.
func (r *Run) SetNetwork(name string) error { return r.update(map[string]string{keyNetwork: name}) }

// DatasetFolder is the folder that a path in Dataset counts from, of a run that was imported; "" where its
// log doesn't say.
func (m Meta) DatasetFolder() string {
	var said struct{ Folder string }
	if json.Unmarshal([]byte(m.LogJSON), &said) != nil {
		return ""
	}
	return said.Folder
}

// SetSeconds writes the times so far.
func (r *Run) SetSeconds(s Seconds) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write times of run %q: %w", r.dir, err)
	}
	return r.update(map[string]string{keySeconds: string(text)})
}

// update writes keys of the run's meta in one transaction.
func (r *Run) update(values map[string]string) error {
	err := r.transact(func(tx *sql.Tx) error {
		for key, value := range values {
			if err := r.setMeta(tx, key, value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write meta of run %q: %w", r.dir, err)
	}
	return nil
}

// setMeta writes one key. The table meta is one for all splits.
func (r *Run) setMeta(tx *sql.Tx, key, value string) error {
	_, err := tx.Exec("INSERT INTO meta(key, value, checksum) VALUES(?, ?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value, checksum = excluded.checksum",
		key, value, checksum("meta", key, value))
	return err
}
