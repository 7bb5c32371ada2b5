package simtest

import (
	"fmt"

	"github.com/adsync/sdk/adsync"
)

// byHand is what somebody does in the target beside the synchronisation:
//
//	change N     writes another title
//	remove N     deletes the object
//	match N      makes an object that person N matches
//	twins N      makes two
//	protected N  makes one that must not be touched
//	inactive N   makes one that is deactivated
//	member G     makes an object of its own a member of group G
func (w *World) byHand(what string, n int) {
	s := w.System
	s.mu.Lock()
	defer s.mu.Unlock()
	switch what {
	case "change", "remove", "member":
		if o := s.by(anchorOf(n)); o != nil {
			w.tamper(what, o)
		}
	case "match":
		w.seed(n, adsync.Target{})
	case "twins":
		w.seed(n, adsync.Target{})
		w.seed(n, adsync.Target{})
	case "protected":
		w.seed(n, adsync.Target{Protected: true})
	case "inactive":
		w.seed(n, adsync.Target{Inactive: true})
	}
}

// by gives the object that stands for an anchor; nil when there is none.
func (s *System) by(anchor adsync.Anchor) *held {
	for _, o := range s.objects {
		if o.anchor == anchor {
			return o
		}
	}
	return nil
}

func (w *World) tamper(what string, o *held) {
	is := o.copy()
	switch what {
	case "change":
		is.Attrs.Set("title", w.fresh("by hand"))
		w.taint(o.anchor)
	case "remove":
		w.System.drop(o.ID)
		w.taint(o.anchor)
		return
	case "member":
		if o.Kind != adsync.Group {
			return
		}
		id := w.seed(0, adsync.Target{})
		is.members[id], is.byHand[id] = true, true
	}
	w.System.objects[o.ID] = is
}

// seed puts an object there that nobody's directory knows. One that looks like
// person n has that person's logon, which a target that was filled by hand may
// well have twice.
func (w *World) seed(n int, t adsync.Target) adsync.TargetID {
	s := w.System
	w.hands++
	t.ID, t.Kind = adsync.TargetID(fmt.Sprintf("hand-%d", w.hands)), adsync.User
	t.Attrs.Set("logon", fmt.Sprintf("user%d@example.com", n))
	t.Attrs.Set("displayName", w.fresh("made by hand"))
	if n == 0 {
		t.Attrs.Set("logon", string(t.ID)+"@example.com")
	}
	if t.Inactive {
		t.Attrs.Set(adsync.AttrActive, "false")
	}
	s.objects[t.ID] = &held{Target: t, seeded: true, members: map[adsync.TargetID]bool{}, byHand: map[adsync.TargetID]bool{}}
	return t.ID
}

// taint notes that the target was changed behind the engine's back, or lied to
// it, so that an object may differ from the directory until it changes there.
func (w *World) taint(anchor adsync.Anchor) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tainted[anchor] = true
}
