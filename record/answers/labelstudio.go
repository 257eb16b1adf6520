package answers

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// task is what is read of a task that Label Studio exports.
type task struct {
	ID          json.Number `json:"id"`
	Data        taskData    `json:"data"`
	Annotations []struct {
		Cancelled bool `json:"was_cancelled"` // skipped
		Result    []struct {
			From  string `json:"from_name"`
			Value struct {
				Choices []string `json:"choices"`
			} `json:"value"`
		} `json:"result"`
	} `json:"annotations"`
	// Of the short form (JSON-MIN) the data and the choice are on top.
	taskData
	Choice json.RawMessage `json:"corrected_label"`
}

// taskData is what package export writes into a task.
type taskData struct {
	Example *int    `json:"example"`
	Name    *string `json:"name"`
	Given   *string `json:"given_label"`
}

// readTasks reads an export of Label Studio, of tasks that were made by shoal export: a list of tasks
// with their annotations (JSON), or with their choices (JSON-MIN). Tasks that were skipped or not
// annotated are left out.
func (c *corrections) readTasks(text []byte) error {
	var tasks []task
	if err := json.Unmarshal(text, &tasks); err != nil {
		return fmt.Errorf("not an export of Label Studio, as JSON (%w): want a list of tasks with annotations, or a CSV file", err)
	}
	for k, t := range tasks {
		where := fmt.Sprintf("task %d of %d", k+1, len(tasks))
		if t.ID != "" {
			where = "task " + t.ID.String()
		}
		if err := c.readTask(&t, where); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
	}
	return nil
}

func (c *corrections) readTask(t *task, where string) error {
	labels, err := t.choices()
	if err != nil || len(labels) == 0 {
		return err
	}
	data := t.Data
	if data == (taskData{}) {
		data = t.taskData
	}
	if data.Example == nil || data.Given == nil {
		return errors.New("its data don't say which example it is of (example, given_label): want tasks that shoal export wrote")
	}
	return c.addNamed(data, labels, where)
}

// addNamed takes labels for an example, as names of classes, from a tool that was given the example and
// its label by package export, and still says both.
func (c *corrections) addNamed(data taskData, labels []string, where string) error {
	s := c.split
	switch {
	case *data.Example < 0 || *data.Example >= len(s.Labels):
		return fmt.Errorf("it is of example %d, want 0 to %d", *data.Example, len(s.Labels)-1)
	case s.Names != nil && data.Name != nil && *data.Name != s.Names[*data.Example]:
		return fmt.Errorf("it is of example %d, %.200q, which is %.200q in the run", *data.Example, *data.Name, s.Names[*data.Example])
	}
	names := append([]string{*data.Given}, labels...)
	read, err := c.classesBy(&column{name: "choice", texts: names}, make([]int, len(names)), true)
	if err != nil {
		i := slices.IndexFunc(names, func(name string) bool { return !s.hasClass(name) })
		return fmt.Errorf("%.80q is no class of the run: want a name such as %q", names[max(i, 0)], s.Classes[0])
	}
	if err := c.checkBefore(*data.Example, uint16(read[0]), where); err != nil {
		return err
	}
	for _, label := range read[1:] {
		if err := c.add(*data.Example, uint16(label), where); err != nil {
			return err
		}
	}
	return nil
}

// hasClass reports whether a text is the name of a class.
func (s *Split) hasClass(name string) bool {
	return slices.ContainsFunc(s.Classes, func(class string) bool { return looseClass(class) == looseClass(name) })
}

// choices are the classes that annotators chose, one an annotation that wasn't skipped.
func (t *task) choices() ([]string, error) {
	var out []string
	for _, a := range t.Annotations {
		if a.Cancelled {
			continue
		}
		for _, r := range a.Result {
			switch {
			case r.From != "" && r.From != "corrected_label":
			case len(r.Value.Choices) > 1:
				return nil, fmt.Errorf("it has %d choices, want one", len(r.Value.Choices))
			default:
				out = append(out, r.Value.Choices...)
			}
		}
	}
	if t.Choice == nil || len(t.Annotations) > 0 {
		return out, nil
	}
	var one string
	if err := json.Unmarshal(t.Choice, &one); err != nil {
		return nil, fmt.Errorf("its corrected_label is %.80s, want the name of a class", strings.TrimSpace(string(t.Choice)))
	}
	return []string{one}, nil
}

// studioColumns makes of the columns of a CSV export of Label Studio those that readLines takes: its own ids
// are left out, and choices are names of classes, whatever they look like.
func studioColumns(cells map[string][]string, filled map[string]bool) {
	if cells["annotation_id"] == nil {
		return
	}
	const choice, class = "corrected_label", "corrected_class"
	cells[class], filled[class] = cells[choice], filled[choice]
	for _, name := range []string{"id", choice} {
		delete(cells, name)
		delete(filled, name)
	}
}
