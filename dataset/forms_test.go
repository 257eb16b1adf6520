package dataset

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"shoal/internal/npy"
)

// A form is one way to store a dataset, with a writer for small ones: what the conformance suite
// runs over.
type form struct {
	name   string
	layout layout
	shape  [3]int
	write  func(t testing.TB, dir string, set *Set)
}

// spec describes a small dataset in this form, as yet without checksums.
func (f form) spec() *spec {
	return &spec{
		name: "small", classes: []string{"ant", "bee", "cow"},
		height: f.shape[0], width: f.shape[1], channels: f.shape[2], train: 20, test: 6,
		fetch: f.layout.files, files: map[string]file{}, layouts: []layout{f.layout}, folders: []string{"small", "."},
	}
}

// set makes the examples that belong to a spec; salt makes others.
func (s *spec) set(salt int) *Set {
	set := &Set{Name: s.name, Classes: s.classes, Height: s.height, Width: s.width, Channels: s.channels}
	fill := func(split *Split, n, salt int) {
		split.Pixels = make([]byte, n*s.features())
		for i := range split.Pixels {
			split.Pixels[i] = byte(i*7 + i/256*3 + salt)
		}
		for i := range n {
			split.Labels = append(split.Labels, uint16((i*i+salt)%len(s.classes)))
		}
	}
	fill(&set.Train, s.train, salt)
	fill(&set.Test, s.test, salt+1)
	return set
}

// publish makes the files in dir the published ones.
func (s *spec) publish(t testing.TB, dir string) {
	for _, name := range s.layouts[0].files {
		data := must(os.ReadFile(filepath.Join(dir, name)))(t)
		sum := md5.Sum(data)
		f := file{md5: hex.EncodeToString(sum[:]), max: 1 << 20}
		if strings.Contains(name, "ubyte") {
			sum := sha256.Sum256(data)
			f.sha256 = hex.EncodeToString(sum[:])
			if strings.HasSuffix(name, ".gz") {
				data = gunzip(t, data)
			}
			sum = sha256.Sum256(data)
			f.raw = hex.EncodeToString(sum[:])
			name = gzName(name)
		}
		s.files[path.Base(name)] = f
	}
	if s.layouts[0].files[0] == "mnist.npz" {
		scratch := t.TempDir()
		writeIDX(idxNames(""))(t, scratch, s.set(0))
		for _, name := range idxNames("") {
			sum := sha256.Sum256(must(os.ReadFile(filepath.Join(scratch, name)))(t))
			s.files[gzName(name)] = file{raw: hex.EncodeToString(sum[:])}
		}
	}
}

func forms() []form {
	grey, colour := [3]int{4, 5, 1}, [3]int{4, 4, 3}
	list := []form{
		{"IDX gzipped", idxNamed(idxNames(".gz")), grey, writeIDX(idxNames(".gz"))},
		{"IDX", idxNamed(idxNames("")), grey, writeIDX(idxNames(""))},
		{"IDX as others have it", idxNamed(otherNames), grey, writeIDX(otherNames)},
		{"npz", npzLayout(), grey, writeNPZ},
	}
	for _, c := range []cifar{cifar10Binary(), cifar100Binary(), cifar10Python(), cifar100Python()} {
		list = append(list,
			form{c.folder, c.folderLayout(false), colour, writeCIFAR(c, c.folder, pickler{})},
			form{c.folder + " bare", c.folderLayout(true), colour, writeCIFAR(c, "", pickler{})},
			form{c.folder + ".tar.gz", c.archiveLayout("c.tar.gz"), colour, writeArchive(c)})
		if c.python {
			list = append(list,
				form{c.folder + " of Python 3", c.folderLayout(false), colour, writeCIFAR(c, c.folder, pickler{three: true})},
				form{c.folder + " in Fortran order", c.folderLayout(false), colour, writeCIFAR(c, c.folder, pickler{fortran: true})})
		}
	}
	return list
}

func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func put(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func gzipped(t testing.TB, data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gunzip(t testing.TB, data []byte) []byte {
	r := must(gzip.NewReader(bytes.NewReader(data)))(t)
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func narrow(labels []uint16) (out []byte) {
	for _, label := range labels {
		out = append(out, byte(label))
	}
	return out
}

// idx renders an IDX file.
func idx(data []byte, dims ...int) []byte {
	out := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		out = binary.BigEndian.AppendUint32(out, uint32(d))
	}
	return append(out, data...)
}

func writeIDX(names []string) func(testing.TB, string, *Set) {
	return func(t testing.TB, dir string, set *Set) {
		for i, split := range []Split{set.Train, set.Test} {
			for k, data := range [][]byte{
				idx(split.Pixels, split.Len(), set.Height, set.Width), idx(narrow(split.Labels), split.Len()),
			} {
				if strings.HasSuffix(names[2*i+k], ".gz") {
					data = gzipped(t, data)
				}
				put(t, filepath.Join(dir, names[2*i+k]), data)
			}
		}
	}
}

func writeNPZ(t testing.TB, dir string, set *Set) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, split := range []Split{set.Train, set.Test} {
		part := []string{"train", "test"}[i]
		x := must(z.Create("x_" + part + ".npy"))(t)
		if err := npy.Write(x, split.Pixels, split.Len(), set.Height, set.Width); err != nil {
			t.Fatal(err)
		}
		y := must(z.Create("y_" + part + ".npy"))(t)
		if err := npy.Write(y, narrow(split.Labels)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "mnist.npz"), b.Bytes())
}

// planes turns one image back into its planes.
func planes(image []byte, channels int) (out []byte) {
	for c := range channels {
		for p := c; p < len(image); p += channels {
			out = append(out, image[p])
		}
	}
	return out
}

// content renders the files of a release of CIFAR.
func (c cifar) content(set *Set, p pickler) map[string][]byte {
	files := map[string][]byte{}
	for _, m := range c.members {
		split := set.Train
		if m.test {
			split = set.Test
		}
		n := split.Len() / m.of
		end := (m.part + 1) * n
		if m.part == m.of-1 {
			end = split.Len() // an example too many must show
		}
		var records, pixels []byte
		for i := m.part * n; i < end; i++ {
			record := append(bytes.Repeat([]byte{99}, max(c.labels-1, 0)), byte(split.Labels[i])) // 99: the coarse label
			records = append(append(records, record...), planes(split.Image(i), set.Channels)...)
			pixels = append(pixels, planes(split.Image(i), set.Channels)...)
		}
		files[m.name] = records
		if c.python {
			files[m.name] = p.batch(c.key, split.Labels[m.part*n:end], pixels, set.Features())
		}
	}
	if c.python {
		files[c.meta] = p.names(c.names, set.Classes)
	} else {
		files[c.meta] = []byte(strings.Join(set.Classes, "\n") + "\n\n")
	}
	return files
}

func writeCIFAR(c cifar, folder string, p pickler) func(testing.TB, string, *Set) {
	return func(t testing.TB, dir string, set *Set) {
		for name, data := range c.content(set, p) {
			put(t, filepath.Join(dir, folder, name), data)
		}
	}
}

func writeArchive(c cifar) func(testing.TB, string, *Set) {
	return func(t testing.TB, dir string, set *Set) {
		entries := []tar.Header{{Name: c.folder + "/", Typeflag: tar.TypeDir}}
		files := c.content(set, pickler{})
		for name := range files {
			entries = append(entries, tar.Header{Name: c.folder + "/" + name})
		}
		files["readme.html"] = []byte("<html>read me</html>")
		entries = append(entries, tar.Header{Name: c.folder + "/readme.html"})
		slices.SortFunc(entries, func(a, b tar.Header) int { return strings.Compare(a.Name, b.Name) })
		put(t, filepath.Join(dir, "c.tar.gz"), gzipped(t, tarball(t, entries, files)))
	}
}

// tarball renders an archive; an entry's data is found by its last element.
func tarball(t testing.TB, entries []tar.Header, files map[string][]byte) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range entries {
		data := files[path.Base(h.Name)]
		h.Mode, h.Size = 0o644, int64(len(data))
		if h.Typeflag != 0 && h.Typeflag != tar.TypeReg {
			h.Size, data = 0, nil
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A pickler writes pickles as Python 2 and numpy wrote those of the release, or as Python 3 writes
// them with protocol 2.
type pickler struct {
	three, fortran bool
	b              bytes.Buffer
	memo           int
}

func (p *pickler) op(s string) { p.b.WriteString(s) }

// keep memoises what was just written, as Python does with every value.
func (p *pickler) keep() {
	if p.memo < 256 {
		p.b.Write([]byte{'q', byte(p.memo)})
	} else {
		p.b.Write(binary.LittleEndian.AppendUint32([]byte{'r'}, uint32(p.memo)))
	}
	p.memo++
}

func (p *pickler) text(s string) {
	if p.three {
		text := ""
		for _, c := range []byte(s) {
			text += string(rune(c))
		}
		p.op("c_codecs\nencode\n")
		p.keep()
		p.b.Write(binary.LittleEndian.AppendUint32([]byte{'X'}, uint32(len(text))))
		p.op(text)
		p.keep()
		p.op("X\x06\x00\x00\x00latin1")
		p.keep()
		p.op("\x86")
		p.keep()
		p.op("R")
	} else if len(s) < 256 {
		p.b.Write([]byte{'U', byte(len(s))})
		p.op(s)
	} else {
		p.b.Write(binary.LittleEndian.AppendUint32([]byte{'T'}, uint32(len(s))))
		p.op(s)
	}
	p.keep()
}

func (p *pickler) integer(n int) {
	if n < 256 {
		p.b.Write([]byte{'K', byte(n)})
	} else {
		p.b.Write(binary.LittleEndian.AppendUint16([]byte{'M'}, uint16(n)))
	}
}

// batch pickles one file of examples.
func (p pickler) batch(key string, labels []uint16, pixels []byte, size int) []byte {
	n := len(labels)
	p.op("\x80\x02}")
	p.keep()
	p.op("(")
	p.text("batch_label")
	p.text("training batch 1 of 5")
	p.text(key)
	p.op("]")
	p.keep()
	p.op("(")
	for _, label := range labels {
		p.integer(int(label))
	}
	p.op("e")
	p.text("data")
	p.array(pixels, n, size)
	p.text("filenames")
	p.op("]")
	p.keep()
	p.op("(")
	for i := range labels {
		p.text(fmt.Sprintf("thing_s_%06d.png", i))
	}
	p.op("eu.")
	return p.b.Bytes()
}

// array pickles a numpy array of bytes, n × size.
func (p *pickler) array(pixels []byte, n, size int) {
	order := "\x89"
	if p.fortran {
		order = "\x88"
		turned := make([]byte, 0, n*size)
		for k := range size {
			for i := range n {
				turned = append(turned, pixels[i*size+k])
			}
		}
		pixels = turned
	}
	core := "numpy.core"
	if p.three {
		core = "numpy._core"
	}
	p.op("c" + core + ".multiarray\n_reconstruct\n")
	p.keep()
	p.op("cnumpy\nndarray\n")
	p.keep()
	p.op("K\x00\x85")
	p.keep()
	p.text("b")
	p.op("\x87")
	p.keep()
	p.op("R")
	p.keep()
	p.op("(K\x01")
	p.integer(n)
	p.integer(size)
	p.op("\x86")
	p.keep()
	p.op("cnumpy\ndtype\n")
	p.keep()
	p.op("U\x02u1K\x00K\x01\x87")
	p.keep()
	p.op("R")
	p.keep()
	p.op("(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t")
	p.keep()
	p.op("b" + order)
	p.text(string(pixels))
	p.op("t")
	p.keep()
	p.op("b")
}

// list pickles a key and its list of texts.
func (p *pickler) list(key string, texts []string) {
	p.text(key)
	p.op("]")
	p.keep()
	p.op("(")
	for _, text := range texts {
		p.text(text)
	}
	p.op("e")
}

// names pickles the file of class names.
func (p pickler) names(key string, names []string) []byte {
	p.op("\x80\x02}")
	p.keep()
	p.op("(")
	p.text("num_vis")
	p.op("M\x00\x0c")
	p.list(key, names)
	p.op("u.")
	return p.b.Bytes()
}
