package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"shoal/internal/longtest"
	"shoal/internal/tinydata"
	"shoal/internal/tinydata/albums"
)

// A block is an indented or fenced part of a document that begins with `$ shoal` or `$ cat`, and
// the output that the document shows below it.
type block struct {
	file  string
	line  int
	args  []string // begins with "cat" for a file that the document shows
	shown []string
	long  *string // flags that make it take less time; nil for a block that needs no MNIST
	skip  string  // why it isn't run
}

// TestManual runs every `$ shoal ...` block of the documents and compares what it prints, numbers
// too, but for times. `...` at the end of a line stands for the rest of it, and on a line of its
// own for any lines. `$ cat FILE` shows a file, which the blocks after it find. All blocks of a
// document run in one folder, in its order, and there are a small dataset in shapes/ and images of many
// sizes in photos/. The comment
//
//	<!-- long: FLAGS -->
//
// says that what follows may fetch MNIST; commands that have such flags get them. A block after
//
//	<!-- not run: REASON -->
//
// is only parsed: its command, its flags. In the quick suite all of them are.
func TestManual(t *testing.T) {
	notInShort(t)
	files := []string{"../../README.md"}
	more, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all := blocks(file, string(text))
		found += len(all)
		checkManual(t, all)
	}
	if found == 0 {
		t.Error("no document has a `$ shoal` block")
	}
}

func checkManual(t *testing.T, all []block) {
	t.Helper()
	dir := t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), 30, 12); err != nil {
		t.Fatal(err)
	}
	for _, a := range albums.All() {
		if a.Name == "sizes" && longtest.On() {
			if err := a.Write(filepath.Join(dir, "photos"), .1); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, b := range all {
		t.Run(fmt.Sprintf("%s:%d", filepath.Base(b.file), b.line), func(t *testing.T) {
			if b.args[0] == "cat" {
				if err := os.WriteFile(filepath.Join(dir, b.args[1]), []byte(strings.Join(b.shown, "\n")+"\n"), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			cmd := b.parse(t)
			if b.skip != "" {
				t.Skip("not run: " + b.skip)
			}
			longtest.Only(t, "what the command prints")
			b.run(t, dir, cmd)
		})
	}
}

// parse wants a command that there is, with flags that it has.
func (b block) parse(t *testing.T) *cobra.Command {
	t.Helper()
	root := newRoot(&console{})
	cmd, rest, err := root.Find(b.args)
	if err == nil && cmd == root {
		err = unknownVerb(root, b.args[0])
	}
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err != nil {
		t.Fatalf("shoal %q: %v", b.args, err)
	}
	return cmd
}

func (b block) run(t *testing.T, dir string, cmd *cobra.Command) {
	t.Helper()
	args := slices.Clone(b.args)
	if b.long != nil {
		has := false
		for _, word := range strings.Fields(*b.long) { // flags, and their values
			if name, flag := strings.CutPrefix(word, "--"); flag {
				has = cmd.Flags().Lookup(name) != nil
			}
			if has {
				args = append(args, word)
			}
		}
	}
	shoal := shoalIn(dir, args...)
	if b.long != nil { // the user's cache, which may have MNIST
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		shoal.Env = append(shoal.Env, "XDG_CACHE_HOME="+cache)
	}
	var log bytes.Buffer
	shoal.Stderr = &log
	out, err := shoal.Output()
	if err != nil {
		t.Fatalf("shoal %q: %v\n%s", args, err, log.String())
	}
	if problem := compareOutput(b.shown, string(out)); problem != "" {
		t.Errorf("shoal %q: %s\nprinted:\n%s", args, problem, out)
	}
}

var notRun, long = regexp.MustCompile(`^<!-- not run: (.+) -->$`), regexp.MustCompile(`^<!-- long: (.*)-->$`)

// blocks finds the blocks. Only lines that begin with `$ shoal` or `$ cat`, after indentation,
// begin a block; it ends with the code block, or with the next command.
func blocks(file, text string) (all []block) {
	var current *block
	finish := func() {
		if current != nil {
			all = append(all, *current)
		}
		current = nil
	}
	next, fenced := block{file: file}, false
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		trimmed := strings.TrimSpace(line)
		code := fenced || strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")
		switch {
		case strings.HasPrefix(trimmed, "```"):
			finish()
			if fenced {
				next = block{file: file}
			}
			fenced = !fenced
		case notRun.MatchString(trimmed):
			finish()
			next.skip = notRun.FindStringSubmatch(trimmed)[1]
		case long.MatchString(trimmed):
			finish()
			next.long = &long.FindStringSubmatch(trimmed)[1]
		case code && strings.HasPrefix(trimmed, "$ "):
			finish()
			if args, ok := command(trimmed); ok {
				b := next
				b.line, b.args = n, args
				current = &b
			}
		case code && current != nil:
			current.shown = append(current.shown, trimmed)
		case trimmed != "" && !code:
			finish()
			next = block{file: file}
		}
	}
	finish()
	return all
}

// command is what a line of a document runs, if it is a command of ours.
func command(line string) ([]string, bool) {
	line, _, _ = strings.Cut(line, " #")
	words := strings.Fields(line)[1:]
	switch {
	case len(words) > 1 && words[0] == "shoal":
		return words[1:], true
	case len(words) == 1 && words[0] == "shoal":
		return nil, false
	}
	return words, len(words) == 2 && words[0] == "cat"
}

// A time differs from run to run; every other number has to be as shown.
var aTime = regexp.MustCompile(`[0-9]+\.[0-9]+ s\b|[0-9]+m[0-9]+s`)

// compareOutput says how the output differs from what is shown, or is empty.
// Nothing shown agrees with everything.
func compareOutput(shown []string, out string) string {
	normal := func(line string) string {
		return strings.Join(strings.Fields(aTime.ReplaceAllString(line, "0 s")), " ")
	}
	var want, got []string
	for _, line := range shown {
		if strings.TrimSpace(line) != "" {
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
	text := "Text.\n\n    $ shoal data list\n    a 12 b\n    ...\n\nMore `$ shoal nosuch` text.\n\n<!-- not run: it takes minutes -->\n\n" +
		"```\n$ shoal run --epochs 2 # slow\n$ ls\n```\n\n    $ go test\n    $ shoal report x\n\n<!-- long: --limit-test 3 -->\n\n    $ shoal run\n    $ cat a.toml\n    b = 1\n"
	all := blocks("x.md", text)
	if len(all) != 5 {
		t.Fatalf("%d blocks: %+v", len(all), all)
	}
	if b := all[0]; b.skip != "" || b.long != nil || len(b.shown) != 2 || b.line != 3 {
		t.Errorf("the first block is %+v", b)
	}
	if b := all[1]; b.skip != "it takes minutes" || strings.Join(b.args, " ") != "run --epochs 2" {
		t.Errorf("the second block is %+v", b)
	}
	if b := all[2]; b.skip != "" || b.long != nil || b.line != 17 {
		t.Errorf("the third block is %+v", b)
	}
	if b := all[3]; b.long == nil || strings.TrimSpace(*b.long) != "--limit-test 3" || len(b.args) != 1 {
		t.Errorf("the fourth block is %+v", b)
	}
	if b := all[4]; b.args[0] != "cat" || len(b.shown) != 1 {
		t.Errorf("the fifth block is %+v", b)
	}
	for _, c := range []struct {
		shown, out string
		same       bool
	}{
		{"a 12 b\n...", "a 12   b\nc\nd\n", true}, {"a 12 b", "a 3.5 b\n", false}, {"a 0.1 s", "a 23.5 s\n", true}, {"a 0.1 s", "a 1m3s\n", true},
		{"a 12 b", "a 12 b\nc\n", false}, {"...\nz", "a\nb\nz\n", true}, {"", "anything", true}, {"a", "b", false},
		{"a\n...\nz", "a\nb\n", false}, {"a", "", false}, {"a ...", "a b\n", true}, {"a ...", "b a\n", false},
	} {
		if got := compareOutput(strings.Split(c.shown, "\n"), c.out) == ""; got != c.same {
			t.Errorf("shown %q, printed %q: same is %v, want %v", c.shown, c.out, got, c.same)
		}
	}
}
