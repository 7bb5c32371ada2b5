package lossysink

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/adsync/sdk/adsync"
)

// NewSink gives a sink that writes to the server of this address. What it can
// do is what a client of such a server could: look objects up except in mode
// Blind, and take batches except in mode External.
func NewSink(url string, mode Mode, timeout time.Duration) adsync.Sink {
	plain := &client{url: url, mode: mode, http: &http.Client{Timeout: timeout}}
	switch mode {
	case Blind:
		return batcher{plain}
	case External:
		return finder{plain}
	}
	return struct {
		batcher
		find
	}{batcher{plain}, find{plain}}
}

// client speaks to the server.
type client struct {
	url  string
	mode Mode
	http *http.Client
}

type batcher struct{ *client }

type find struct{ c *client }

type finder struct{ *client }

var (
	_ adsync.BatchSink = batcher{}
	_ adsync.Finder    = find{}
	_ adsync.Finder    = finder{}
	_ adsync.Describer = (*client)(nil)
)

// Schema says what the server recognises.
func (c *client) Schema(context.Context) (adsync.Schema, error) {
	person := map[string]adsync.AttributeSchema{}
	for _, name := range []string{"firstName", "lastName", "displayName", "title", adsync.AttrActive} {
		person[name] = adsync.AttributeSchema{}
	}
	person["logon"], person["email"] = adsync.AttributeSchema{Unique: true}, adsync.AttributeSchema{Unique: true}
	person["manager"] = adsync.AttributeSchema{Reference: true}
	person[adsync.AttrExternalID] = adsync.AttributeSchema{ReadOnly: true, CaseExact: true}
	group := map[string]adsync.AttributeSchema{"name": {}, "displayName": {}, adsync.AttrExternalID: {ReadOnly: true, CaseExact: true}}
	replay := map[Mode]adsync.Replay{Keyed: adsync.ReplayKeyed, External: adsync.ReplayByExternalID}
	return adsync.Schema{
		Kinds: map[adsync.Kind]adsync.KindSchema{
			adsync.User:  {Attributes: person, Deactivate: true, Delete: true},
			adsync.Group: {Attributes: group, Delete: true},
		},
		MaxBatch: 4, InFlight: 2, Replay: replay[c.mode], Swap: adsync.SwapPark,
	}, nil
}

// Apply sends one op.
func (c *client) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	out, err := c.post(ctx, "/apply", &request{Ops: []adsync.Op{op}})
	if err != nil {
		return adsync.Receipt{}, err
	}
	r := out.Answers[0].result()
	return r.Receipt, r.Err
}

// ApplyBatch sends a batch.
func (b batcher) ApplyBatch(ctx context.Context, batch adsync.OpBatch) ([]adsync.Result, error) {
	out, err := b.post(ctx, "/apply", &request{Ops: batch.Ops})
	if err != nil {
		return nil, err
	}
	results := make([]adsync.Result, len(out.Answers))
	for i := range out.Answers {
		results[i] = out.Answers[i].result()
	}
	return results, nil
}

func (f find) Find(ctx context.Context, kind adsync.Kind, keys []adsync.Key) ([]adsync.Target, error) {
	return f.c.find(ctx, kind, keys)
}

func (f finder) Find(ctx context.Context, kind adsync.Kind, keys []adsync.Key) ([]adsync.Target, error) {
	return f.find(ctx, kind, keys)
}

func (c *client) find(ctx context.Context, kind adsync.Kind, keys []adsync.Key) ([]adsync.Target, error) {
	ask := &request{Kind: kind}
	for _, k := range keys {
		ask.Values = append(ask.Values, k.Value)
	}
	for try := 1; ; try++ { // looking twice does no harm
		out, err := c.post(ctx, "/find", ask)
		if err == nil || try == 10 || ctx.Err() != nil {
			return out.Targets, err
		}
	}
}

func (c *client) post(ctx context.Context, path string, ask *request) (out response, err error) {
	if path == "/apply" && (c.mode == Searched || c.mode == Blind) {
		ask.Until = time.Now().Add(c.http.Timeout)
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return out, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+path, bytes.NewReader(body))
	if err != nil {
		return out, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return out, adsync.Errorf(adsync.CodeUnavailable, "lossysink: no answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusTooManyRequests {
		return out, adsync.Errorf(adsync.CodeLimited, "lossysink: busy")
	}
	if resp.StatusCode != http.StatusOK {
		return out, adsync.Errorf(adsync.CodeUnavailable, "lossysink: %s", resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return out, adsync.Errorf(adsync.CodeUnavailable, "lossysink: half an answer: %w", err)
	}
	if path == "/apply" && len(out.Answers) != len(ask.Ops) {
		return out, fmt.Errorf("lossysink: %d answers to %d ops", len(out.Answers), len(ask.Ops))
	}
	return out, nil
}

func (a *answer) result() adsync.Result {
	r := adsync.Result{Receipt: adsync.Receipt{Target: a.Target, Outcome: a.Outcome}}
	if a.Code != adsync.CodeOther {
		r.Err = adsync.Errorf(a.Code, "lossysink: %s", a.Text)
	}
	return r
}
