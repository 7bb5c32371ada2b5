package simtest

import (
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// checkNothingLost holds the target, once the world came to rest, against the
// directory: whatever does not agree has to have an issue that names it.
func checkNothingLost(t *Trace, c *complaints) {
	if !t.Settled {
		return // said elsewhere
	}
	w := t.World
	end := &ending{World: w, c: c, named: map[adsync.Anchor]bool{}, objects: map[adsync.Anchor]*held{}}
	for _, i := range t.Issues {
		if i.Run >= w.settling || waitsForTheDirectory(i) {
			end.named[i.Anchor] = true
		}
	}
	for anchor := range t.leftToAPerson() {
		end.named[anchor] = true
	}
	for _, o := range w.System.objects {
		if o.anchor != "" {
			end.objects[o.anchor] = o
		}
	}
	for _, d := range w.Directories {
		view := d.viewAt(len(d.log))
		for _, anchor := range slices.Sorted(maps.Keys(view)) {
			end.judge(view, view[anchor])
		}
	}
}

// ending is the last look.
type ending struct {
	*World
	c       *complaints
	named   map[adsync.Anchor]bool // by an issue
	objects map[adsync.Anchor]*held
}

func (x *ending) judge(view map[adsync.Anchor]*Entry, e *Entry) {
	o := x.objects[e.Anchor]
	switch {
	case x.named[e.Anchor] || x.tainted[e.Anchor] || !x.options.accepts.takes(e.Kind, ""):
	case !e.InScope():
		if o != nil && !o.Inactive && x.options.accepts.deactivates(e.Kind) && (e.Kind == adsync.User || e.Kind == adsync.Contact) {
			x.c.say("%s left the directory and is still active in the target", numberOf(e.Anchor))
		}
	case o == nil && x.isPerson(e) && !isActive(e, x.ended) && !x.createsInactive():
	case o == nil:
		x.c.say("%s %s is not in the target, and no issue says why", e.Kind, numberOf(e.Anchor))
	default:
		x.compare(e, o)
		x.compareMembers(view, e, o)
	}
}

func (x *ending) isPerson(e *Entry) bool { return e.Kind == adsync.User || e.Kind == adsync.Contact }

func (x *ending) createsInactive() bool { return x.line.get("inactive", "skip") == "create" }

func (x *ending) compare(e *Entry, o *held) {
	who := numberOf(e.Anchor)
	if x.isPerson(e) && x.options.accepts.deactivates(e.Kind) && o.Inactive == isActive(e, x.ended) {
		x.c.say("%s is inactive=%v in the target, and active=%v in the directory", who, o.Inactive, isActive(e, x.ended))
	}
	for name, values := range e.Attrs.All() {
		if name == adsync.AttrActive || name == adsync.AttrExpires || !x.options.accepts.takes(e.Kind, name) {
			continue
		}
		has := o.Attrs.Values(name)
		if len(values) > 0 && !slices.Equal(values, has) {
			x.c.say("%s of %s is %q in the target and %q in the directory", name, who, has, values)
		}
		if len(values) == 0 && len(has) > 0 && x.line.get("merge", "keep") == "wins" && (name == "title" || name == "phone") {
			x.c.say("%s of %s is %q in the target and blank in the directory, which wins", name, who, has)
		}
	}
	for _, manager := range e.Refs["manager"] {
		if m := x.objects[manager]; m != nil && x.options.accepts.takes(e.Kind, "manager") && !x.tainted[manager] && o.Attrs.Get("manager") != string(m.ID) {
			x.c.say("the manager of %s is %q in the target and %s in the directory", who, o.Attrs.Get("manager"), numberOf(manager))
		}
	}
}

// compareMembers leaves those aside who are out of scope, named by an issue, or
// not in the target.
func (x *ending) compareMembers(view map[adsync.Anchor]*Entry, e *Entry, o *held) {
	if e.Kind != adsync.Group {
		return
	}
	ours := map[adsync.TargetID]adsync.Anchor{}
	for anchor, m := range x.objects {
		ours[m.ID] = anchor
		at := view[anchor]
		if at == nil || !at.InScope() || !x.options.accepts.takesMembers(at.Kind) || x.named[anchor] || x.tainted[anchor] {
			continue
		}
		switch in := slices.Contains(e.Members, anchor); {
		case in && !o.members[m.ID]:
			x.c.say("%s is a member of group %s in the directory and not in the target", numberOf(anchor), numberOf(e.Anchor))
		case !in && o.members[m.ID] && !o.byHand[m.ID]:
			x.c.say("%s is a member of group %s in the target and not in the directory", numberOf(anchor), numberOf(e.Anchor))
		}
	}
	for id := range o.members {
		if anchor, ok := ours[id]; ok && view[anchor] != nil && view[anchor].Gone && !x.named[anchor] && !x.tainted[anchor] && !o.byHand[id] {
			x.c.say("%s is gone from the directory and still a member of group %s in the target", numberOf(anchor), numberOf(e.Anchor))
		}
	}
}

// waitsForTheDirectory tells whether nothing can come of trying again until the
// object changes. Everything else is tried, and found wrong, by each run.
func waitsForTheDirectory(i adsync.Issue) bool {
	class := i.Code.Class()
	return class == adsync.ClassNote || class == adsync.ClassQuarantined || i.Code == adsync.IssueMapping
}

// checkAtRest looks for issues that only a sink can be the cause of, once nothing
// is wrong any more. The engine lists them, and so they would excuse everything.
func checkAtRest(t *Trace, c *complaints) {
	for _, i := range t.Issues {
		if ofTheSink(i) && i.Run >= t.World.settling && !t.World.tainted[i.Anchor] {
			c.say("%s %s has the issue %s although nothing is wrong any more; look at the sink's answers: %s", i.Kind, numberOf(i.Anchor), i.Code, i.Detail)
		}
	}
}

func ofTheSink(i adsync.Issue) bool {
	switch i.Code {
	case adsync.IssueDenied, adsync.IssueUnavailable, adsync.IssueFailed, adsync.IssuePending:
		return true
	case adsync.IssueAlreadyLinked: // or two objects of the directory match one of the target
		return strings.Contains(i.Detail, "the sink answered")
	}
	return false
}

// leftToAPerson gives the objects of which it could not be told, once, whether
// an op took effect.
func (t *Trace) leftToAPerson() map[adsync.Anchor]bool {
	out := map[adsync.Anchor]bool{}
	for _, e := range t.Events {
		r, _ := e.(Recorded)
		for _, i := range r.Record.Issues {
			if i.Code == adsync.IssueUnknown {
				out[i.Anchor] = true
			}
		}
	}
	return out
}
