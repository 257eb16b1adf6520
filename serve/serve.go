package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"shoal/ingest"
	"shoal/internal/usage"
	"shoal/runlog"
)

// Options say what to serve, and to whom.
type Options struct {
	Runs  []string // folders, at least one
	Split string   // evaluation split of each; "" is the main one
	Host  string   // name or address to listen on; "" is 127.0.0.1
	Port  int      // 0 for any that is free
	// Token is what a reader has to know. Without one, only loopback addresses are listened on without
	// a token, and others get a random one.
	Token string
	Ready func(address string)             // is told where to read, with the token; nil for nobody
	Say   func(format string, args ...any) // is told what a person should know; nil for nobody

	pace pace // of tests; the zero value is the usual one
}

// ErrPortInUse is wrapped by the error for a port that another process listens on.
var ErrPortInUse = errors.New("the port is in use")

// Serve serves runs until ctx is done, which is no error. Run folders that hold neither a run nor a
// log are an error that wraps runlog.ErrNotRun.
func Serve(ctx context.Context, o Options) error {
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.Port < 0 || o.Port > 65535 {
		return usage.Errorf("port %d: want 0 to 65535", o.Port)
	}
	g, err := newGuard(o.Host, o.Token)
	if err != nil {
		return err
	}
	s, err := newServer(o)
	if err != nil {
		return err
	}
	listener, err := listen(o.Host, o.Port)
	if err != nil {
		return err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	g.cookie = "shoal-" + strconv.Itoa(port) // browsers give cookies to all ports of a host
	if o.Ready != nil {
		o.Ready(address(o.Host, port, g.token))
	}
	return s.serve(ctx, listener, g.wrap(s.routes()))
}

func listen(host string, port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen on port %d of %s: %w", port, host, ErrPortInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", host, err)
	}
	return listener, nil
}

// address is where to read, for a browser.
func address(host string, port int, token string) string {
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, strconv.Itoa(port)), Path: "/"}
	if token != "" {
		u.RawQuery = url.Values{"token": {token}}.Encode()
	}
	return u.String()
}

// server has the runs.
type server struct {
	runs    []*run
	say     func(format string, args ...any)
	news    *news         // of all runs
	drawing chan struct{} // held while a page is drawn: one at a time, since the training needs the processors
	stop    chan struct{} // closed at the end, which ends the streams
}

func newServer(o Options) (*server, error) {
	s := &server{stop: make(chan struct{}), say: o.Say, news: newNews(), drawing: make(chan struct{}, 1)}
	if s.say == nil {
		s.say = func(string, ...any) {}
	}
	seen := map[string]int{}
	for _, dir := range o.Runs {
		seen[base(dir)]++
	}
	for _, dir := range o.Runs {
		if err := check(dir, o.Split); err != nil {
			return nil, err
		}
		name := base(dir)
		if seen[name] > 1 {
			name = filepath.Clean(dir)
		}
		s.runs = append(s.runs, s.newRun(dir, name, o))
	}
	return s, nil
}

// base is the name of a folder, also of ".".
func base(dir string) string {
	if full, err := filepath.Abs(dir); err == nil {
		dir = full
	}
	return filepath.Base(dir)
}

// check refuses folders that are no runs, and runs that can't be read.
func check(dir, split string) error {
	if !runlog.Exists(dir) && ingest.HasLog(dir) || runlog.Begins(dir) {
		return nil
	}
	r, err := runlog.OpenReadOnly(dir)
	if err != nil {
		return err
	}
	if !ingest.HasLog(dir) {
		_, err = r.Split(split)
	}
	return errors.Join(err, r.Close())
}

// serve answers requests and follows the runs until ctx is done.
func (s *server) serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	working, stop := context.WithCancel(ctx)
	var followers sync.WaitGroup
	for _, r := range s.runs {
		followers.Go(func() { r.follow(working, s.say) })
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		close(s.stop)
		grace, done := context.WithTimeout(context.Background(), 2*time.Second)
		if server.Shutdown(grace) != nil {
			_ = server.Close()
		}
		done()
	}
	stop()
	followers.Wait()
	return err
}
