package smalltoml

import (
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	repeat := strings.Repeat
	for what, c := range map[string]struct{ text, want string }{
		"a study":              {"name = \"x\" # [a.b.c]\n[data]\ndataset = 'mnist'\nlist = [1.5, 2.5, 3.5]\n", ""},
		"dots in strings":      {"a = \"" + repeat(".[", 400) + "\"\nb = '" + repeat("{.", 400) + "'\n", ""},
		"dots in long strings": {"a = \"\"\"\n" + repeat(".[\n", 400) + "\\\"\"\"\"\nb = '''\n" + repeat("{.\n", 400) + "'''\n", ""},
		"dots in comments":     {"# " + repeat("..[[", 400) + "\na = 1", ""},
		"many numbers":         {"a = [" + repeat("1.5, ", 4000) + "2.5]\n", ""},
		"a few levels":         {"[a.b.c.d.e]\nf = {g = [[1]]}\n", ""},
		"a long header":        {"\n[" + repeat("a.", 1<<15) + "a]\n", "line 2: keys or values nested more than 16 deep"},
		"a long key":           {repeat("a.", 1<<15) + "a = 1\n", "line 1: keys"},
		"a quoted key":         {repeat("\"a\".", 1<<15) + "a = 1\n", "line 1: keys"},
		"deep lists":           {"a = " + repeat("[", 1<<15) + repeat("]", 1<<15), "line 1: keys"},
		"deep lists of lines":  {"a = " + repeat("[\n", 1<<15), "line 17: keys"},
		"deep tables":          {"a = " + repeat("{a=", 1<<15), "line 1: keys"},
		"an open string":       {"a = 'x\nb = " + repeat("[", 99), "line 2: keys"},
		"a large text":         {repeat("# x\n", 1<<19), "want at most 262144"},
		"no TOML":              {"a = = 1", "expected value"},
	} {
		var v map[string]any
		_, err := Decode(c.text, &v)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want %q", what, err, c.want)
		}
	}
}
