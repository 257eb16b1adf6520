package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shoal/runlog"
)

// TestServe reads the address that serve prints, sees that a second server can't have its port, and
// ends the first as Ctrl-C does.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	run, err := runlog.Create(filepath.Join(dir, "r"), runlog.Meta{Study: "s", Network: "n", Classes: []string{"a", "b"}}, runlog.Examples{Labels: []uint16{0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	if _, err := run.AppendEvaluation(runlog.Evaluation{Predictions: []uint16{0, 0}}); err != nil {
		t.Fatal(err)
	}
	cmd := shoalIn(dir, "serve", "r", "--port", "0")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address = strings.TrimSpace(address)
	for until := time.Now().Add(time.Minute); !readsPage(t, address, "shoal compare adds one"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Errorf("%s never says that a reference is missing", address)
			break
		}
	}
	var port int
	fmt.Sscanf(address, "http://127.0.0.1:%d/", &port)
	second := shoalIn(dir, "serve", "r", "--port", fmt.Sprint(port))
	said, _ := second.CombinedOutput()
	want := fmt.Sprintf("shoal: listen on port %d of 127.0.0.1: the port is in use; name another with --port, or 0 for any that is free\n", port)
	if second.ProcessState.ExitCode() != exitError || string(said) != want {
		t.Errorf("a second server: status %d and %q, want %q", second.ProcessState.ExitCode(), said, want)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || log.Len() > 0 {
		t.Errorf("it ended with %v and said %q", err, log.String())
	}
}

// readsPage reports whether the page at an address has a text. On a busy machine the first answer may come
// before the run was read.
func readsPage(t *testing.T, address, text string) bool {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 {
		t.Fatalf("%s gives %s, %v", address, answer.Status, err)
	}
	return strings.Contains(string(page), text)
}
