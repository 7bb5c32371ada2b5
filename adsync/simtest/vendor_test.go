package simtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/simtest"
)

// httpSink is a vendor's sink: it posts each op as JSON. It knows nothing of the
// simulation; only its client is made so that it reaches a server in memory.
type httpSink struct{ client *http.Client }

type answer struct {
	Receipt adsync.Receipt
	Code    adsync.Code
	Text    string
}

func (s *httpSink) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	body, err := json.Marshal(op)
	if err != nil {
		return adsync.Receipt{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://panel.example.com/ops", bytes.NewReader(body))
	if err != nil {
		return adsync.Receipt{}, err
	}
	reply, err := s.client.Do(request)
	if err != nil {
		return adsync.Receipt{}, err
	}
	defer reply.Body.Close()
	var a answer
	if err := json.NewDecoder(reply.Body).Decode(&a); err != nil {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeUnavailable, "the answer cannot be read: %w", err)
	}
	if a.Text != "" {
		return adsync.Receipt{}, adsync.Errorf(a.Code, "%s", a.Text)
	}
	return a.Receipt, nil
}

// Schema says what the panel behind the server says.
func (s *httpSink) Schema(context.Context) (adsync.Schema, error) {
	return adsync.Schema{Replay: adsync.ReplayByExternalID}, nil
}

// The engine opens and closes a sink that holds something.
func (s *httpSink) Open(context.Context) error { return nil }
func (s *httpSink) Close() error               { s.client.CloseIdleConnections(); return nil }

// handler is the vendor's server, in front of the kit's target.
func handler(system *simtest.System) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var op adsync.Op
		var a answer
		if err := json.NewDecoder(r.Body).Decode(&op); err != nil {
			a = answer{Code: adsync.CodeInvalid, Text: err.Error()}
		} else if receipt, err := system.Do(op); err != nil {
			a = answer{Code: adsync.CodeOf(err), Text: err.Error()}
		} else {
			a.Receipt = receipt
		}
		_ = json.NewEncoder(w).Encode(a)
	})
}

// pipe is a listener without a network: time can pass while it waits.
type pipe struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error   { close(p.closed); return nil }
func (p *pipe) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func (p *pipe) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// serve starts the server of one world, and gives a client for it.
func serve(w *simtest.World) *pipe {
	p := &pipe{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler(w.System)}
	go server.Serve(p)
	w.Cleanup(func() { server.Close() })
	return p
}

func TestAVendorsSinkOverHTTP(t *testing.T) {
	var world *simtest.World
	var at *pipe
	simtest.Run(t, simtest.Options{
		Seeds: 60, Steps: 16,
		World: "world people=5 groups=1 replay=external see=blind sink=single swap=none",
		Sink: func(w *simtest.World) adsync.Sink {
			if w != world { // one server for each world, however often the program is started
				world, at = w, serve(w)
			}
			return &httpSink{&http.Client{Transport: &http.Transport{DialContext: at.dial}}}
		},
	})
}

// staffOffice is a vendor's source: it lists everybody, whom the directory of the
// world shows, each time it is asked.
type staffOffice struct{ directory *simtest.Directory }

func (s staffOffice) Read(_ context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		if r.Since != "" || len(r.Only) > 0 {
			yield(adsync.Batch{}, adsync.Errorf(adsync.CodeUnsupported, "the staff office lists everybody, and nothing else"))
			return
		}
		batch := adsync.Batch{Snapshot: true, Done: true, Witness: &adsync.Witness{Attributes: map[string]int{}}}
		bases := map[string]int{"People": 0, "Sales": 0, "Things": 0}
		for _, e := range s.directory.Shown() {
			change := adsync.Change{Object: e.Object}
			if e.Kind == adsync.Group {
				change.Members = &adsync.MemberChange{Reset: true, Add: e.Members}
			}
			if e.Unreadable {
				change = adsync.Change{Object: e.Object, Problem: errors.New("the file is damaged")}
			}
			batch.Changes = append(batch.Changes, change)
			bases[e.Unit]++
			for name, values := range e.Attrs.All() {
				batch.Witness.Attributes[name] += min(1, len(values))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(bases)) {
			batch.Witness.Bases = append(batch.Witness.Bases, adsync.BaseWitness{Name: name, Readable: true, Objects: bases[name]})
		}
		yield(batch, nil)
	}
}

func TestAVendorsSource(t *testing.T) {
	simtest.Run(t, simtest.Options{
		Seeds: 60, Steps: 16,
		Source: func(_ *simtest.World, d *simtest.Directory) adsync.Source { return staffOffice{d} },
	})
}

func ExampleGenerate() {
	script := simtest.Generate(7, 3)
	again, err := simtest.Parse(script.String())
	fmt.Println(len(again.Steps), err)
	// Output: 4 <nil>
}
