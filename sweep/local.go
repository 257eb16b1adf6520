package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"shoal/internal/lockfile"
	"shoal/internal/textfmt"
)

// A Command is the command that runs one item, but for the item's number behind it.
type Command []string

// Exit statuses of a command that is to be run again: 75 after SIGTERM and SIGHUP, and 130 after Ctrl-C,
// which stands for the signal where there are signals.
const (
	interrupted = 75
	ctrlC       = 130
)

// restarts is how often an item is run again that was interrupted by somebody else.
const restarts = 20

// Failures is the error of a sweep that ran to its end without some of its items.
type Failures struct {
	Dir   string
	Items []int
}

func (e *Failures) Error() string {
	return fmt.Sprintf("%d of the items of sweep %q failed, the first is item %d: its output is in the folder %s", len(e.Items), e.Dir, e.Items[0], logFolder)
}

// ErrLocal is wrapped by the error on a sweep that another process runs here already.
var ErrLocal = errors.New("is being run on this machine by")

// Local runs all items of the sweep in dir that aren't finished, jobs at a time, each as a process of
// its own whose output goes to a file of the folder logs. say is told of every item that ends. It
// returns when all have: with *Failures where some failed, with the context's error when it was ended
// before; the processes are told to end then, too, and it waits for their checkpoints.
func Local(ctx context.Context, dir string, c Command, jobs int, say func(string)) error {
	items, err := Read(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(makeLogs(dir), os.MkdirAll(filepath.Join(dir, lockFolder), 0o777)); err != nil {
		return fmt.Errorf("make folders of the sweep: %w", err)
	}
	lock, err := lockfile.Take(filepath.Join(dir, lockFolder, "local.lock"))
	if errors.Is(err, lockfile.ErrBusy) {
		return fmt.Errorf("sweep %q %w %w", dir, ErrLocal, err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }()
	x := &local{dir: dir, command: c, say: say}
	next := make(chan Item)
	var all sync.WaitGroup
	for range max(1, jobs) {
		all.Go(func() {
			for it := range next {
				x.one(ctx, it)
			}
		})
	}
	for _, it := range items {
		if ctx.Err() != nil {
			break
		}
		next <- it
	}
	close(next)
	all.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(x.failed) > 0 {
		return &Failures{dir, x.failed}
	}
	return nil
}

// local is a sweep that is being run here.
type local struct {
	dir     string
	command Command
	mu      sync.Mutex
	say     func(string)
	failed  []int
}

// one runs an item to its end, and again where somebody interrupts it.
func (x *local) one(ctx context.Context, it Item) {
	if it.finished(x.dir) {
		return
	}
	start := time.Now()
	var how string
	for range restarts {
		if ctx.Err() != nil {
			return
		}
		code, err := x.process(ctx, it)
		switch {
		case ctx.Err() != nil:
			return
		case code == 0 && err == nil:
			x.tell(it, "finished in "+textfmt.Clock(time.Since(start).Seconds()))
			return
		case code == interrupted, code == ctrlC:
			how = "was interrupted again and again"
			continue
		}
		how = fmt.Sprintf("failed (%v): see %s", err, logOf(x.dir, it))
		break
	}
	x.mu.Lock()
	x.failed = append(x.failed, it.Item)
	x.mu.Unlock()
	x.tell(it, how)
}

func (x *local) tell(it Item, what string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.say != nil {
		x.say(fmt.Sprintf("item %d, %s: %s", it.Item, it.Folder, what))
	}
}

// process runs an item once and returns its exit status.
func (x *local) process(ctx context.Context, it Item) (code int, err error) {
	log, err := os.OpenFile(logOf(x.dir, it), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return -1, err
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, x.command[0], slices.Concat(x.command[1:], []string{strconv.Itoa(it.Item)})...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	err = cmd.Run()
	if cmd.ProcessState == nil {
		return -1, err
	}
	if endedByInterrupt(cmd.ProcessState) {
		return ctrlC, err
	}
	return cmd.ProcessState.ExitCode(), err
}
