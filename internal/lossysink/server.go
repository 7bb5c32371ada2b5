// Package lossysink is a made-up target behind HTTP for tests: a server that
// loses replies, answers late and is busy at times, and that counts what every
// op did to it, with a client that is an adsync.Sink.
//
// What it does about an op that comes twice is its Mode, one for each kind of
// adsync.Replay. It does not keep logons and addresses apart itself, so that
// nothing but the engine keeps a person from being made twice.
//
// It is no model of any product, listens on loopback only, and keeps all in
// memory.
package lossysink

import (
	"encoding/json"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/adsync/sdk/adsync"
)

// Mode is what the server recognises.
type Mode string

// The modes.
const (
	Keyed    Mode = "keyed"    // an op's key: it gives the same answer again
	External Mode = "external" // an object's external id, in a repeated create
	Searched Mode = "searched" // nothing, but an object can be found by its external id
	Blind    Mode = "blind"    // nothing, and nothing can be found
)

// Faults says how often the server misbehaves, as shares of its requests.
type Faults struct {
	Lost float64       // done, and the connection breaks before the answer
	Late float64       // done, and answered after Delay
	Busy float64       // not done: come back at once
	Wait time.Duration // how late
}

// Server is the target. Its requests take effect in the order in which they
// arrive, one at a time.
type Server struct {
	URL  string
	mode Mode
	http *http.Server

	mu      sync.Mutex
	under   int        // requests under way
	idle    *sync.Cond // none is
	faults  Faults
	chance  *rand.Rand
	objects map[adsync.TargetID]*object
	made    int
	answers map[string]answer // by op key
	record  Record
}

// Start starts a server. Everything that chance decides follows the seed.
func Start(mode Mode, faults Faults, seed uint64) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL: "http://" + l.Addr().String(), mode: mode, faults: faults, chance: rand.New(rand.NewPCG(seed, 1)),
		objects: map[adsync.TargetID]*object{}, answers: map[string]answer{}, record: newRecord(),
	}
	s.idle = sync.NewCond(&s.mu)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /apply", s.handle(s.apply))
	mux.HandleFunc("POST /find", s.handle(s.find))
	mux.HandleFunc("POST /lookup", s.lookup)
	s.http = &http.Server{Handler: mux}
	go s.http.Serve(l)
	return s, nil
}

// Close ends the server.
func (s *Server) Close() error { return s.http.Close() }

// Settle waits until no request is under way: what a client that is gone had
// sent has taken effect then, or never will.
func (s *Server) Settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.under > 0 {
		s.idle.Wait()
	}
}

func (s *Server) enter(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.under += n
	s.idle.Broadcast()
}

// Behave lets the server make no mistakes from now on.
func (s *Server) Behave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = Faults{}
}

// request is what a client sends: ops to apply, or what to look for.
type request struct {
	Ops    []adsync.Op `json:"ops,omitempty"`
	Kind   adsync.Kind `json:"kind,omitempty"`
	Values []string    `json:"values,omitempty"`
	// Until is when the client gives up. In the modes that recognise nothing
	// what comes later takes no effect: nobody could tell it from a first one.
	Until time.Time `json:"until,omitzero"`
}

// response answers either.
type response struct {
	Answers []answer        `json:"answers,omitempty"`
	Targets []adsync.Target `json:"targets,omitempty"`
}

func (s *Server) handle(do func(*request) response) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.enter(1)
		defer s.enter(-1)
		var ask request
		if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
			http.Error(w, "cut short", http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		fate := s.chance.Float64()
		f := s.faults
		if fate < f.Busy {
			s.mu.Unlock()
			http.Error(w, "busy", http.StatusTooManyRequests)
			return
		}
		if !ask.Until.IsZero() && time.Now().After(ask.Until) {
			s.mu.Unlock()
			http.Error(w, "too late", http.StatusGatewayTimeout)
			return
		}
		out := do(&ask)
		s.mu.Unlock()
		switch fate -= f.Busy; {
		case fate < f.Lost:
			panic(http.ErrAbortHandler) // the connection breaks
		case fate < f.Lost+f.Late:
			time.Sleep(f.Wait)
		}
		json.NewEncoder(w).Encode(out)
	}
}
