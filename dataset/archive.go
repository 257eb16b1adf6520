package dataset

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// archiveLayout is the release as its .tar.gz, under any of the names, or as the .tar that browsers
// make of it.
func (c cifar) archiveLayout(file string) layout {
	return layout{
		name: c.name + " (" + file + ")", files: []string{file}, others: archiveEndings,
		read: func(ctx context.Context, j *job, dir string, names []string) (train, test Split, err error) {
			path := filepath.Join(dir, names[0])
			into := c.splits(j.spec)
			if isTar(path) {
				j.membersOnly = true
				return into.train, into.test, c.readArchive(ctx, j, into, path)
			}
			err = inParallel(
				func() error { return c.readArchive(ctx, j, into, path) },
				func() error { return j.checkWhole(ctx, path, file) },
			)
			return into.train, into.test, err
		},
	}
}

// archiveEndings lists the names that a .tar.gz also has.
func archiveEndings(name string) []string {
	stem := strings.TrimSuffix(name, ".tar.gz")
	return []string{stem + ".tgz", stem + ".tar"}
}

// isTar reports whether an archive is one that was unpacked by half: no checksum of it is published,
// only of its members.
func isTar(path string) bool { return strings.HasSuffix(path, ".tar") }

// checkWhole compares an archive with its checksum.
func (j *job) checkWhole(ctx context.Context, path, name string) error {
	known, err := checkFile(ctx, path, j.spec.files[name])
	var differs *modifiedError
	if errors.As(err, &differs) {
		return j.modified(differs)
	}
	if err == nil && !known {
		j.note("%q was checked by its content only: no checksum is published", path)
	}
	return err
}

func (c cifar) readArchive(ctx context.Context, j *job, into *splits, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	unpacked := io.Reader(bufio.NewReaderSize(contextReader{ctx, f}, mib))
	if !isTar(path) {
		unpacked, err = openGzip(unpacked)
	}
	if err == nil {
		err = c.readTar(j, into, unpacked, path)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrModified):
		return err // names the path itself
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return fmt.Errorf("%q: archive cut short (%w): fetch it again", path, err)
	case err != nil:
		return fmt.Errorf("%q: %w", path, err)
	}
	return nil
}

// readTar decodes the members in the order of the archive. Nothing is written to disk, so an
// entry's name decides only what it is compared with; names that would climb out of a folder are
// refused because no official archive has them.
func (c cifar) readTar(j *job, into *splits, r io.Reader, archive string) error {
	limited := &limitReader{r: r, left: c.maxTotal(j.spec)}
	entries := tar.NewReader(limited)
	seen := map[string]bool{}
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("not a whole tar archive: %w", err)
		}
		name, err := c.entryName(header)
		if err != nil {
			return err
		}
		if name != "" && seen[name] {
			return fmt.Errorf("entry %q comes twice", header.Name)
		}
		seen[name] = true
		if err := c.readEntry(j, into, entries, header, name, archive); err != nil {
			return fmt.Errorf("entry %q: %w", header.Name, err)
		}
	}
	for _, m := range c.members {
		if !seen[m.name] {
			return fmt.Errorf("no entry %q in the archive: not the official one", c.folder+"/"+m.name)
		}
	}
	// The checksum of the gzip stream comes after the end of the archive.
	_, err := io.Copy(io.Discard, limited)
	return err
}

// maxTotal bounds what an archive may unpack to.
func (c cifar) maxTotal(s *spec) int64 {
	total := int64(16 * mib) // headers, padding, and the read-me
	for _, m := range c.members {
		total += c.maxSize(s, m)
	}
	return total
}

// entryName returns the name below the release's folder, "" for a folder, and refuses what no
// official archive has.
func (c cifar) entryName(h *tar.Header) (string, error) {
	clean := path.Clean(h.Name)
	switch {
	case path.IsAbs(h.Name) || strings.Contains(h.Name, "\\") || strings.Contains("/"+h.Name+"/", "/../"):
		return "", fmt.Errorf("entry %q: a path that leaves the folder; don't use this archive", h.Name)
	case h.Typeflag == tar.TypeDir:
	case h.Typeflag != tar.TypeReg:
		return "", fmt.Errorf("entry %q: a link or device (type %q), want files only; don't use this archive", h.Name, h.Typeflag)
	}
	folder, name, below := strings.Cut(clean, "/")
	if folder != c.folder && clean != "." {
		return "", fmt.Errorf("entry %q: want all of the archive in %q: not the %s of this dataset", h.Name, c.folder, c.name)
	}
	if !below || h.Typeflag == tar.TypeDir {
		return "", nil
	}
	return name, nil
}

// readEntry decodes an entry that is needed and skips any other.
func (c cifar) readEntry(j *job, into *splits, r io.Reader, h *tar.Header, name, archive string) error {
	at := slices.IndexFunc(c.members, func(m member) bool { return m.name == name })
	limit := int64(maxMeta)
	switch {
	case at >= 0:
		limit = c.maxSize(j.spec, c.members[at])
	case name != c.meta:
		return nil
	}
	if h.Size > limit {
		return fmt.Errorf("%d bytes, want at most %d", h.Size, limit)
	}
	data, err := readExactly(r, h.Size, h.Name)
	if err != nil {
		return err
	}
	if at < 0 {
		return c.checkNames(j, archive+":"+h.Name, data)
	}
	pixels, labels := into.of(c.members[at])
	if err := c.decode(j.spec, data, pixels, labels); err != nil || !j.membersOnly {
		return err
	}
	return j.checkBytes(archive+":"+h.Name, name, data)
}

// readExactly reads size bytes. The buffer grows with what arrives, so a false header costs no
// memory.
func readExactly(r io.Reader, size int64, name string) ([]byte, error) {
	const chunk = 64 * mib
	data := make([]byte, 0, min(size, chunk))
	for int64(len(data)) < size {
		start := len(data)
		n := int(min(size-int64(start), chunk))
		data = append(data, make([]byte, n)...)
		if got, err := io.ReadFull(r, data[start:]); err != nil {
			return nil, fmt.Errorf("%q: cut short after %d of %d bytes: %w", name, start+got, size, err)
		}
	}
	return data, nil
}

// A limitReader returns an error beyond its limit, not just the end of the stream.
type limitReader struct {
	r    io.Reader
	left int64
}

var errTooLarge = errors.New("unpacks to far more than the official archive: don't use this archive")

func (l *limitReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLarge
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}
