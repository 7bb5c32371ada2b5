package adsync_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
	"github.com/adsync/sdk/source"
)

// world is a directory, a target and a job between them. Attribute names are
// the same on both sides.
type world struct {
	t       *testing.T
	people  map[adsync.Anchor]adsync.Object
	members map[adsync.Anchor][]adsync.Anchor
	sink    *memory.Sink
	store   adsync.StateStore
	mapper  *plainMapper
	// wrap stands between the engine and the source. Nil: nothing does.
	wrap func(adsync.Source) adsync.Source
	job  func(*adsync.Job)
	// hooks of the state; see hook.
	hooks *hooks
}

func newWorld(t *testing.T) *world {
	return &world{
		t: t, people: map[adsync.Anchor]adsync.Object{}, members: map[adsync.Anchor][]adsync.Anchor{},
		sink: memory.New(), store: adsync.NewMemoryState(), mapper: &plainMapper{digest: "1"},
	}
}

// id gives a UUID that is easy to read in a failure.
func id(n int) adsync.Anchor { return adsync.Anchor(fmt.Sprintf("00000000-0000-4000-8000-%012d", n)) }

// person puts a complete user there. Further pairs add to it or replace.
func (w *world) person(n int, pairs ...string) *world {
	name := fmt.Sprintf("user%d", n)
	attrs := map[string]string{
		"logon": name + "@example.com", "email": name + "@example.com", "firstName": "First" + fmt.Sprint(n),
		"lastName": "Last" + fmt.Sprint(n), "displayName": "First Last " + fmt.Sprint(n), "active": "true",
	}
	for i := 0; i < len(pairs); i += 2 {
		attrs[pairs[i]] = pairs[i+1]
	}
	w.people[id(n)] = object(adsync.User, id(n), attrs)
	return w
}

func (w *world) group(n int, name string, members ...adsync.Anchor) *world {
	w.people[id(n)] = object(adsync.Group, id(n), map[string]string{"name": name})
	w.members[id(n)] = members
	return w
}

func object(kind adsync.Kind, anchor adsync.Anchor, attrs map[string]string) adsync.Object {
	o := adsync.Object{Kind: kind, Anchor: anchor, Container: "OU=People,DC=example,DC=com"}
	for name, value := range attrs {
		if value == "" {
			o.Attrs.Set(name)
			continue
		}
		o.Attrs.Set(name, value)
	}
	return o
}

func (w *world) source() adsync.Source {
	objects := make([]adsync.Object, 0, len(w.people))
	for _, anchor := range slices.Sorted(maps.Keys(w.people)) {
		objects = append(objects, w.people[anchor])
	}
	s := source.Static(objects...)
	s.Members = w.members
	if w.wrap != nil {
		return w.wrap(s)
	}
	return s
}

func (w *world) engine() *adsync.Engine {
	job := adsync.Job{Target: "app", Sources: adsync.From("ad", w.source()), Sink: w.sink, Mapper: w.mapper, Matcher: plainMatcher{}, State: w.store}
	if w.job != nil {
		w.job(&job)
	}
	e, err := adsync.New(job)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, e.Close()) })
	return e
}

func (w *world) run() *adsync.Report {
	w.t.Helper()
	e := w.engine()
	report, err := e.Run(w.t.Context())
	require.NoError(w.t, err)
	require.NoError(w.t, e.Close())
	return report
}

// target gives the target's copy of a source object.
func (w *world) target(n int) *adsync.Target {
	for _, t := range w.sink.Objects() {
		if t.Attrs.Get(adsync.AttrExternalID) == string(id(n)) {
			return &t
		}
	}
	return nil
}

func codes(r *adsync.Report) []string {
	var out []string
	for _, i := range r.Issues {
		out = append(out, strings.TrimPrefix(string(i.Anchor), "00000000-0000-4000-8000-")+" "+string(i.Code)+" "+i.Attr)
	}
	return out
}

// plainMapper passes objects on as they are.
type plainMapper struct {
	digest string
	err    func(adsync.Object) error
	// without names attributes that it does not read.
	without []string
}

func (m *plainMapper) Map(o adsync.Object) (adsync.Object, error) {
	if m.err != nil {
		if err := m.err(o); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (m *plainMapper) Attributes() []string {
	all := []string{"logon", "email", "firstName", "lastName", "displayName", "active", "expires", "title", "name", "phone", "manager", "description"}
	return slices.DeleteFunc(all, func(name string) bool { return slices.Contains(m.without, name) })
}
func (m *plainMapper) Digest() string { return m.digest }
func (m *plainMapper) Produces(k adsync.Kind) []string {
	if k == adsync.User {
		return []string{"logon", "email", "firstName", "lastName", "displayName", "active"}
	}
	return nil
}

type plainMatcher struct{}

func (plainMatcher) Keys(o adsync.Object) []adsync.Key {
	external := o.Attrs.Get(adsync.AttrExternalID)
	if external == "" {
		external = string(o.Anchor)
	}
	keys := []adsync.Key{{Rung: 2, Attr: adsync.AttrExternalID, Value: external}}
	if v := o.Attrs.Get("logon"); v != "" {
		keys = append(keys, adsync.Key{Rung: 3, Attr: "logon", Value: strings.ToLower(v)})
	}
	if v := o.Attrs.Get("email"); v != "" {
		keys = append(keys, adsync.Key{Rung: 4, Attr: "email", Value: strings.ToLower(v)})
	}
	return keys
}

// readFunc is a source made of a function.
type readFunc func(context.Context, adsync.ReadRequest) iter.Seq2[adsync.Batch, error]

func (f readFunc) Read(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	if len(r.Only) > 0 {
		return func(yield func(adsync.Batch, error) bool) {
			yield(adsync.Batch{}, adsync.Errorf(adsync.CodeUnsupported, "single objects cannot be read"))
		}
	}
	return f(ctx, r)
}
