package dataset

import (
	"archive/tar"
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// smallArchive is a small CIFAR-10 as an archive whose entries a test changes.
func smallArchive(t *testing.T) (c cifar, s *spec, files map[string][]byte, entries []tar.Header) {
	c = cifar10Binary()
	s = form{"", c.archiveLayout("c.tar.gz"), [3]int{4, 4, 3}, nil}.spec()
	files = c.content(s.set(0), pickler{})
	entries = []tar.Header{{Name: c.folder + "/", Typeflag: tar.TypeDir}, {Name: c.folder + "/" + c.meta}}
	for _, m := range c.members {
		entries = append(entries, tar.Header{Name: c.folder + "/" + m.name})
	}
	return c, s, files, entries
}

func TestHostileArchives(t *testing.T) {
	type archive struct {
		what, want string
		change     func(entries []tar.Header, files map[string][]byte) []tar.Header
	}
	add := func(h tar.Header) func([]tar.Header, map[string][]byte) []tar.Header {
		return func(e []tar.Header, _ map[string][]byte) []tar.Header { return append(e, h) }
	}
	const in = "cifar-10-batches-bin/"
	for _, a := range []archive{
		{"climbs", "leaves the folder", add(tar.Header{Name: in + "../../evil"})},
		{"climbs at once", "leaves the folder", add(tar.Header{Name: "../evil"})},
		{"climbs at the end", "leaves the folder", add(tar.Header{Name: in + "a/..", Typeflag: tar.TypeDir})},
		{"climbs as on Windows", "leaves the folder", add(tar.Header{Name: in + `..\evil`})},
		{"absolute", "leaves the folder", add(tar.Header{Name: "/etc/evil"})},
		{"symbolic link", "a link or device", add(tar.Header{Name: in + "l", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"})},
		{"hard link", "a link or device", add(tar.Header{Name: in + "l", Typeflag: tar.TypeLink, Linkname: in + "test_batch.bin"})},
		{"device", "a link or device", add(tar.Header{Name: in + "null", Typeflag: tar.TypeChar})},
		{"pipe", "a link or device", add(tar.Header{Name: in + "pipe", Typeflag: tar.TypeFifo})},
		{"another folder", "want all of the archive in", add(tar.Header{Name: "cifar-10-batches-py/test_batch"})},
		{"a file outside", "want all of the archive in", add(tar.Header{Name: "test_batch.bin"})},
		{"an entry twice", "comes twice", add(tar.Header{Name: in + "test_batch.bin"})},
		{"a member as a link", "a link or device", func(e []tar.Header, _ map[string][]byte) []tar.Header {
			e[2].Typeflag, e[2].Linkname = tar.TypeSymlink, "/dev/zero"
			return e
		}},
		{"a member missing", "no entry", func(e []tar.Header, _ map[string][]byte) []tar.Header { return e[:len(e)-1] }},
		{"a member as a folder", "no entry", func(e []tar.Header, _ map[string][]byte) []tar.Header {
			e[2].Typeflag = tar.TypeDir
			return e
		}},
		{"a large member", "want at most", func(e []tar.Header, f map[string][]byte) []tar.Header {
			f["test_batch.bin"] = append(f["test_batch.bin"], 0)
			return e
		}},
		{"large names", "want at most", func(e []tar.Header, f map[string][]byte) []tar.Header {
			f["batches.meta.txt"] = make([]byte, maxMeta+1)
			return e
		}},
		{"other names", "class names", func(e []tar.Header, f map[string][]byte) []tar.Header {
			f["batches.meta.txt"] = []byte("bee\nant\ncow\n")
			return e
		}},
		{"a bomb", "unpacks to far more", func(e []tar.Header, f map[string][]byte) []tar.Header {
			f["zeros"] = make([]byte, 17*mib)
			return append(e, tar.Header{Name: in + "zeros"})
		}},
	} {
		_, s, files, entries := smallArchive(t)
		entries = a.change(entries, files)
		dir := t.TempDir()
		put(t, filepath.Join(dir, "c.tar.gz"), gzipped(t, tarball(t, entries, files)))
		s.files = map[string]file{}
		if a.what == "other names" { // may be allowed
			if _, err := loadFrom(s, dir, false); err == nil || !strings.Contains(err.Error(), a.want) {
				t.Errorf("%s: error %v, want %q", a.what, err, a.want)
			}
			continue
		}
		fails(t, a.what, s, dir, a.want)
	}
}

func TestArchivesThatAreNone(t *testing.T) {
	_, s, files, entries := smallArchive(t)
	whole := tarball(t, entries, files)
	for what, data := range map[string][]byte{
		"not gzip":         whole,
		"text":             gzipped(t, []byte("hello")),
		"nothing inside":   gzipped(t, nil),
		"an unpacked cut":  gzipped(t, whole[:len(whole)/2]),
		"wrong gzip sum":   flip(gzipped(t, whole), -6),
		"bombs at the end": gzipped(t, append(bytes.Clone(whole), make([]byte, 17*mib)...)),
	} {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "c.tar.gz"), data)
		fails(t, what, s, dir, "c.tar.gz")
	}
}

// flip changes one byte; at counts from the end if negative.
func flip(data []byte, at int) []byte {
	if at < 0 {
		at += len(data)
	}
	data[at] ^= 0xff
	return data
}

// TestOfficialClassNames rebuilds the pickles of the class names byte by byte: their published MD5
// proves both the names and that the test's pickles are written as those of the release.
func TestOfficialClassNames(t *testing.T) {
	sum := func(data []byte) string {
		s := md5.Sum(data)
		return hex.EncodeToString(s[:])
	}
	p := pickler{memo: 1}
	p.op("\x80\x02}")
	p.keep()
	p.op("(")
	p.text("num_cases_per_batch")
	p.op("M\x10\x27")
	p.list("label_names", cifar10().classes)
	p.text("num_vis")
	p.op("M\x00\x0cu.")
	if got := sum(p.b.Bytes()); got != "5ff9c542aee3614f3951f8cda6e48888" {
		t.Errorf("batches.meta has MD5 %s", got)
	}
	p = pickler{memo: 1}
	p.op("\x80\x02}")
	p.keep()
	p.op("(")
	p.list("fine_label_names", cifar100().classes)
	p.list("coarse_label_names", strings.Fields(`aquatic_mammals fish flowers food_containers
		fruit_and_vegetables household_electrical_devices household_furniture insects large_carnivores
		large_man-made_outdoor_things large_natural_outdoor_scenes large_omnivores_and_herbivores
		medium_mammals non-insect_invertebrates people reptiles small_mammals trees vehicles_1 vehicles_2`))
	p.op("u.")
	if got := sum(p.b.Bytes()); got != "7973b15100ade9c7d40fb424638fde48" {
		t.Errorf("meta has MD5 %s", got)
	}
	if err := cifar100Python().checkNames(&job{spec: cifar100()}, "meta", p.b.Bytes()); err != nil {
		t.Error(err)
	}
}

func TestHostilePickles(t *testing.T) {
	python := cifar10Python()
	s := form{"", python.folderLayout(true), [3]int{4, 4, 3}, nil}.spec()
	set := s.set(0)
	good := string(python.content(set, pickler{})["test_batch"])
	if _, err := unpickle([]byte(good)); err != nil {
		t.Fatal(err)
	}
	deep := strings.Repeat("(", maxPickleValues+5)
	for what, c := range map[string]struct{ data, want string }{
		"runs a command":       {"\x80\x02cos\nsystem\nU\x04true\x85R.", "not allowed"},
		"imports builtins":     {"\x80\x02c__builtin__\neval\n.", "not allowed"},
		"numpy's own loader":   {"\x80\x02cnumpy\nload\n.", "not allowed"},
		"protocol 0":           {"cos\nsystem\n(S'true'\ntR.", "not allowed"},
		"protocol 4":           {"\x80\x04\x95", "protocol 4"},
		"protocol twice":       {"\x80\x02\x80\x02}.", "protocol"},
		"INST":                 {"\x80\x02(ios\nsystem\n.", "not allowed"},
		"OBJ":                  {"\x80\x02(cnumpy\ndtype\no.", "not allowed"},
		"NEWOBJ":               {"\x80\x02cnumpy\ndtype\n)\x81.", "not allowed"},
		"EXT1":                 {"\x80\x02\x82\x01.", "not allowed"},
		"PERSID":               {"\x80\x02Pabc\n.", "not allowed"},
		"LONG4":                {"\x80\x02\x8b\xff\xff\xff\x7f", "not allowed"},
		"calls a string":       {"\x80\x02U\x01a)R.", "a call that no official file makes"},
		"calls with a list":    {"\x80\x02cnumpy\ndtype\n]R.", "no tuple"},
		"dtype of objects":     {"\x80\x02cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R.", "unsigned bytes"},
		"reconstructs another": {"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\ndtype\nK\x00\x85U\x01b\x87R.", "a call"},
		"another coding":       {"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aU\x05utf-7\x86R.", "a call"},
		"text beyond Latin-1":  {"\x80\x02c_codecs\nencode\nX\x03\x00\x00\x00€U\x06latin1\x86R.", "Latin-1"},
		"one text many times": {"\x80\x02U\xc8" + strings.Repeat("a", 200) + "q\x00c_codecs\nencode\nq\x01" +
			strings.Repeat("h\x01h\x00U\x06latin1\x86R", 100) + ".", "a call"},
		"an array without a state": {"\x80\x02}U\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87Rs.", "array of shape []"},
		"no value":                 {"\x80\x02.", "middle of a value"},
		"two values":               {"\x80\x02}}.", "middle of a value"},
		"an open mark":             {"\x80\x02}(.", "middle of a value"},
		"more than one pickle":     {"\x80\x02}.}.", "follow the end"},
		"nothing":                  {"", "cut short"},
		"no dictionary":            {"\x80\x02].", "no dictionary"},
		"an empty dictionary":      {"\x80\x02}.", `called "data"`},
		"pops an empty stack":      {"\x80\x02\x86.", "nothing on the stack"},
		"pops beyond a mark":       {"\x80\x02}(K\x01s.", "nothing on the stack"},
		"no mark":                  {"\x80\x02]e.", "no mark"},
		"appends to a number":      {"\x80\x02K\x01K\x02a.", "no list"},
		"sets in a list":           {"\x80\x02]K\x02K\x01s.", "no dictionary"},
		"a number as key":          {"\x80\x02}K\x02K\x01s.", "no string"},
		"a dictionary as key":      {"\x80\x02}}K\x01s.", "no string"},
		"an unknown memo":          {"\x80\x02h\x05.", "no value 5"},
		"memo of nothing":          {"\x80\x02q\x05.", "nothing on the stack"},
		"a name without end":       {"\x80\x02cnumpy", "without its end"},
		"a long string":            {"\x80\x02T\xff\xff\xff\xffabc.", "cut short"},
		"a negative string":        {"\x80\x02T\x00\x00\x00\x80abc.", "cut short"},
		"many marks":               {"\x80\x02" + strings.Repeat(deep, 5), "more than"},
		"many values":              {"\x80\x02" + strings.Repeat("N", maxPickleValues+5), "more than"},
		"a label too many":         {strings.Replace(good, "K\x01K\x02", "K\x01K\x01K\x02", 1), "list of 6 labels"},
		"another label":            {strings.Replace(good, "K\x01K\x02", "K\x01K\x09", 1), "label 9 of example"},
		"other rows":               {strings.Replace(good, "K\x06K\x30\x86", "K\x30K\x06\x86", 1), "array of shape [48 6]"},
		"fewer rows than bytes":    {strings.Replace(good, "K\x06K\x30\x86", "K\x05K\x30\x86", 1), "doesn't match its bytes"},
		"an overflowing shape":     {strings.Replace(good, "K\x06K\x30\x86", "M\xff\x7fM\xff\x7f\x86", 1), "doesn't match its bytes"},
		"another key":              {strings.Replace(good, "U\x06labels", "U\x06lebals", 1), `called "labels"`},
	} {
		if c.data == good {
			t.Errorf("%s: the test changed nothing", what)
		}
		err := python.decode(s, []byte(c.data), make([]byte, len(set.Test.Pixels)), make([]uint16, 6))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q", what, err, c.want)
		}
	}
}

func TestClassNamesOfAnUnpackedRelease(t *testing.T) {
	tried := 0
	for _, f := range forms() {
		if strings.HasSuffix(f.name, ".tar.gz") || !strings.HasPrefix(f.name, "cifar") {
			continue
		}
		tried++
		s, dir := f.spec(), t.TempDir()
		f.write(t, dir, s.set(0))
		s.publish(t, dir)
		other := s.set(0)
		other.Classes = []string{"bee", "ant", "cow"}
		f.write(t, dir, other)
		if _, err := loadFrom(s, dir, false); err == nil || !strings.Contains(err.Error(), "class names") {
			t.Errorf("%s: error %v, want that the class names differ", f.name, err)
		}
		for _, c := range []cifar{cifar10Binary(), cifar10Python(), cifar100Binary(), cifar100Python()} {
			os.Remove(filepath.Join(dir, filepath.Dir(f.layout.files[0]), c.meta))
		}
		if _, err := loadFrom(s, dir, false); err != nil {
			t.Errorf("%s without its class names: %v", f.name, err)
		}
	}
	if tried < 12 {
		t.Errorf("%d forms of unpacked releases, want at least 12", tried)
	}
}
