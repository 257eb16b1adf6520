//go:build linux && amd64 && !purego

package kernel

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"shoal/internal/longtest"
)

// TestTiersByEmulation runs the tests of products once more in a process of its own and carries out
// for it what this processor lacks: each instruction of AVX-512 and AMX ends in a signal, and this
// process, as its debugger, does in its place what the manual says. So the assembly is tested on any
// machine, but for the sums themselves: those are the twins' multiply-adds.
func TestTiersByEmulation(t *testing.T) {
	longtest.Only(t, "AVX-512 and AMX, an instruction at a time")
	if emulated() || Best().Level() == AVX512 {
		t.Skip("the instructions are there, or emulated already")
	}
	runtime.LockOSThread() // only the thread that started a process can debug it
	defer runtime.UnlockOSThread()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	pid, err := syscall.ForkExec(os.Args[0], []string{os.Args[0], "-test.run", "Product16|NothingBehind|TiersDiffer"}, &syscall.ProcAttr{
		Env: append(os.Environ(), emulatedVariable+"=1"), Files: []uintptr{0, log.Fd(), log.Fd()},
		Sys: &syscall.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		t.Skipf("a process can't be debugged here: %v", err)
	}
	e := emulator{pid: pid, threads: map[int]*thread{}, code: map[uint64][]byte{}, done: map[string]int{}}
	status, err := e.run()
	text, _ := os.ReadFile(log.Name())
	if err != nil || status != 0 {
		t.Fatalf("status %d, %v\n%s", status, err, text)
	}
	for _, name := range []string{"VDPBF16PS", "TDPBF16PS", "TILELOADD", "TILESTORED", "TILEZERO"} {
		if e.done[name] == 0 {
			t.Errorf("%s was never met: %v", name, e.done)
		}
	}
}

// emulator debugs one process.
type emulator struct {
	pid     int
	threads map[int]*thread
	code    map[uint64][]byte // instructions by address
	done    map[string]int    // how often each was carried out
}

// thread is the state that a thread of the process has beyond the processor's.
type thread struct {
	z      [32][16]uint32
	k      [8]uint16
	tile   [8][amxRows][64]byte
	config tileConfig
}

// run lets the process run to its end and returns its status.
func (e *emulator) run() (int, error) {
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(e.pid, &status, 0, nil); err != nil {
		return 0, err
	}
	const killWithUs = 0x100000 // PTRACE_O_EXITKILL
	if err := syscall.PtraceSetOptions(e.pid, syscall.PTRACE_O_TRACECLONE|killWithUs); err != nil {
		return 0, err
	}
	for tid, signal := e.pid, 0; ; {
		if err := syscall.PtraceCont(tid, signal); err != nil && err != syscall.ESRCH {
			return 0, err
		}
		var err error
		if tid, err = e.stopped(&status); err != nil {
			return 0, err
		}
		if !status.Stopped() {
			return status.ExitStatus(), nil
		}
		signal = 0
		switch s := status.StopSignal(); s {
		case syscall.SIGILL:
			if err := e.carryOut(tid); err != nil {
				_ = syscall.Kill(e.pid, syscall.SIGKILL)
				return 0, err
			}
		case syscall.SIGTRAP, syscall.SIGSTOP: // a thread begins
		default:
			signal = int(s)
		}
	}
}

// stopped waits for a thread to stop or for the process to end; the end of a thread is passed over.
func (e *emulator) stopped(status *syscall.WaitStatus) (int, error) {
	for {
		tid, err := syscall.Wait4(-1, status, syscall.WALL, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, err
		case status.Stopped() || tid == e.pid:
			return tid, nil
		}
	}
}

// carryOut does what the instruction says at which a thread was stopped, and those that follow it
// as long as they are to be emulated, too.
func (e *emulator) carryOut(tid int) error {
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &regs); err != nil {
		return err
	}
	m := e.threads[tid]
	if m == nil {
		m = &thread{}
		e.threads[tid] = m
	}
	for first := true; ; first = false {
		code, err := e.fetch(regs.Rip)
		if err != nil {
			return err
		}
		i, known := decode(code, &regs)
		var name string
		if known {
			if name, err = e.execute(m, i); err != nil {
				return fmt.Errorf("at %#x, % x: %w", regs.Rip, code, err)
			}
		}
		if name == "" {
			if first {
				return fmt.Errorf("unknown instruction % x", code)
			}
			return syscall.PtraceSetRegs(tid, &regs)
		}
		e.done[name]++
		regs.Rip += uint64(i.length)
	}
}

// fetch reads what may be an instruction.
func (e *emulator) fetch(at uint64) ([]byte, error) {
	if code, ok := e.code[at]; ok {
		return code, nil
	}
	code := make([]byte, 15)
	err := e.read(at, code)
	e.code[at] = code
	return code, err
}

func (e *emulator) read(at uint64, to []byte) error {
	return e.move(unix.ProcessVMReadv, at, to)
}

func (e *emulator) write(at uint64, from []byte) error {
	return e.move(unix.ProcessVMWritev, at, from)
}

// move copies between this process and the other, which fails as a load or store would.
func (e *emulator) move(call func(int, []unix.Iovec, []unix.RemoteIovec, uint) (int, error), at uint64, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	local := []unix.Iovec{{Base: &b[0], Len: uint64(len(b))}}
	n, err := call(e.pid, local, []unix.RemoteIovec{{Base: uintptr(at), Len: len(b)}}, 0)
	if err != nil || n != len(b) {
		return fmt.Errorf("%d bytes at %#x: %d moved, %w", len(b), at, n, err)
	}
	return nil
}
