package simtest

import (
	"slices"
	"time"

	"github.com/adsync/sdk/adsync"
)

// runs follows what is stored of the runs, and which reads the programs made.
type runs struct {
	info  map[int64]adsync.RunInfo
	ops   map[int64][]adsync.PlannedOp
	by    map[int64]int // the process that planned it
	reads map[int]map[string]*read
	links map[int]map[adsync.Kind]adsync.LinkCount
	done  map[int64]int // batches recorded
	all   []*read
	// sealed are the runs whose plan was stored to its end.
	sealed map[int64]bool
	// beside has what a process reads of single objects, until it reads otherwise.
	beside map[int]*read
}

// read is the latest read of one source by one process.
type read struct {
	source  string
	truth   map[adsync.Anchor]*Entry
	at      time.Time
	changes []adsync.Change
	whole   bool // a snapshot or sweep
	done    bool
	next    adsync.Cursor
}

func newRuns() *runs {
	return &runs{
		info: map[int64]adsync.RunInfo{}, ops: map[int64][]adsync.PlannedOp{}, by: map[int64]int{}, done: map[int64]int{},
		reads: map[int]map[string]*read{}, links: map[int]map[adsync.Kind]adsync.LinkCount{}, beside: map[int]*read{},
	}
}

// see follows one event.
func (r *runs) see(e Event) {
	switch e := e.(type) {
	case ReadBegun:
		if delete(r.beside, e.Process); len(e.Request.Only) > 0 {
			at := &read{source: e.Source, truth: e.Truth, at: e.At}
			r.beside[e.Process], r.all = at, append(r.all, at)
			return
		}
		if r.reads[e.Process] == nil {
			r.reads[e.Process] = map[string]*read{}
		}
		r.all = append(r.all, &read{source: e.Source, truth: e.Truth, at: e.At})
		r.reads[e.Process][e.Source] = r.all[len(r.all)-1]
	case ReadBatch:
		if at := r.beside[e.Process]; at != nil {
			at.changes = append(at.changes, e.Batch.Changes...)
			return
		}
		if at := r.reads[e.Process][e.Source]; at != nil && !at.done {
			at.changes = append(at.changes, e.Batch.Changes...)
			at.whole, at.done, at.next = e.Batch.Snapshot || e.Batch.Sweep, e.Batch.Done, e.Batch.Next
		}
	case Counted:
		r.links[e.Process] = e.Links
	case Planned:
		r.by[e.Run] = e.Process
		for _, b := range e.Batches {
			r.ops[e.Run] = append(r.ops[e.Run], b.Ops...)
		}
	case Saved:
		r.info[e.Info.ID] = e.Info
	case Finished:
		r.info[e.Info.ID] = e.Info
	case Recorded:
		r.done[e.Record.Run]++
	}
}

// applying gives the run whose plan is being applied now.
func (r *runs) applying() (adsync.RunInfo, bool) {
	for _, info := range r.info {
		if info.State == adsync.RunApplying {
			return info, true
		}
	}
	return adsync.RunInfo{}, false
}

// readOf gives the read on which a run's ops of a source rest.
func (r *runs) readOf(run int64, source string) *read { return r.reads[r.by[run]][source] }

func checkOrder(t *Trace, c *complaints) {
	r := newRuns()
	late := map[int]bool{} // stood still, so that a call of theirs may arrive late
	c.each(t, func(e Event) {
		r.see(e)
		if s, ok := e.(Suspended); ok {
			late[s.Process] = true
		}
		if a, ok := e.(Affected); ok && a.Op.Key == "" {
			c.say("%s %s %s%s changed the target, and the engine had sent no op of such an anchor or target", a.Op.Verb, a.Op.Kind, numberOf(a.Op.Anchor), a.Op.Target)
		}
		sent, ok := e.(Sent)
		if !ok || late[sent.Process] {
			return
		}
		info, ok := r.applying()
		if !ok {
			c.say("%s %s is sent while no plan is being applied", sent.Ops[0].Verb, numberOf(sent.Ops[0].Anchor))
			return
		}
		for _, f := range info.Findings {
			if f.Refuses && info.Approved == "" {
				c.say("run %d is applied although it is refused: %s", info.ID, f.Text)
			}
		}
		for _, op := range sent.Ops {
			if at := r.readOf(info.ID, op.Source); at == nil || !at.done {
				c.say("%s %s is sent, and the read of %s that it rests on did not end with Done", op.Verb, numberOf(op.Anchor), op.Source)
			}
		}
	})
}

// checkLimits counts a plan for itself: people who leave or are deleted, and
// objects that change.
func checkLimits(t *Trace, c *complaints) {
	r := newRuns()
	c.each(t, func(e Event) {
		r.see(e)
		saved, ok := e.(Saved)
		if !ok || saved.Info.State != adsync.RunApplying || saved.Info.Approved != "" {
			return
		}
		leaving := map[adsync.Kind]int{}
		for _, op := range r.ops[saved.Info.ID] {
			switch op.Intent {
			case adsync.IntentLeave, adsync.IntentDeactivate, adsync.IntentDelete:
				leaving[op.Kind]++
			}
		}
		limit := t.World.guard.Leaving
		for kind, n := range leaving {
			active := r.links[r.by[saved.Info.ID]][kind].Active
			if most := max(limit.Count, int(float64(active)*limit.Percent/100)); n > most && !limit.Off {
				c.say("run %d is applied, in which %d of %d active %ss leave, and nobody approved it; the limit is %d", saved.Info.ID, n, active, kind, most)
			}
		}
	})
}

func checkCursor(t *Trace, c *complaints) {
	r := newRuns()
	c.each(t, func(e Event) {
		r.see(e)
		f, ok := e.(Finished)
		if !ok {
			return
		}
		for _, s := range f.Sources {
			if s.Run != f.Info.ID || s.Cursor == "" {
				continue
			}
			if n := r.done[f.Info.ID]; n != f.Info.Batches {
				c.say("the cursor of %s moves with run %d, of whose %d batches %d have an outcome", s.Name, f.Info.ID, f.Info.Batches, n)
			}
			at := r.readOf(f.Info.ID, s.Name)
			if f.Info.Batches > 0 && (at == nil || !at.done || at.next != s.Cursor) {
				c.say("the cursor of %s becomes %q, which no complete read gave", s.Name, s.Cursor)
			}
		}
	})
}

func checkSamePlan(t *Trace, c *complaints) {
	c.each(t, func(e Event) {
		if p, ok := e.(Replanned); ok && p.First != p.Second {
			c.say("planned first\n%s\nand then\n%s", p.First, p.Second)
		}
	})
}

// checkLease: whoever acquired the lease last holds it.
func checkLease(t *Trace, c *complaints) {
	var holder int
	late := map[int]bool{} // stood still, so that a call of theirs may arrive late
	c.each(t, func(e Event) {
		switch e := e.(type) {
		case Acquired:
			holder = e.Process
		case Released:
			if holder == e.Process {
				holder = 0
			}
		case Sent:
			if e.Process != holder && !late[e.Process] {
				c.say("process %d sends %s %s while process %d holds the lease", e.Process, e.Ops[0].Verb, numberOf(e.Ops[0].Anchor), holder)
			}
		case Recorded:
			if e.Process != holder {
				c.say("process %d records an outcome while process %d holds the lease", e.Process, holder)
			}
		case Finished:
			if e.Process != holder {
				c.say("process %d ends a run while process %d holds the lease", e.Process, holder)
			}
		case Suspended:
			late[e.Process] = true
		}
	})
}

func checkBounds(t *Trace, c *complaints) {
	c.each(t, func(e Event) {
		switch e := e.(type) {
		case Asked:
			if e.N > e.Most {
				c.say("asked %s: %d at once, of which there may be %d", e.What, e.N, e.Most)
			}
		case Planned:
			if len(e.Batches) > 8 {
				c.say("%d batches of a plan were held at once", len(e.Batches))
			}
		case Noted:
			if len(e.Issues) > 500 {
				c.say("%d issues were held at once", len(e.Issues))
			}
		}
	})
}

// saidGone tells whether a read so far said that an object was gone, by name or,
// having listed everything to its end, by not showing it. What failed then is
// tried again on the word of that read.
func (r *runs) saidGone(source string, anchor adsync.Anchor) bool {
	return slices.ContainsFunc(r.all, func(at *read) bool {
		said, shown := at.shown(anchor)
		return at.source == source && (shown && said.Presence != adsync.Present || at.done && at.whole && !at.there(anchor))
	})
}

// lastSaidGone tells whether what was last said of an object is that it is gone,
// by name or by a true list without it: that it came back, a directory may have
// kept to itself.
func (r *runs) lastSaidGone(source string, anchor adsync.Anchor) bool {
	for _, at := range slices.Backward(r.all) {
		if at.source != source {
			continue
		}
		if said, shown := at.shown(anchor); shown {
			return said.Presence != adsync.Present
		}
		if at.done && at.whole && !at.there(anchor) {
			return true
		}
	}
	return false
}

// shown tells what a read said of an object, and whether it said anything.
func (r *read) shown(anchor adsync.Anchor) (adsync.Change, bool) {
	for _, ch := range slices.Backward(r.changes) {
		if ch.Object.Anchor == anchor && !ch.MembersOnly {
			return ch, true
		}
	}
	return adsync.Change{}, false
}

// whenShown gives an object as it was at the last read that showed it: what
// changed since, a directory may have kept to itself. Of one that was never
// shown it gives what is true now.
func (r *runs) whenShown(now *read, anchor adsync.Anchor) *Entry {
	for _, at := range slices.Backward(r.all) {
		if _, shown := at.shown(anchor); shown && at.source == now.source {
			return at.truth[anchor]
		}
	}
	return now.truth[anchor]
}
