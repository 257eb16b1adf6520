package serve

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"shoal/internal/usage"
)

// guard decides who may read.
type guard struct {
	token  string // "" for none
	cookie string // name of the cookie that has it
	names  []string
}

// leastToken is the length of the shortest token that can't be guessed over a network.
const leastToken = 16

// newGuard makes the guard of a server on host. Beyond loopback addresses a token is needed: a random
// one where none is given.
func newGuard(host, token string) (*guard, error) {
	if token != "" && len(token) < leastToken {
		return nil, usage.Errorf("the token has %d characters: want %d or more, since it can be guessed", len(token), leastToken)
	}
	if token != "" && strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"\;,&+#%`, r) }) {
		return nil, usage.Errorf("the token has characters that an address or a cookie can't have as they are: want letters, digits, - and _")
	}
	g := &guard{token: token, names: []string{"localhost"}}
	if !loopback(host) {
		if g.token == "" {
			g.token = rand.Text()
		}
		g.names = append(g.names, strings.ToLower(host))
		if name, err := os.Hostname(); err == nil {
			g.names = append(g.names, strings.ToLower(name))
		}
	}
	return g, nil
}

// loopback reports whether a host is this machine alone.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// wrap answers requests by next that may be answered.
func (g *guard) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer") // an address may have the token
		h.Set("Cache-Control", "no-store")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "nothing can be changed here", http.StatusMethodNotAllowed)
		case !g.ours(r.Host):
			http.Error(w, fmt.Sprintf("this server is not %.100q", r.Host), http.StatusForbidden)
		case elsewhere(r):
			http.Error(w, "pages of other origins can't read this", http.StatusForbidden)
		case g.token == "" || g.shown(r):
			next.ServeHTTP(w, r)
		case g.enters(w, r):
		default:
			http.Error(w, "open the address with the token that shoal serve printed", http.StatusUnauthorized)
		}
	})
}

// ours reports whether a Host header names this server. A name that an attacker has pointed here is
// another; an address can't be pointed anywhere. With a token, whose cookie belongs to one name, more
// of a name's domain may follow the machine's.
func (g *guard) ours(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if ip := net.ParseIP(host); ip != nil {
		return g.token != "" || ip.IsLoopback()
	}
	for _, name := range g.names {
		if host == name || g.token != "" && name != "localhost" && strings.HasPrefix(host, name+".") {
			return true
		}
	}
	return false
}

// elsewhere reports whether a page of another origin has made a request, as browsers say. Following a
// link is no reading: the page that has it sees nothing of what opens.
func elsewhere(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && !strings.EqualFold(origin, "http://"+r.Host) && !strings.EqualFold(origin, "https://"+r.Host) {
		return true
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document"
}

// shown reports whether a request has the token: as a cookie, or as Authorization: Bearer.
func (g *guard) shown(r *http.Request) bool {
	if c, err := r.Cookie(g.cookie); err == nil && g.is(c.Value) {
		return true
	}
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && g.is(bearer)
}

func (g *guard) is(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) == 1
}

// enters takes the token from an address, makes it a cookie, and sends the reader on to the address
// without it.
func (g *guard) enters(w http.ResponseWriter, r *http.Request) bool {
	query := r.URL.Query()
	if !g.is(query.Get("token")) {
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	query.Del("token")
	to := *r.URL
	to.Scheme, to.Host, to.RawQuery = "", "", query.Encode()
	to.Path = "/" + strings.TrimLeft(to.Path, "/") // no other host by //
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusSeeOther)
	return true
}
