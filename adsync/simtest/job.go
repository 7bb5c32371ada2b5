package simtest

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// The job that every script runs: attribute names are the same on both sides,
// objects are matched by anchor, logon and address, and the guard's limits fit
// a world of few people.
func (w *World) job(p *process, step Step) adsync.Job {
	job := adsync.Job{
		Target: "target", Mapper: mapper{w.options.accepts}, State: store{w.store, p}, Owner: "simtest",
		Log:   slog.New(slog.NewJSONHandler(says{w}, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Guard: adsync.Guard{Leaving: adsync.Limit{Count: 3}, Updates: adsync.Limit{Count: 12}}, FullEvery: -1,
	}
	for _, d := range w.Directories {
		job.Sources = append(job.Sources, adsync.SourceConfig{Name: d.Name, Source: &secretSource{w.source(d, p, step), sourceCanary}})
	}
	sink := w.options.Sink
	if sink == nil {
		sink = (*World).scriptedSink
	}
	job.Sink = wrapped(&tap{sink: sink(w), process: p, faults: step.faults("sink"), token: sinkCanary})
	_, finds := job.Sink.(adsync.Finder)
	if _, lists := job.Sink.(adsync.Lister); finds || lists {
		job.Matcher = matcher{}
	}
	job.Snapshot = step.get("from", "") == "full"
	if w.line.get("merge", "keep") == "wins" {
		job.Merge = map[string]adsync.MergeMode{}
		for _, name := range []string{"title", "phone"} {
			if takes := w.options.accepts.takes; takes(adsync.User, name) || takes(adsync.Contact, name) {
				job.Merge[name] = adsync.SourceWins
			}
		}
	}
	if w.line.get("inactive", "skip") == "create" {
		job.CreateInactive = true
	}
	if w.line.get("leavers", "keep") == "delete" {
		job.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.Group: {OutOfScope: adsync.LeaverDelete, Deleted: adsync.LeaverDelete}}
	}
	if w.options.Job != nil {
		w.options.Job(&job)
	}
	w.guard, w.leavers = job.Guard, job.Leavers
	return job
}

func (w *World) source(d *Directory, p *process, step Step) adsync.Source {
	make := w.options.Source
	if make == nil {
		make = (*World).scriptedSource
	}
	r := &reading{source: make(w, d), directory: d, process: p}
	if d == w.Directories[0] {
		r.faults = step.faults("read")
	} else if f := step.faults("read"); hasFault(f, "other") {
		r.faults = []fault{{what: "error"}}
	}
	return r
}

func hasFault(faults []fault, what string) bool {
	for _, f := range faults {
		if f.what == what {
			return true
		}
	}
	return false
}

// secretSource holds a password, as connectors do.
type secretSource struct {
	adsync.Source
	password string
}

// says takes what goes to the log.
type says struct{ w *World }

func (s says) Write(b []byte) (int, error) {
	s.w.tell(Said{"log", string(bytes.Clone(b))})
	return len(b), nil
}

// mapper passes objects on as they are, but for one title, and for what the
// sink under test does not take.
type mapper struct{ accepts }

var errOdd = errors.New("no rule fits this title")

func (m mapper) Map(o adsync.Object) (adsync.Object, error) {
	if o.Attrs.Get("title") == oddTitle {
		return o, errOdd
	}
	whole := o
	o.Attrs, o.Refs = adsync.Attributes{}, nil
	for name, values := range whole.Attrs.All() {
		if m.gives(o.Kind, name) {
			o.Attrs.Set(name, values...)
		}
	}
	if m.gives(o.Kind, "manager") {
		o.Refs = whole.Refs
	}
	return o, nil
}

// gives tells whether an attribute is mapped. When an account ends is for the
// engine, which then takes it out of use.
func (m mapper) gives(kind adsync.Kind, name string) bool {
	if name == adsync.AttrExpires {
		name = adsync.AttrActive
	}
	return m.takes(kind, name)
}

func (mapper) Attributes() []string {
	return []string{"logon", "email", "displayName", "title", "phone", "name", "manager", adsync.AttrActive, adsync.AttrExpires}
}

func (mapper) Digest() string { return "1" }

func (m mapper) Produces(k adsync.Kind) []string {
	names := []string{"name"}
	switch k {
	case adsync.User:
		names = []string{"logon", "email", "displayName", "title", "phone", "manager", adsync.AttrActive, adsync.AttrExpires}
	case adsync.Contact:
		names = []string{"email", "displayName", "title", "phone", "manager", adsync.AttrActive, adsync.AttrExpires}
	}
	return slices.DeleteFunc(names, func(name string) bool { return !m.gives(k, name) })
}

type matcher struct{}

func (matcher) Keys(o adsync.Object) []adsync.Key {
	external := o.Attrs.Get(adsync.AttrExternalID)
	if external == "" {
		external = string(o.Anchor)
	}
	keys := []adsync.Key{{Rung: 1, Attr: adsync.AttrExternalID, Value: external}}
	if o.Kind != adsync.User {
		return keys
	}
	for rung, name := range []string{"logon", "email"} {
		if v := o.Attrs.Get(name); v != "" {
			keys = append(keys, adsync.Key{Rung: 2 + rung, Attr: name, Value: strings.ToLower(v)})
		}
	}
	return keys
}
