package main

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"shoal/internal/tinydata"
)

// A block is an indented or fenced part of a document that begins with
// `$ shoal`, and the output that the document shows below it.
type block struct {
	file  string
	line  int
	args  []string
	shown []string
}

// TestManual runs every `$ shoal ...` block of the documents and compares what
// it prints. Numbers stand for any number, `...` at the end of a line for the
// rest of it, and on a line of its own for any lines: times and machines differ. A block after the comment
//
//	<!-- not run: REASON -->
//
// is only parsed: its command, its flags. The comment is for what takes
// minutes or needs the network. All blocks run in one folder, in the order of
// the document, and there is a small dataset in shapes/.
func TestManual(t *testing.T) {
	files := []string{"../../README.md"}
	more, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		run, parsed := blocks(file, string(text))
		found += len(run) + len(parsed)
		checkManual(t, run, parsed)
	}
	if found == 0 {
		t.Error("no document has a `$ shoal` block")
	}
}

func checkManual(t *testing.T, run, parsed []block) {
	t.Helper()
	for _, b := range parsed {
		root := newRoot(&console{})
		cmd, rest, err := root.Find(b.args)
		if err == nil && cmd == root {
			err = unknownVerb(root, b.args[0])
		}
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err != nil {
			t.Errorf("%s:%d: shoal %q: %v", b.file, b.line, b.args, err)
		}
	}
	if len(run) == 0 {
		return
	}
	dir := t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), 30, 12); err != nil {
		t.Fatal(err)
	}
	for _, b := range run {
		out, err := shoalIn(dir, b.args...).Output()
		if err != nil {
			t.Errorf("%s:%d: shoal %q: %v", b.file, b.line, b.args, err)
		}
		if problem := compareOutput(b.shown, string(out)); problem != "" {
			t.Errorf("%s:%d: shoal %q: %s\nprinted:\n%s", b.file, b.line, b.args, problem, out)
		}
	}
}

var notRun = regexp.MustCompile(`^<!-- not run: .+ -->$`)

// blocks finds the blocks to be run, and those only to be parsed. Only lines
// that begin with `$ shoal`, after indentation, begin a block; it ends with the
// code block, or with the next command.
func blocks(file, text string) (run, parsed []block) {
	var current *block
	skip, fenced := false, false
	finish := func() {
		if current == nil {
			return
		}
		if skip {
			parsed = append(parsed, *current)
		} else {
			run = append(run, *current)
		}
		current = nil
	}
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		trimmed := strings.TrimSpace(line)
		code := fenced || strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")
		switch {
		case strings.HasPrefix(trimmed, "```"):
			finish()
			if fenced {
				skip = false
			}
			fenced = !fenced
		case notRun.MatchString(trimmed):
			finish()
			skip = true
		case code && strings.HasPrefix(trimmed, "$ "):
			finish()
			if args, ok := strings.CutPrefix(trimmed, "$ shoal "); ok {
				args, _, _ = strings.Cut(args, " #")
				current = &block{file: file, line: n, args: strings.Fields(args)}
			}
		case code && current != nil:
			current.shown = append(current.shown, trimmed)
		case trimmed != "" && !code:
			finish()
			skip = false
		}
	}
	finish()
	return run, parsed
}

var aNumber = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)

// compareOutput says how the output differs from what is shown, or is empty.
// Nothing shown agrees with everything.
func compareOutput(shown []string, out string) string {
	normal := func(line string) string {
		return strings.Join(strings.Fields(aNumber.ReplaceAllString(line, "0")), " ")
	}
	var want, got []string
	for _, line := range shown {
		if line != "" {
			want = append(want, normal(line))
		}
	}
	for _, line := range strings.Split(out, "\n") {
		if strings.TrimSpace(line) != "" {
			got = append(got, normal(line))
		}
	}
	if len(want) == 0 || matches(want, got) {
		return ""
	}
	return "the document shows something else:\n" + strings.Join(shown, "\n")
}

func matches(want, got []string) bool {
	switch {
	case len(want) == 0:
		return len(got) == 0
	case want[0] == "...":
		for skip := range len(got) + 1 {
			if matches(want[1:], got[skip:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && sameLine(want[0], got[0]) && matches(want[1:], got[1:])
}

func sameLine(want, got string) bool {
	if start, open := strings.CutSuffix(want, "..."); open {
		return strings.HasPrefix(got, strings.TrimSpace(start))
	}
	return want == got
}

// The helpers must be able to fail.
func TestManualHelpers(t *testing.T) {
	text := "Text.\n\n    $ shoal data list\n    a 12 b\n    ...\n\nMore `$ shoal nosuch` text.\n\n<!-- not run: it takes minutes -->\n\n```\n$ shoal run --epochs 2 # slow\n$ ls\n```\n\n    $ go test\n    $ shoal report x\n"
	run, parsed := blocks("x.md", text)
	if len(run) != 2 || len(parsed) != 1 || strings.Join(parsed[0].args, " ") != "run --epochs 2" || len(run[0].shown) != 2 || run[1].line != 17 {
		t.Errorf("run %+v, parsed %+v", run, parsed)
	}
	for _, c := range []struct {
		shown, out string
		same       bool
	}{
		{"a 12 b\n...", "a 3.5   b\nc\nd\n", true}, {"a 12 b", "a 3.5 b\nc\n", false}, {"...\nz", "a\nb\nz\n", true},
		{"", "anything", true}, {"a", "b", false}, {"a\n...\nz", "a\nb\n", false}, {"a", "", false}, {"a ...", "a b\n", true}, {"a ...", "b a\n", false},
	} {
		if got := compareOutput(strings.Split(c.shown, "\n"), c.out) == ""; got != c.same {
			t.Errorf("shown %q, printed %q: same is %v, want %v", c.shown, c.out, got, c.same)
		}
	}
}
