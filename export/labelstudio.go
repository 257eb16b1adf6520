package export

import (
	"encoding/xml"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"shoal/internal/atomicfile"
)

// studioTask is a task as Label Studio imports it.
type studioTask struct {
	Data        studioData         `json:"data"`
	Predictions []studioPrediction `json:"predictions"`
}

// studioData is what a task shows and brings back: package answers reads example, name and given_label.
type studioData struct {
	Image     string  `json:"image"`
	Example   int     `json:"example"`
	Name      string  `json:"name,omitempty"`
	Given     string  `json:"given_label"`
	Suggested string  `json:"suggested_label"`
	Rank      int     `json:"rank"`
	Score     float64 `json:"score"`
}

// studioPrediction is the answer that the models give instead.
type studioPrediction struct {
	Version string         `json:"model_version"`
	Score   float64        `json:"score"`
	Result  []studioResult `json:"result"`
}

type studioResult struct {
	From  string        `json:"from_name"`
	To    string        `json:"to_name"`
	Type  string        `json:"type"`
	Value studioChoices `json:"value"`
}

type studioChoices struct {
	Choices []string `json:"choices"`
}

// Names of the tags of the labelling configuration.
const (
	studioChoice = "corrected_label"
	studioImage  = "image"
)

// writeLabelStudio writes tasks.json and config.xml.
func (t *toLabel) writeLabelStudio(out string) error {
	tasks := make([]studioTask, len(t.suspects))
	for k, s := range t.suspects {
		suggested := t.class(s.Answer)
		task := &tasks[k]
		task.Data = studioData{Image: localFile(t.place(k)), Example: s.Example, Given: t.class(t.Log.Labels[s.Example]), Suggested: suggested, Rank: k + 1, Score: s.Score()}
		if t.Names != nil {
			task.Data.Name = t.Names[s.Example]
		}
		task.Predictions = []studioPrediction{{"shoal", s.Score(), []studioResult{{studioChoice, studioImage, "choices", studioChoices{[]string{suggested}}}}}}
	}
	if err := atomicfile.WriteJSON(filepath.Join(out, "tasks.json"), tasks); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(out, "config.xml"), t.writeConfig)
}

// place is the absolute path of the image of suspect k.
func (t *toLabel) place(k int) string {
	if t.written[k] == nil {
		return t.paths[k]
	}
	return filepath.Join(t.out, t.paths[k])
}

// localFile is the address at which Label Studio serves a file of its own machine, with the root of the
// file system as its document root.
func localFile(path string) string {
	path = strings.TrimPrefix(filepath.ToSlash(path), "/")
	return "/data/local-files/?d=" + strings.NewReplacer("+", "%20", "%2F", "/").Replace(url.QueryEscape(path))
}

// writeConfig writes the labelling configuration: what is known, one choice a class, and the image.
//
// Label Studio replaces $NAME by the task's field of that name in all that it shows. A choice with a
// dollar in its name is shown with a space without width behind it; the alias is what it means.
func (t *toLabel) writeConfig(w io.Writer) error {
	type choice struct {
		Value string `xml:"value,attr"`
		Alias string `xml:"alias,attr,omitempty"`
	}
	type header struct {
		Value string `xml:"value,attr"`
	}
	var view struct {
		XMLName xml.Name `xml:"View"`
		Header  header
		Choices struct {
			Name   string   `xml:"name,attr"`
			To     string   `xml:"toName,attr"`
			Choice string   `xml:"choice,attr"`
			Inline bool     `xml:"showInline,attr"`
			List   []choice `xml:"Choice"`
		}
		Image struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		}
	}
	view.Header.Value = "labelled $given_label; the models say $suggested_label"
	view.Image.Name, view.Image.Value = studioImage, "$image"
	view.Choices.Name, view.Choices.To, view.Choices.Choice, view.Choices.Inline = studioChoice, studioImage, "single", true
	for class := range t.Classes {
		one := choice{Value: t.class(uint16(class))}
		if strings.Contains(one.Value, "$") {
			one.Value, one.Alias = strings.ReplaceAll(one.Value, "$", "$\u200b"), one.Value
		}
		view.Choices.List = append(view.Choices.List, one)
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	return e.Encode(view)
}
