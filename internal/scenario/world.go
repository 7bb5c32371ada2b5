package scenario

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

// world is what the steps of one file act on.
type world struct {
	ctx      context.Context
	clock    Clock
	faults   error // of clearing away
	sources  []*directory
	places   []*place // directories that speak LDAP
	sink     *memory.Sink
	store    adsync.StateStore
	job      []string // the lines of the latest job block
	mapper   plainMapper
	ad       adMapper      // in its place, where a directory speaks LDAP
	patience time.Duration // of each command that works with an engine; 0: none is needed
	wrap     func(*memory.Sink) adsync.Sink
	names    names
	plans    map[string]string // by the name given in the file: id
	shown    int               // calls of the sink already shown
	refuse   map[adsync.Anchor]error
	lose     map[adsync.Anchor]bool
	deaf     map[adsync.Anchor]bool // the target says that it was done, and does nothing
	stop     func()                 // called before each op
}

func newWorld(ctx context.Context, clock Clock) *world {
	w := &world{
		ctx: ctx, clock: clock, sink: memory.New(), store: adsync.NewMemoryState(), plans: map[string]string{},
		refuse: map[adsync.Anchor]error{}, lose: map[adsync.Anchor]bool{}, mapper: plainMapper{digest: "1"}, ad: newADMapper(), deaf: map[adsync.Anchor]bool{},
	}
	w.wrap = func(s *memory.Sink) adsync.Sink { return s }
	w.sink.Intercept = w.intercept
	w.sink.Lose = func(op adsync.Op) error {
		if w.lose[op.Anchor] {
			return adsync.Errorf(adsync.CodeUnavailable, "the connection broke before the answer")
		}
		return nil
	}
	return w
}

func (w *world) close() error {
	for _, p := range w.places {
		w.faults = errors.Join(w.faults, p.close())
	}
	return errors.Join(w.faults, w.store.Close())
}

func (w *world) intercept(op adsync.Op) (adsync.Receipt, error, bool) {
	if w.stop != nil {
		w.stop()
	}
	if w.deaf[op.Anchor] {
		return adsync.Receipt{Target: op.Target, Outcome: adsync.Updated}, nil, true
	}
	err, refused := w.refuse[op.Anchor]
	return adsync.Receipt{}, err, refused
}

// source gives a source by name, and makes it when there is none.
func (w *world) source(name string) *directory {
	for _, d := range w.sources {
		if d.name == name {
			return d
		}
	}
	d := newDirectory(name)
	w.sources = append(w.sources, d)
	return d
}

// engine makes an engine anew, as a program does that is started again.
func (w *world) engine() (*adsync.Engine, error) {
	job := adsync.Job{
		Target: "app", Sink: w.wrap(w.sink), Mapper: w.mapper, Matcher: plainMatcher{}, State: w.store,
		Owner: "scenario", Retry: adsync.Retry{Tries: 2},
	}
	for _, d := range w.sources {
		job.Sources = append(job.Sources, adsync.SourceConfig{Name: d.name, Source: d})
	}
	for _, p := range w.places {
		job.Mapper = w.ad
		job.Sources = append(job.Sources, adsync.SourceConfig{Name: p.name, Source: p.source, Scope: p.scope})
	}
	if err := configure(&job, w.job); err != nil {
		return nil, err
	}
	return adsync.New(job)
}

// with runs f with an engine and closes it.
func (w *world) with(f func(ctx context.Context, e *adsync.Engine) (string, error)) (string, error) {
	e, err := w.engine()
	if err != nil {
		return "", err
	}
	ctx := w.ctx
	if w.patience > 0 {
		limited, cancel := context.WithTimeout(ctx, w.patience)
		defer cancel()
		ctx = limited
	}
	out, err := f(ctx, e)
	w.faults = errors.Join(w.faults, e.Close())
	return out, err
}

// names gives each object of the story an anchor that sorts in the order in
// which the names come up.
type names struct{ list []string }

func (n *names) anchor(name string) adsync.Anchor {
	i := slices.Index(n.list, name)
	if i < 0 {
		i = len(n.list)
		n.list = append(n.list, name)
	}
	return adsync.Anchor(fmt.Sprintf("00000000-0000-4000-8000-%012d", i+1))
}

// plain puts names in the place of anchors and plan ids, which would tell a
// reader nothing.
func (w *world) plain(text string) string {
	var pairs []string
	for _, name := range w.names.list {
		pairs = append(pairs, string(w.names.anchor(name)), name)
	}
	for anchor, name := range w.ad.names {
		pairs = append(pairs, string(anchor), name)
	}
	for _, p := range w.places {
		pairs = append(pairs, p.said()...)
	}
	for _, name := range slices.Sorted(maps.Keys(w.plans)) { // two names of one plan: the first
		pairs = append(pairs, w.plans[name], "«"+name+"»")
	}
	text = refused.ReplaceAllString(text, "connection refused")
	if w.clock == nil { // else the clock is the story's own
		text = instant.ReplaceAllString(text, "«then»")
	}
	return planID.ReplaceAllString(strings.NewReplacer(pairs...).Replace(text), "plan «unnamed»")
}

// planID finds the plans that the story gave no name.
var planID = regexp.MustCompile(`\bplan [0-9a-f]{16,}\b`)

// instant finds what differs from one day to the next.
var instant = regexp.MustCompile(`\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z| UTC)`)

// refused finds what systems say in words of their own.
var refused = regexp.MustCompile(`connect: connection refused|connectex: No connection could be made because the target machine actively refused it\.`)

// plainMapper passes objects on as they are.
type plainMapper struct{ digest string }

// Produces says that users speak of being active, as the ready maps do.
func (plainMapper) Produces(k adsync.Kind) []string {
	if k == adsync.User {
		return []string{adsync.AttrActive, "logon", "email", "firstName", "lastName", "displayName", "title", "phone"}
	}
	return nil
}

func (plainMapper) Map(o adsync.Object) (adsync.Object, error) {
	switch o.Attrs.Get("description") {
	case "skip":
		return o, adsync.ErrSkip
	case "unmappable":
		return o, fmt.Errorf("the rules cannot make anything of it")
	}
	return o, nil
}

func (plainMapper) Attributes() []string {
	return []string{
		"logon", "email", "firstName", "lastName", "displayName", "active", "expires", "title", "name", "phone",
		"employeeId", "description", "manager", "parent",
	}
}

func (m plainMapper) Digest() string { return m.digest }

// plainMatcher looks for our own mark, then for logon and e-mail address.
type plainMatcher struct{}

func (plainMatcher) Keys(o adsync.Object) []adsync.Key {
	external := o.Attrs.Get(adsync.AttrExternalID)
	if external == "" {
		external = string(o.Anchor)
	}
	keys := []adsync.Key{{Rung: 2, Attr: adsync.AttrExternalID, Value: external}}
	for i, attr := range []string{"logon", "email"} {
		if v := o.Attrs.Get(attr); v != "" {
			keys = append(keys, adsync.Key{Rung: 3 + i, Attr: attr, Value: strings.ToLower(v)})
		}
	}
	return keys
}
