package simtest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
)

// readFaults are the things that can go wrong with a read of the first source:
// cut, error, gone, slow and twice happen on the way to the engine; empty,
// attribute and unit are answers that say that all is well; other makes the
// second source fail.
var readFaults = []string{"cut", "error", "gone", "slow", "twice", "empty", "attribute", "unit", "other"}

// reading stands between the engine and a source: it writes down what passes,
// and is where faults of the way happen.
type reading struct {
	source    adsync.Source
	directory *Directory
	process   *process
	faults    []fault
}

func (r *reading) Read(ctx context.Context, request adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	p, d := r.process, r.directory
	p.world.tell(ReadBegun{p.number, d.Name, request, d.viewAt(d.Position()), time.Now()})
	return func(yield func(adsync.Batch, error) bool) {
		if r.has("gone") && request.Since != "" {
			yield(adsync.Batch{}, adsync.Errorf(adsync.CodeGone, "the cookie is refused"))
			return
		}
		n := 0
		for batch, err := range r.source.Read(ctx, request) {
			if err != nil {
				yield(adsync.Batch{}, err)
				return
			}
			if !r.pass(&batch, n, yield) {
				return
			}
			n++
		}
	}
}

func (r *reading) has(what string) bool {
	return slices.ContainsFunc(r.faults, func(f fault) bool { return f.what == what })
}

// pass hands one batch on, as the faults let it.
func (r *reading) pass(batch *adsync.Batch, n int, yield func(adsync.Batch, error) bool) bool {
	for _, f := range r.faults {
		switch {
		case f.what == "cut" && n >= f.at:
			return false
		case f.what == "error" && n >= f.at:
			yield(adsync.Batch{}, adsync.Errorf(adsync.CodeUnavailable, "the directory does not answer any more"))
			return false
		case f.what == "slow":
			time.Sleep(50 * time.Second)
		case f.what == "twice":
			batch.Changes = slices.Concat(batch.Changes, wholeOnes(batch.Changes))
		}
	}
	if err := r.process.call(func() error { return nil }); err != nil {
		yield(adsync.Batch{}, err)
		return false
	}
	r.process.world.tell(ReadBatch{r.process.number, r.directory.Name, copyBatch(batch)})
	return yield(*batch, nil)
}

// wholeOnes gives those changes that may be shown again: not the parts of a
// list of members, whose order counts.
func wholeOnes(changes []adsync.Change) (out []adsync.Change) {
	for _, c := range changes {
		if c.Members == nil {
			out = append(out, c)
		}
	}
	return out
}

func copyBatch(b *adsync.Batch) adsync.Batch {
	c := *b
	c.Changes, c.Seen = slices.Clone(b.Changes), slices.Clone(b.Seen)
	return c
}

// scriptedSource is the kit's own source over a Directory.
type scriptedSource struct {
	directory *Directory
	full      bool // it knows snapshots only
	blind     bool // its changes show no removals, and every second read is a sweep
	diff      bool // members come as differences
}

func (w *World) scriptedSource(d *Directory) adsync.Source {
	how := w.line.get("read", "delta")
	return &scriptedSource{d, how == "full", how == "sweep", w.line.get("members", "diff") == "diff"}
}

// pageSize is small, so that a world of few people has several pages.
const pageSize = 4

func (s *scriptedSource) Read(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		changes, snapshot, err := s.changes(r)
		if err != nil {
			yield(adsync.Batch{}, err)
			return
		}
		told, sweep := changes, s.blind && strings.HasSuffix(string(r.Since), sweepNext)
		for {
			n := min(pageSize, len(changes))
			batch := adsync.Batch{Changes: changes[:n:n], Snapshot: snapshot, Sweep: sweep, Done: n == len(changes)}
			if changes = changes[n:]; batch.Done {
				s.end(&batch, r, told)
			}
			if err := ctx.Err(); err != nil {
				yield(adsync.Batch{}, err)
				return
			}
			if !yield(batch, nil) || batch.Done {
				return
			}
		}
	}
}

// sweepNext ends a cursor after which a sweep is due.
const sweepNext = "/sweep"

func (s *scriptedSource) cursor(sweep bool) adsync.Cursor {
	text := fmt.Sprintf("%s/%d/%d", s.directory.Server(), s.directory.Epoch(), s.directory.Position())
	if s.blind && !sweep {
		text += sweepNext
	}
	return adsync.Cursor(text)
}

// since reads a cursor: it is good for the controller that gave it only.
func (s *scriptedSource) since(c adsync.Cursor) (epoch, position int, err error) {
	parts := strings.Split(strings.TrimSuffix(string(c), sweepNext), "/")
	if len(parts) != 3 || parts[0] != s.directory.Server() {
		return 0, 0, adsync.Errorf(adsync.CodeGone, "%s does not know the cookie", s.directory.Server())
	}
	epoch, _ = strconv.Atoi(parts[1])
	position, _ = strconv.Atoi(parts[2])
	return epoch, position, nil
}

// changes gives everything that a read shows, in order.
func (s *scriptedSource) changes(r adsync.ReadRequest) (out []adsync.Change, snapshot bool, err error) {
	if r.Since == "" || len(r.Only) > 0 {
		for _, e := range s.directory.Shown() {
			if s.wanted(&e, r) {
				out = append(out, s.present(&e, r, nil)...)
			}
		}
		if len(r.Only) > 0 {
			return append(out, s.outside(r)...), false, nil
		}
		return out, true, nil
	}
	epoch, position, err := s.since(r.Since)
	if err != nil {
		return nil, false, err
	}
	changed, ok := s.directory.Changed(epoch, position)
	if !ok {
		return nil, false, adsync.Errorf(adsync.CodeGone, "%s was restored and does not know the cookie", s.directory.Server())
	}
	before := s.directory.viewAt(position)
	for _, e := range changed {
		switch {
		case !s.wanted(&e, r) || s.blind && !e.InScope():
		case e.Gone:
			out = append(out, adsync.Change{Object: adsync.Object{Kind: e.Kind, Anchor: e.Anchor}, Presence: adsync.Deleted})
		case !e.InScope():
			out = append(out, adsync.Change{Object: adsync.Object{Kind: e.Kind, Anchor: e.Anchor}, Presence: adsync.OutOfScope})
		default:
			out = append(out, s.present(&e, r, before[e.Anchor])...)
		}
	}
	return out, false, nil
}

// outside tells which of the objects asked for are there and not in scope.
func (s *scriptedSource) outside(r adsync.ReadRequest) (out []adsync.Change) {
	view := s.directory.viewAt(s.directory.Position())
	for _, anchor := range slices.Compact(slices.Sorted(slices.Values(r.Only))) {
		if e := view[anchor]; e != nil && !e.Gone && !e.InScope() && s.wanted(e, r) {
			out = append(out, adsync.Change{Object: adsync.Object{Kind: e.Kind, Anchor: anchor}, Presence: adsync.OutOfScope})
		}
	}
	return out
}

func (s *scriptedSource) wanted(e *Entry, r adsync.ReadRequest) bool {
	return (len(r.Only) == 0 || slices.Contains(r.Only, e.Anchor)) && (len(r.Kinds) == 0 || slices.Contains(r.Kinds, e.Kind))
}

// present gives the changes that show one object; several for a group whose
// members do not fit one.
func (s *scriptedSource) present(e *Entry, r adsync.ReadRequest, before *Entry) []adsync.Change {
	change := adsync.Change{Object: asked(e, r.Attributes)}
	if e.Unreadable {
		change.Problem = adsync.Errorf(adsync.CodeInvalid, "the entry cannot be decoded")
		return []adsync.Change{change}
	}
	if e.Kind != adsync.Group {
		return []adsync.Change{change}
	}
	if s.diff && before != nil && before.InScope() && !before.Unreadable {
		change.Members = &adsync.MemberChange{Add: lacking(e.Members, before.Members), Remove: lacking(before.Members, e.Members)}
		return []adsync.Change{change}
	}
	out := []adsync.Change{change}
	rest := e.Members
	n := min(pageSize, len(rest))
	out[0].Members = &adsync.MemberChange{Reset: true, Add: rest[:n], More: n < len(rest)}
	for rest = rest[n:]; len(rest) > 0; rest = rest[n:] {
		n = min(pageSize, len(rest))
		out = append(out, adsync.Change{
			Object: adsync.Object{Kind: adsync.Group, Anchor: e.Anchor}, MembersOnly: true,
			Members: &adsync.MemberChange{Add: rest[:n], More: n < len(rest)},
		})
	}
	return out
}

func lacking(a, b []adsync.Anchor) []adsync.Anchor {
	return slices.DeleteFunc(slices.Clone(a), func(m adsync.Anchor) bool { return slices.Contains(b, m) })
}

// asked gives the object with what was asked for, and nothing more.
func asked(e *Entry, names []string) adsync.Object {
	o := e.Object
	o.Attrs, o.Refs = adsync.Attributes{}, nil
	for _, name := range names {
		if e.Attrs.Has(name) {
			o.Attrs.Set(name, e.Attrs.Values(name)...)
		}
		if refs, ok := e.Refs[name]; ok {
			o.Refs = map[string][]adsync.Anchor{name: refs}
		}
	}
	return o
}

// end fills in what the last batch says. told is all that the read told.
func (s *scriptedSource) end(batch *adsync.Batch, r adsync.ReadRequest, told []adsync.Change) {
	if len(r.Only) > 0 {
		return
	}
	if !s.full {
		batch.Next = s.cursor(batch.Sweep || batch.Snapshot)
	}
	if batch.Sweep {
		for _, e := range s.directory.Shown() {
			if !slices.ContainsFunc(told, func(c adsync.Change) bool { return c.Object.Anchor == e.Anchor }) {
				batch.Seen = append(batch.Seen, e.Anchor)
			}
		}
	}
	if batch.Snapshot || batch.Sweep {
		batch.Witness = s.witness(r, batch.Sweep)
	}
}

func (s *scriptedSource) witness(r adsync.ReadRequest, sweep bool) *adsync.Witness {
	w := &adsync.Witness{Identity: "sync@example.com", Server: s.directory.Server(), Attributes: map[string]int{}}
	counts := map[string]int{}
	for _, e := range s.directory.Shown() {
		counts[e.Unit]++
		for _, name := range r.Attributes {
			if !sweep && (len(e.Attrs.Values(name)) > 0 || len(e.Refs[name]) > 0) {
				w.Attributes[name]++
			}
		}
	}
	for _, unit := range s.directory.Units() {
		w.Bases = append(w.Bases, adsync.BaseWitness{Name: unit, Readable: true, Objects: counts[unit]})
	}
	return w
}
