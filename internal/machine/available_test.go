package machine

import (
	"testing"
	"testing/fstest"
)

func TestAvailable(t *testing.T) {
	if n := Available(); n < 0 || n > 0 && n < 1<<20 {
		t.Errorf("got %d bytes, want 0 or at least a megabyte", n)
	}
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	root := fstest.MapFS{
		"proc/meminfo":     file("MemTotal: 9000 kB\nMemAvailable:    5000 kB\nSwapFree: 1000 kB\n"),
		"proc/self/limits": file("Limit  Soft Limit  Hard Limit  Units\nMax address space         8388608     unlimited    bytes\n"),
		"proc/self/status": file("Name:\tx\nVmSize:\t 4096 kB\n"),
	}
	if got := systemMemory(root); got != 6000<<10 {
		t.Errorf("system: got %d", got)
	}
	if got := addressSpace(root); got != 4<<20 {
		t.Errorf("address space: got %d", got)
	}
	root["proc/self/limits"] = file("Max address space         unlimited     unlimited    bytes\n")
	if got := addressSpace(root); got != 0 {
		t.Errorf("no limit of the address space: got %d", got)
	}
	if systemMemory(fstest.MapFS{}) != 0 || groupMemory(fstest.MapFS{}) != 0 || addressSpace(fstest.MapFS{}) != 0 {
		t.Error("another system: got numbers")
	}
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  int64
	}{
		"second version": {fstest.MapFS{
			"proc/self/cgroup":                   file("0::/a/b\n"),
			"sys/fs/cgroup/a/b/memory.max":       file("max\n"),
			"sys/fs/cgroup/a/memory.max":         file("1000\n"),
			"sys/fs/cgroup/a/memory.current":     file("700\n"),
			"sys/fs/cgroup/a/memory.stat":        file("anon 600\ninactive_file 50\n"),
			"sys/fs/cgroup/memory.max":           file("5000\n"),
			"sys/fs/cgroup/memory.current":       file("1000\n"),
			"sys/fs/cgroup/unrelated/memory.max": file("1\n"),
		}, 350},
		"first version": {fstest.MapFS{
			"proc/self/cgroup":                           file("9:name=systemd:/\n4:memory:/x\n0::/\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712\n"), // unlimited
			"sys/fs/cgroup/memory/memory.usage_in_bytes": file("1\n"),
		}, 0},
		"in a container": {fstest.MapFS{ // which sees its own group as the root
			"proc/self/cgroup":                           file("4:memory:/outside/name\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes": file("4096\n"),
			"sys/fs/cgroup/memory/memory.usage_in_bytes": file("1096\n"),
		}, 3000},
		"full": {fstest.MapFS{
			"proc/self/cgroup":             file("0::/\n"),
			"sys/fs/cgroup/memory.max":     file("10\n"),
			"sys/fs/cgroup/memory.current": file("10\n"),
		}, 1},
	} {
		if got := groupMemory(c.files); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}
