package serve

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"shoal/internal/browsertest"
	"shoal/internal/usage"
	"shoal/runlog"
)

// aToken is long enough.
const aToken = "a-long-enough-token"

// A question is a request to a server, and the status that answers it.
type question struct {
	host, token string // of the server
	path        string
	header      []string
	want        int
}

// questions are requests by what they say of themselves.
var questions = []question{
	{"127.0.0.1", "", "/", nil, 200},
	{"127.0.0.1", "", "/", []string{"Host", "localhost:7420"}, 200},
	{"127.0.0.1", "", "/", []string{"Host", "localhost:9000"}, 200}, // through a tunnel
	{"127.0.0.1", "", "/", []string{"Host", "[::1]:7420"}, 200},
	{"127.0.0.1", "", "/", []string{"Host", "evil.example:7420"}, 403}, // its name was pointed here
	{"127.0.0.1", "", "/", []string{"Host", "localhost.evil.example"}, 403},
	{"127.0.0.1", "", "/", []string{"Host", "127.0.0.1.evil.example"}, 403},
	{"127.0.0.1", "", "/", []string{"Host", "10.1.2.3"}, 403},
	{"127.0.0.1", "", "/", []string{"Origin", "http://localhost", "Host", "localhost"}, 200},
	{"127.0.0.1", "", "/", []string{"Origin", "http://evil.example"}, 403},
	{"127.0.0.1", "", "/", []string{"Origin", "http://localhost:8888", "Host", "localhost:7420"}, 403}, // another port
	{"127.0.0.1", "", "/", []string{"Origin", "null"}, 403},
	{"127.0.0.1", "", "/", []string{"Sec-Fetch-Site", "same-origin"}, 200},
	{"127.0.0.1", "", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}, 403},
	{"127.0.0.1", "", "/", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}, 403},
	{"127.0.0.1", "", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
	{"127.0.0.1", "", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200}, // a link
	{"127.0.0.1", aToken, "/", nil, 401},
	{"127.0.0.1", aToken, "/?token=" + aToken, nil, 303},
	{"127.0.0.1", aToken, "/?token=" + aToken + "x", nil, 401},
	{"127.0.0.1", aToken, "/?token=", nil, 401},
	{"127.0.0.1", aToken, "/", []string{"Authorization", "Bearer " + aToken}, 200},
	{"127.0.0.1", aToken, "/", []string{"Authorization", "Bearer another-long-token"}, 401},
	{"127.0.0.1", aToken, "/", []string{"Authorization", "Bearer "}, 401},
	{"127.0.0.1", aToken, "/", []string{"Authorization", aToken}, 401},
	{"127.0.0.1", aToken, "/", []string{"Cookie", "shoal-1=" + aToken}, 200},
	{"127.0.0.1", aToken, "/", []string{"Cookie", "shoal-1=another-long-token"}, 401},
	{"127.0.0.1", aToken, "/", []string{"Cookie", "shoal-2=" + aToken}, 401}, // of a server on another port
	{"127.0.0.1", aToken, "/?token=" + aToken, []string{"Host", "evil.example"}, 403},
	{"0.0.0.0", aToken, "/", []string{"Host", "10.1.2.3:7420", "Cookie", "shoal-1=" + aToken}, 200},
	{"0.0.0.0", aToken, "/", []string{"Host", "10.1.2.3:7420"}, 401},
	{"gpu.example", aToken, "/", []string{"Host", "gpu.example:7420", "Cookie", "shoal-1=" + aToken}, 200},
	{"0.0.0.0", aToken, "/", []string{"Host", "evil.example", "Cookie", "shoal-1=" + aToken}, 403},
}

// Who is answered, by what a request says of itself.
func TestWhoMayRead(t *testing.T) {
	for _, c := range questions {
		c.ask(t)
	}
}

func (c question) ask(t *testing.T) {
	t.Helper()
	g, err := newGuard(c.host, c.token)
	if err != nil {
		t.Fatal(err)
	}
	g.cookie = "shoal-1"
	req := httptest.NewRequest("GET", c.path, nil)
	req.Host = "127.0.0.1:7420"
	for k := 0; k < len(c.header); k += 2 {
		if c.header[k] == "Host" {
			req.Host = c.header[k+1]
		}
		req.Header.Set(c.header[k], c.header[k+1])
	}
	w := httptest.NewRecorder()
	g.wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "secret") })).ServeHTTP(w, req)
	if w.Code != c.want || strings.Contains(w.Body.String(), "secret") != (c.want == 200) {
		t.Errorf("server %q, token %q, %s %q: status %d, want %d", c.host, c.token, c.path, c.header, w.Code, c.want)
	}
	if to := w.Header().Get("Location"); c.want == 303 && to != "/" {
		t.Errorf("%s leads to %q, want / without the token", c.path, to)
	}
}

func TestTokens(t *testing.T) {
	g, err := newGuard("0.0.0.0", "")
	other, _ := newGuard("0.0.0.0", "")
	if err != nil || len(g.token) < leastToken || g.token == other.token {
		t.Errorf("beyond loopback without a token: %q and %v", g.token, err)
	}
	for _, bad := range []string{"short", "long enough, with blanks", "long-enough-with-\u00e9"} {
		if _, err := newGuard("127.0.0.1", bad); err == nil {
			t.Errorf("the token %q is accepted", bad)
		}
	}
	for host, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "127.9.9.9": true, "0.0.0.0": false, "::": false, "": false, "10.0.0.1": false, "gpu": false} {
		if loopback(host) != want {
			t.Errorf("loopback(%q) is not %v", host, want)
		}
	}
}

// A page elsewhere can't read a run, whatever it tries; the browser tells us who asks.
func TestPageElsewhereReadsNothing(t *testing.T) {
	w := newWorld(50, 10)
	r := w.grown(t, 3)
	address := started(t, Options{Runs: []string{r.Dir()}})
	other := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(out, `<!doctype html><link rel="icon" href="data:,"><body><script>
const a = %q, got = {};
fetch(a + 'run/0/').then(x => x.text()).then(t => { got.fetch = 'read ' + t.length; }, () => { got.fetch = 'refused'; });
fetch(a + 'run/0/', { mode: 'no-cors' }).then(x => { got.opaque = x.type + x.status; }, () => { got.opaque = 'refused'; });
const e = new EventSource(a + 'events'); e.onopen = () => { got.events = 'open'; }; e.onerror = () => { got.events ??= 'refused'; e.close(); };
const i = new Image(); i.onload = () => { got.image = 'shown'; }; i.onerror = () => { got.image = 'refused'; }; i.src = a + 'run/0/sheet/x/0';
const f = document.createElement('iframe'); f.src = a; f.onload = () => { try { got.frame = f.contentDocument ? 'read' : 'refused'; } catch { got.frame = 'refused'; } }; document.body.append(f);
window.told = () => [got.fetch, got.opaque === 'opaque0' || got.opaque === 'refused' ? 'refused' : got.opaque, got.events, got.image, got.frame].join();
</script>`, address)
	}))
	defer other.Close()
	b := browsertest.Visit(t, other.URL, 800, 600, "iframe")
	b.Eventually("told()", "refused,refused,refused,refused,refused")
	port := must(url.Parse(address)).Port()
	if status, _ := get(t, address+"run/0/", "Host", "rebound.example:"+port); status != 403 {
		t.Errorf("a rebound name is answered with %d", status)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// No token, no answer, from no address of the server; nothing can be changed.
func TestEveryAddressIsGuarded(t *testing.T) {
	w := newWorld(30, 10)
	r := w.grown(t, 2)
	const token = "abcdefghijklmnop"
	address := started(t, Options{Runs: []string{r.Dir()}, Token: token})
	bare, _, _ := strings.Cut(address, "?")
	for _, path := range []string{"", "events", "card/0", "run/0/", "run/0/events", "run/0/figures?reference=0", "run/0/sheet/x/0", "favicon.ico", "../run.db"} {
		if status, text := get(t, bare+path); status != 401 || len(text) > 100 {
			t.Errorf("%q without the token: %d %q", path, status, text)
		}
	}
	bearer := []string{"Authorization", "Bearer " + token}
	if status, _ := get(t, bare+"run/0/", bearer...); status != 200 {
		t.Errorf("with the token: %d", status)
	}
	for _, path := range []string{"run/1/", "run/-1/", "run/x/", "run/0/figures", "run/0/figures?reference=9", "run/0/figures?reference=-1", "run/0/sheet/x/0", "run/0/run.db", "%2e%2e/run.db"} {
		if status, _ := get(t, bare+path, bearer...); status != 404 {
			t.Errorf("%q gives %d, want 404", path, status)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		req := must(http.NewRequest(method, bare+"run/0/", strings.NewReader("x")))
		req.Header.Set("Authorization", "Bearer "+token)
		if answer := must(http.DefaultClient.Do(req)); answer.StatusCode != 405 {
			t.Errorf("%s gives %d", method, answer.StatusCode)
		}
	}
	b := browsertest.Visit(t, address, 800, 600, "html[data-ready]") // the cookie goes with the rest
	b.Eventually(lastStep, "2")
	b.Want("location.search + document.cookie", "")
}

// Fifty readers get every evaluation once, in order, and none of them holds up another.
func TestFiftyReaders(t *testing.T) {
	w := newWorld(100, 20)
	r := w.grown(t, 5)
	address := started(t, Options{Runs: []string{r.Dir()}})
	key := ""
	eventually(t, "the page", func() bool {
		_, page := get(t, address+"run/0/")
		_, after, found := strings.Cut(page, `"live":"`)
		key, _, _ = strings.Cut(after, `"`)
		return found
	})
	client := http.Client{Timeout: 5 * time.Minute}                 // a busy machine takes long for 50 readers
	idle := must(client.Get(address + "run/0/events?after=" + key)) // reads nothing
	defer idle.Body.Close()
	var readers sync.WaitGroup
	begun := make(chan bool, 50)
	for range 50 {
		readers.Go(func() {
			answer, err := client.Get(address + "run/0/events?after=" + key)
			begun <- true
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			if got := stepsUntil(answer, 40); got != "" {
				t.Error(got)
			}
		})
	}
	for range 50 {
		<-begun
	}
	w.evaluate(t, r, 6, 40)
	readers.Wait()
}

// stepsUntil reads a stream up to the evaluation of a step, and says what is wrong with it.
func stepsUntil(answer *http.Response, last int) string {
	next := 0
	for lines := bufio.NewReader(answer.Body); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return fmt.Sprintf("the stream ends at step %d: %v", next, err)
		}
		for _, part := range strings.Split(line, `{"step":`)[1:] {
			var step int
			if fmt.Sscan(strings.Split(part, ",")[0], &step); step != next {
				return fmt.Sprintf("step %d comes where %d was to", step, next)
			}
			if next++; step == last {
				return ""
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	w := newWorld(30, 10)
	r := w.grown(t, 2)
	address, stop := startedUntil(t, Options{Runs: []string{r.Dir()}})
	var port int
	fmt.Sscanf(address, "http://127.0.0.1:%d/", &port)
	err := Serve(context.Background(), Options{Runs: []string{r.Dir()}, Port: port})
	if !errors.Is(err, ErrPortInUse) {
		t.Errorf("a port that is in use gives %v", err)
	}
	var invalid *usage.Error
	if err := Serve(context.Background(), Options{Runs: []string{r.Dir()}, Port: 70000}); !errors.As(err, &invalid) {
		t.Errorf("port 70000 gives %v", err)
	}
	if err := Serve(context.Background(), Options{Runs: []string{r.Dir(), t.TempDir()}}); !errors.Is(err, runlog.ErrNotRun) {
		t.Errorf("an empty folder gives %v", err)
	}
	if err := Serve(context.Background(), Options{Runs: []string{r.Dir()}, Split: "other"}); !errors.Is(err, runlog.ErrNoSplit) {
		t.Errorf("a split that isn't there gives %v", err)
	}
	answer := must(http.Get(address + "run/0/events?after=x")) // a reader is there when the server ends
	defer answer.Body.Close()
	stop()
	if _, err := http.Get(address); err == nil {
		t.Error("the server still answers")
	}
}
