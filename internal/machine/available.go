package machine

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"strings"
)

// Available is how many bytes of memory this process can still take, in bytes: what the system has,
// a control group leaves, and a limit of the process's address space allows, whichever is least; 0
// where nothing is known. On Windows it is what may still be committed, on macOS all memory.
func Available() int64 {
	least := int64(math.MaxInt64)
	root := os.DirFS("/") // only Linux has these files
	for _, n := range []int64{systemMemory(root), groupMemory(root), addressSpace(root), elsewhere()} {
		if n > 0 {
			least = min(least, n)
		}
	}
	if least == math.MaxInt64 {
		return 0
	}
	return least
}

// systemMemory is what the kernel can hand out without harm, and the free swap; 0 for unknown.
func systemMemory(root fs.FS) int64 {
	text, _ := fs.ReadFile(root, "proc/meminfo")
	available := field(text, "MemAvailable:") << 10
	if available == 0 {
		return 0
	}
	return available + field(text, "SwapFree:")<<10
}

// groupMemory is what the control groups of the process leave, those above it included; 0 for
// unknown or unlimited. Cached files count as free.
func groupMemory(root fs.FS) int64 {
	text, _ := fs.ReadFile(root, "proc/self/cgroup")
	least := int64(0)
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		var mount, limit, usage, cache string
		switch parts[1] {
		case "":
			mount, limit, usage, cache = "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"
		case "memory":
			mount, limit, usage, cache = "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
		default:
			continue
		}
		for folder := path.Clean("/" + parts[2]); ; folder = path.Dir(folder) {
			at := path.Join(mount, folder)
			if most := number(root, path.Join(at, limit)); most > 0 && most < 1<<60 {
				stat, _ := fs.ReadFile(root, path.Join(at, "memory.stat"))
				left := max(1, most-number(root, path.Join(at, usage))+field(stat, cache+" "))
				if least == 0 || left < least {
					least = left
				}
			}
			if folder == "/" {
				break
			}
		}
	}
	return least
}

// addressSpace is what a limit of the process's address space (ulimit -v) leaves; 0 without one.
func addressSpace(root fs.FS) int64 {
	text, _ := fs.ReadFile(root, "proc/self/limits")
	limit := field(text, "Max address space")
	if limit == 0 {
		return 0
	}
	status, _ := fs.ReadFile(root, "proc/self/status")
	return max(1, limit-field(status, "VmSize:")<<10)
}

// field is the number that follows a name at the beginning of a line; 0 where there is none.
func field(text []byte, name string) int64 {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name); ok {
			return parse(value)
		}
	}
	return 0
}

// number is what a file begins with; 0 where it is no number.
func number(root fs.FS, name string) int64 {
	text, _ := fs.ReadFile(root, name)
	return parse(string(text))
}

func parse(text string) int64 {
	var n int64
	if _, err := fmt.Sscan(text, &n); err != nil {
		return 0
	}
	return n
}
