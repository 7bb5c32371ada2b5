package simtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/simtest"
)

// panel is a vendor's sink for a service with an HTTP interface. It knows
// nothing of the simulation.
type panel struct{ client *http.Client }

// entry is what the service takes and gives.
type entry struct {
	ID       adsync.TargetID   `json:"id,omitempty"`
	External adsync.Anchor     `json:"external,omitempty"`
	Fields   adsync.Attributes `json:"fields"`
	Code     adsync.Code       `json:"code,omitempty"`
	Error    string            `json:"error,omitempty"`
}

func (p *panel) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	at := "/" + op.Kind.String() + "/" + string(op.Target)
	switch op.Verb {
	case adsync.Put:
		return p.send(ctx, "PUT", at, entry{External: op.Anchor, Fields: op.Set})
	case adsync.Deactivate:
		return p.send(ctx, "POST", at, entry{})
	case adsync.Delete:
		return p.send(ctx, "DELETE", at, entry{})
	}
	for _, m := range op.Add { // one call for each member
		if _, err := p.send(ctx, "PUT", at+"/"+string(m), entry{}); err != nil {
			return adsync.Receipt{}, err
		}
	}
	for _, m := range op.Remove {
		if _, err := p.send(ctx, "DELETE", at+"/"+string(m), entry{}); err != nil {
			return adsync.Receipt{}, err
		}
	}
	return adsync.Receipt{Target: op.Target}, nil
}

func (p *panel) send(ctx context.Context, method, path string, e entry) (r adsync.Receipt, err error) {
	body, err := json.Marshal(e)
	if err != nil {
		return r, err
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://panel.example.com"+path, bytes.NewReader(body))
	if err != nil {
		return r, err
	}
	reply, err := p.client.Do(request)
	if err != nil {
		return r, err
	}
	defer reply.Body.Close()
	var a entry
	if err := json.NewDecoder(reply.Body).Decode(&a); err != nil {
		return r, adsync.Errorf(adsync.CodeUnavailable, "panel: the answer cannot be read: %w", err)
	}
	if a.Error != "" {
		return r, adsync.Errorf(a.Code, "panel: %s %s: %s", method, path, a.Error)
	}
	return adsync.Receipt{Target: a.ID}, nil
}

// Schema says that the panel knows people and groups, and recognises an entry
// that is made twice by its external id.
func (p *panel) Schema(context.Context) (adsync.Schema, error) {
	return adsync.Schema{
		Kinds: map[adsync.Kind]adsync.KindSchema{
			adsync.User: {Deactivate: true, Delete: true, Attributes: map[string]adsync.AttributeSchema{
				"logon": {Required: true, Unique: true}, "email": {Unique: true}, "displayName": {}, "title": {}, adsync.AttrActive: {},
			}},
			adsync.Group: {Delete: true, Attributes: map[string]adsync.AttributeSchema{"name": {Required: true}}, MemberKinds: []adsync.Kind{adsync.User}},
		},
		Replay: adsync.ReplayByExternalID,
	}, nil
}

// server is the panel's interface, with the made-up target behind it.
func server(system *simtest.System) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var e entry
		_ = json.NewDecoder(r.Body).Decode(&e)
		path := strings.Split(r.URL.Path, "/") // "", kind, id, member
		kind, _ := adsync.ParseKind(path[1])
		op := adsync.Op{Kind: kind, Target: adsync.TargetID(path[2]), Anchor: e.External, Set: e.Fields}
		switch {
		case len(path) > 3 && r.Method == "PUT":
			op.Verb, op.Add = adsync.Members, []adsync.TargetID{adsync.TargetID(path[3])}
		case len(path) > 3:
			op.Verb, op.Remove = adsync.Members, []adsync.TargetID{adsync.TargetID(path[3])}
		default:
			op.Verb = map[string]adsync.Verb{"PUT": adsync.Put, "POST": adsync.Deactivate, "DELETE": adsync.Delete}[r.Method]
		}
		var a entry
		if receipt, err := system.Do(op); err != nil {
			a = entry{Code: adsync.CodeOf(err), Error: err.Error()}
		} else {
			a.ID = receipt.Target
		}
		_ = json.NewEncoder(w).Encode(a)
	}
}

// pipe is a listener without a network: in the bubble of time, time passes
// while it waits.
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

// newPanel starts the server in front of a world's target, and gives a sink
// that reaches it.
func newPanel(w *simtest.World) adsync.Sink {
	at := &pipe{conns: make(chan net.Conn), closed: make(chan struct{})}
	s := &http.Server{Handler: server(w.System)}
	go s.Serve(at)
	w.Cleanup(func() { s.Close() })
	return &panel{&http.Client{Transport: &http.Transport{DialContext: at.dial}}}
}

// A sink of one's own, with an HTTP server over net.Pipe in front of the
// made-up target.
func ExampleRun_sink() {
	var t *testing.T // the test's own

	simtest.Run(t, simtest.Options{Seeds: 60, Sink: newPanel})
}
