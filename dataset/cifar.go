package dataset

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A cifar describes one release of CIFAR-10 or CIFAR-100: the binary or the Python one. Its files
// are the same in the archive and in a folder.
type cifar struct {
	name    string   // for people
	folder  string   // the archive's only folder
	members []member // the files with examples
	python  bool     // pickles instead of records
	labels  int      // bytes before the pixels of a record; the last is the class
	key     string   // where a pickle keeps the classes
	meta    string   // the file of class names, which may be missing
	names   string   // the key of the class names in it, for pickles
}

// A member is a file with some of the examples, in their order.
type member struct {
	name string
	test bool
	part int // which of the parts that the split is cut into
	of   int
}

// cifarMembers lists five training files and the test file, or one of each.
func cifarMembers(train, test, suffix string, parts int) []member {
	var list []member
	for part := range parts {
		name := train
		if parts > 1 {
			name = fmt.Sprintf("%s%d", train, part+1)
		}
		list = append(list, member{name + suffix, false, part, parts})
	}
	return append(list, member{test + suffix, true, 0, 1})
}

func cifar10Binary() cifar {
	return cifar{
		name: "binary release", folder: "cifar-10-batches-bin", labels: 1,
		members: cifarMembers("data_batch_", "test_batch", ".bin", 5), meta: "batches.meta.txt",
	}
}

func cifar10Python() cifar {
	return cifar{
		name: "Python release", folder: "cifar-10-batches-py", python: true, key: "labels",
		members: cifarMembers("data_batch_", "test_batch", "", 5), meta: "batches.meta", names: "label_names",
	}
}

func cifar100Binary() cifar {
	return cifar{
		name: "binary release", folder: "cifar-100-binary", labels: 2,
		members: cifarMembers("train", "test", ".bin", 1), meta: "fine_label_names.txt",
	}
}

func cifar100Python() cifar {
	return cifar{
		name: "Python release", folder: "cifar-100-python", python: true, key: "fine_labels",
		members: cifarMembers("train", "test", "", 1), meta: "meta", names: "fine_label_names",
	}
}

// folderLayout is the unpacked release: in its own folder below dir, or, when bare, in dir itself.
func (c cifar) folderLayout(bare bool) layout {
	prefix := c.folder + "/"
	if bare {
		prefix = ""
	}
	l := layout{name: c.name, vague: bare && len(c.members) == 2}
	for _, m := range c.members {
		l.files = append(l.files, prefix+m.name)
	}
	l.read = func(ctx context.Context, j *job, dir string, _ []string) (train, test Split, err error) {
		into := c.splits(j.spec)
		dir = filepath.Join(dir, filepath.FromSlash(prefix))
		var tasks []func() error
		for _, m := range c.members {
			tasks = append(tasks, func() error { return c.readMember(ctx, j, into, dir, m) })
		}
		if err := inParallel(tasks...); err != nil {
			return train, test, err
		}
		meta := filepath.Join(dir, c.meta)
		data, err := readLimited(ctx, meta, maxMeta)
		if errors.Is(err, fs.ErrNotExist) {
			return into.train, into.test, nil
		}
		if err == nil {
			err = c.checkNames(j, meta, data)
		}
		return into.train, into.test, err
	}
	return l
}

// maxMeta bounds the files of class names.
const maxMeta = 64 << 10

// splits holds both splits while their parts are filled in.
type splits struct{ train, test Split }

func (c cifar) splits(s *spec) *splits {
	make1 := func(n int) Split {
		return Split{Pixels: make([]byte, n*s.features()), Labels: make([]uint16, n)}
	}
	return &splits{make1(s.train), make1(s.test)}
}

// of returns the examples that belong to a member.
func (s *splits) of(m member) (pixels []byte, labels []uint16) {
	whole := s.train
	if m.test {
		whole = s.test
	}
	n := whole.Len() / m.of
	size := whole.size()
	return whole.Pixels[m.part*n*size : (m.part+1)*n*size], whole.Labels[m.part*n : (m.part+1)*n]
}

// maxSize is the most that a member may have: exactly its records, or a pickle of the same pixels
// with names and labels.
func (c cifar) maxSize(s *spec, m member) int64 {
	n := s.train / m.of
	if m.test {
		n = s.test
	}
	if !c.python {
		return int64(n) * int64(s.features()+c.labels)
	}
	// Python 3 writes a byte as up to two; names and labels take below 100.
	return int64(n)*int64(2*s.features()+100) + 4096
}

// readMember reads, checks and decodes one file of an unpacked release.
func (c cifar) readMember(ctx context.Context, j *job, into *splits, dir string, m member) error {
	path := filepath.Join(dir, m.name)
	data, err := readLimited(ctx, path, c.maxSize(j.spec, m))
	if err != nil {
		return err
	}
	pixels, labels := into.of(m)
	if err := c.decode(j.spec, data, pixels, labels); err != nil {
		return fmt.Errorf("%q: %w", path, err)
	}
	return j.checkBytes(path, m.name, data)
}

// checkBytes compares a file that is in memory with its checksum.
func (j *job) checkBytes(path, name string, data []byte) error {
	want, kind, h := j.spec.files[name].checksum()
	if want == "" {
		j.note("%q was checked by its size and labels only: no checksum is published", path)
		return nil
	}
	h.Write(data)
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return j.modified(&modifiedError{path, kind, got, want, notPublished})
	}
	return nil
}

// decode fills in the examples of one file.
func (c cifar) decode(s *spec, data, pixels []byte, labels []uint16) error {
	if c.python {
		return c.decodePickle(s, data, pixels, labels)
	}
	return c.decodeRecords(s, data, pixels, labels)
}

// decodeRecords reads records of label bytes and the planes of one image.
func (c cifar) decodeRecords(s *spec, data, pixels []byte, labels []uint16) error {
	record := c.labels + s.features()
	if got, want := len(data), len(labels)*record; got != want {
		hint := fmt.Sprintf("%d whole records of %d bytes, and %d bytes more", got/record, record, got%record)
		if looksLikeHTML(data[:min(got, 512)]) {
			return errHTML
		}
		return fmt.Errorf("%d bytes, want %d (this is %s): fetch it again", got, want, hint)
	}
	for i := range labels {
		r := data[i*record : (i+1)*record]
		label := r[c.labels-1]
		if int(label) >= len(s.classes) {
			return fmt.Errorf("label %d of record %d, want 0 to %d: the file is damaged or not of this dataset",
				label, i, len(s.classes)-1)
		}
		labels[i] = uint16(label)
		interleave(pixels[i*s.features():(i+1)*s.features()], r[c.labels:], s.channels)
	}
	return nil
}

// interleave turns planes into pixels: dst[p*channels+c] = src[c*plane+p].
func interleave(dst, src []byte, channels int) {
	plane := len(src) / channels
	if channels == 3 {
		r, g, b := src[:plane], src[plane:2*plane], src[2*plane:3*plane]
		for p := range r {
			d := dst[3*p : 3*p+3 : 3*p+3]
			d[0], d[1], d[2] = r[p], g[p], b[p]
		}
		return
	}
	for c := range channels {
		for p := range plane {
			dst[p*channels+c] = src[c*plane+p]
		}
	}
}

// decodePickle reads a pickled dictionary with the array "data", one image a row in planes, and a
// list of labels.
func (c cifar) decodePickle(s *spec, data, pixels []byte, labels []uint16) error {
	dict, err := pickledDict(data)
	if err != nil {
		return err
	}
	array, ok := dict["data"].(*pickleArray)
	if !ok {
		return errors.New("no array of bytes called \"data\" in it: not a file of the Python release")
	}
	n, size := len(labels), s.features()
	if len(array.shape) != 2 || array.shape[0] != int64(n) || array.shape[1] != int64(size) {
		return fmt.Errorf("array of shape %v, want [%d %d]", array.shape, n, size)
	}
	list, ok := dict[c.key].(*pickleList)
	if !ok || len(list.items) != n {
		return fmt.Errorf("no list of %d labels called %q in it", n, c.key)
	}
	for i, item := range list.items {
		label, ok := item.(int64)
		if !ok || label < 0 || label >= int64(len(s.classes)) {
			return fmt.Errorf("label %v of example %d, want 0 to %d", item, i, len(s.classes)-1)
		}
		labels[i] = uint16(label)
	}
	row := make([]byte, size)
	for i := range n {
		from := array.data[i*size:][:size]
		if array.fortran {
			for k := range row {
				row[k] = array.data[k*n+i]
			}
			from = row
		}
		interleave(pixels[i*size:(i+1)*size], from, s.channels)
	}
	return nil
}

func pickledDict(data []byte) (pickleDict, error) {
	if looksLikeHTML(data[:min(len(data), 512)]) {
		return nil, errHTML
	}
	value, err := unpickle(data)
	if err != nil {
		return nil, err
	}
	dict, ok := value.(pickleDict)
	if !ok {
		return nil, errors.New("the pickle is no dictionary: not a file of the Python release")
	}
	return dict, nil
}

// checkNames compares the release's class names with the catalogue's: names in another order mean
// labels of another meaning.
func (c cifar) checkNames(j *job, path string, data []byte) error {
	var names []string
	if !c.python {
		names = strings.Fields(string(data)) // one a line
	} else {
		dict, err := pickledDict(data)
		if err != nil {
			return fmt.Errorf("%q: %w", path, err)
		}
		list, ok := dict[c.names].(*pickleList)
		if !ok {
			return fmt.Errorf("%q: no list called %q in it", path, c.names)
		}
		for _, item := range list.items {
			name, _ := item.([]byte)
			names = append(names, string(name))
		}
	}
	if got, want := strings.Join(names, " "), strings.Join(j.spec.classes, " "); got != want {
		return j.modified(&modifiedError{
			path, "class names", fmt.Sprintf("%.60q", got), fmt.Sprintf("%.60q", want), notPublished,
		})
	}
	return nil
}

// readLimited reads a file of at most max bytes.
func readLimited(ctx context.Context, path string, max int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > max {
		return nil, fmt.Errorf("%q: %d bytes, want at most %d: not a file of this dataset", path, info.Size(), max)
	}
	return readExactly(contextReader{ctx, f}, info.Size(), path)
}
