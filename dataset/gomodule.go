package dataset

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"shoal/internal/atomicfile"
)

// moduleTimeout bounds the download of a module of a few MB.
const moduleTimeout = 3 * time.Minute

// fromModule lets the go command fetch a module that carries the files and copies them to the
// cache.
func (src Source) fromModule(ctx context.Context, s *spec, dir string, names []string) ([]string, error) {
	folder, err := s.module.download(ctx, cmp.Or(src.GoCommand, "go"))
	if err != nil {
		return names, err
	}
	for i, name := range names {
		from := filepath.Join(folder, s.module.folder, name)
		if err := install(ctx, from, filepath.Join(dir, name), s.files[name]); err != nil {
			return names[i:], err
		}
		src.say("copied " + name + " from the Go module " + s.module.path)
	}
	return nil, nil
}

// download returns the folder of the module in the module cache. It runs outside of any module, so
// it changes no go.mod; the checksum database is not used because every file is compared with a
// SHA-256 of its own.
func (m *module) download(ctx context.Context, goCommand string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, moduleTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, goCommand, "mod", "download", "-json", m.path+"@"+m.version)
	cmd.Dir = os.TempDir()
	cmd.Env = append(os.Environ(), "GO111MODULE=on", "GOFLAGS=", "GOWORK=off", "GONOSUMDB="+m.path, "GOTOOLCHAIN=local")
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("there is no %q command: install Go, or put the files into a folder yourself", goCommand)
	}
	var answer struct{ Dir, Error string }
	if json.Unmarshal(stdout.Bytes(), &answer) != nil && err == nil {
		return "", fmt.Errorf("`%s mod download` printed no JSON", goCommand)
	}
	switch {
	case answer.Error != "":
		return "", fmt.Errorf("`%s mod download` failed: %s", goCommand, firstLine(answer.Error))
	case err != nil:
		return "", fmt.Errorf("`%s mod download` failed: %w: %s", goCommand, err, firstLine(stderr.String()))
	case answer.Dir == "":
		return "", fmt.Errorf("`%s mod download` named no folder", goCommand)
	}
	return answer.Dir, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// install copies a file into the cache under a temporary name, checks it and only then renames it.
func install(ctx context.Context, from, to string, f file) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	part := to + ".part"
	out, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return unwritable(to, err)
	}
	_, err = io.Copy(out, io.LimitReader(contextReader{ctx, in}, f.max+1))
	if err != nil {
		out.Close()
		os.Remove(part)
		return unwritable(to, err)
	}
	return settle(ctx, out, to, f)
}

// settle checks a complete partial file and gives it its name. On failure nothing is left of it.
func settle(ctx context.Context, out *os.File, to string, f file) error {
	if err := checkDownload(ctx, out.Name(), to, f); err != nil {
		out.Close()
		os.Remove(out.Name())
		return err
	}
	if err := atomicfile.Place(out, to); err != nil {
		return unwritable(to, err)
	}
	return nil
}
