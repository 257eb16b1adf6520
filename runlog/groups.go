package runlog

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"shoal/dynamics/groups"
	"shoal/internal/packing"
)

// groupSchema is made when a run is given its first groups: most have none. An example without a group
// has the number of groups as its group.
const groupSchema = `
CREATE TABLE IF NOT EXISTS attribute@(
	id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, groups_json TEXT NOT NULL, data BLOB NOT NULL, checksum INTEGER NOT NULL);
`

// SetGroups stores the attributes of the split's examples in place of those that the run has; none
// removes them.
func (r *Run) SetGroups(attributes []groups.Attribute) error {
	err := r.transact(func(tx *sql.Tx) error {
		if _, err := tx.Exec(ofSplit(groupSchema, r.suffix) + "DELETE FROM " + r.table("attribute")); err != nil {
			return err
		}
		for id, a := range attributes {
			if err := r.insertAttribute(tx, id, a); err != nil {
				return err
			}
		}
		return nil
	})
	return within(fmt.Sprintf("store groups in run %q", r.dir), err)
}

func (r *Run) insertAttribute(tx *sql.Tx, id int, a groups.Attribute) error {
	if err := a.Check(len(r.labels)); err != nil {
		return err
	}
	of := make([]uint16, len(a.Of))
	for i, g := range a.Of {
		of[i] = uint16(g)
		if g == groups.None {
			of[i] = uint16(len(a.Groups))
		}
	}
	packed, err := packing.Classes(of, len(a.Groups)+1)
	if err != nil {
		return err
	}
	names, err := json.Marshal(a.Groups)
	if err != nil {
		return err
	}
	row := []any{id, a.Name, string(names), r.enc.EncodeAll(packed, nil)}
	_, err = tx.Exec("INSERT INTO "+r.table("attribute")+"(id, name, groups_json, data, checksum) VALUES(?, ?, ?, ?, ?)",
		append(row, checksum(r.table("attribute"), row...))...)
	return err
}

// Groups are the attributes of the split's examples, nil for none.
func (r *Run) Groups() ([]groups.Attribute, error) {
	var all []groups.Attribute
	there := 0
	err := r.read.QueryRow("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", r.table("attribute")).Scan(&there)
	if err == nil && there > 0 {
		err = r.each(func(rows *sql.Rows) error {
			a, err := r.scanAttribute(rows)
			all = append(all, a)
			return within(fmt.Sprintf("%q", a.Name), err)
		}, "SELECT id, name, groups_json, data, checksum FROM "+r.table("attribute")+" ORDER BY id")
	}
	return all, within(fmt.Sprintf("read groups of run %q", r.dir), err)
}

func (r *Run) scanAttribute(rows *sql.Rows) (a groups.Attribute, err error) {
	var id int
	var names string
	var data []byte
	var sum *int64
	if err := rows.Scan(&id, &a.Name, &names, &data, &sum); err != nil {
		return a, err
	}
	if err := r.verify(sum, "attribute", id, a.Name, names, data); err != nil {
		return a, err
	}
	if err := json.Unmarshal([]byte(names), &a.Groups); err != nil {
		return a, err
	}
	raw, err := r.dec.DecodeAll(data, nil)
	if err != nil {
		return a, err
	}
	of, err := packing.ReadClasses(raw, len(r.labels), len(a.Groups)+1)
	if err != nil {
		return a, err
	}
	for _, g := range of {
		if int(g) == len(a.Groups) {
			a.Of = append(a.Of, groups.None)
		} else {
			a.Of = append(a.Of, int(g))
		}
	}
	return a, a.Check(len(r.labels))
}
