package machine

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	kernel32           = windows.NewLazySystemDLL("kernel32.dll")
	processMemoryInfo  = kernel32.NewProc("K32GetProcessMemoryInfo")
	globalMemoryStatus = kernel32.NewProc("GlobalMemoryStatusEx")
)

// usagePeak is the peak of the working set (PROCESS_MEMORY_COUNTERS).
func usagePeak() int64 {
	var counters struct {
		size, faults uint32
		peak         uintptr
		_            [7]uintptr
	}
	counters.size = uint32(unsafe.Sizeof(counters))
	ok, _, _ := processMemoryInfo.Call(uintptr(windows.CurrentProcess()), uintptr(unsafe.Pointer(&counters)), uintptr(counters.size))
	if ok == 0 {
		return 0
	}
	return int64(counters.peak)
}

// elsewhere is what may still be committed, memory and page file together (MEMORYSTATUSEX).
func elsewhere() int64 {
	var status struct {
		size, load         uint32
		_, _, _, canCommit uint64
		_, canAddress, _   uint64
	}
	status.size = uint32(unsafe.Sizeof(status))
	ok, _, _ := globalMemoryStatus.Call(uintptr(unsafe.Pointer(&status)))
	if ok == 0 {
		return 0
	}
	return int64(min(status.canCommit, status.canAddress))
}
