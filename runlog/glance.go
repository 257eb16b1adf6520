package runlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Glimpse is how far a run is.
type Glimpse struct {
	Meta
	Step  int      // of the last evaluation that stands, -1 for none
	Epoch *float64 // of that; nil where it isn't known
}

// Glance reads how far the run in dir is, without its examples and evaluations: for many runs at once,
// and while they grow.
func Glance(dir string) (g Glimpse, err error) {
	if !Exists(dir) {
		return g, noDatabase(dir)
	}
	db, err := connectRun(dir, true)
	if err != nil {
		return g, fmt.Errorf("open run %q: %w", dir, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	r := &Run{store: &store{dir: dir, db: db}, read: db}
	if r.version, err = checkSchema(db, dir); err != nil {
		return g, err
	}
	err = r.Snapshot(context.Background(), func(still *Run) (err error) {
		g, err = still.glance()
		return err
	})
	return g, err
}

// glance reads a run as it is at one moment: which evaluations stand, and the last of them.
func (r *Run) glance() (g Glimpse, err error) {
	if g.Meta, err = r.Meta(); err != nil {
		return g, err
	}
	query, args := "SELECT step, epoch FROM evaluation", []any{}
	if g.RewoundTo >= -1 {
		query, args = query+" WHERE step <= ?", append(args, g.RewoundTo)
	}
	err = r.read.QueryRow(query+" ORDER BY step DESC LIMIT 1", args...).Scan(&g.Step, &g.Epoch)
	if errors.Is(err, sql.ErrNoRows) {
		g.Step, err = -1, nil
	}
	return g, within(fmt.Sprintf("read run %q", r.dir), err)
}
