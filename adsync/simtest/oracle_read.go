package simtest

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/adsync/sdk/adsync"
)

// The oracles of reads hold a plan against what the answering controller really
// had, whatever its answer showed: a lie, a lost base or a cut must never become
// an op. What a lagging controller does not have yet counts as not being there.

// eachPlanned calls what with every op that is planned, and the read it rests on.
// A read that a person accepted is to be believed, also by later runs, which do
// what could not be done at once; and a plan that was not stored to its end is none.
func eachPlanned(t *Trace, c *complaints, what func(r *runs, op *adsync.PlannedOp, at *read)) {
	r, accepted := newRuns(), t.accepted()
	r.sealed = t.sealed()
	c.each(t, func(e Event) {
		r.see(e)
		p, ok := e.(Planned)
		if !ok {
			return
		}
		for _, b := range p.Batches {
			for i := range b.Ops {
				if at := r.readOf(p.Run, b.Ops[i].Source); at != nil && b.Ops[i].Verb != 0 && r.sealed[p.Run] && p.Run < accepted {
					what(r, &b.Ops[i], at)
				}
			}
		}
	})
}

// accepted gives the first run of which a person said that the read is to be
// believed.
func (t *Trace) accepted() int64 {
	first := int64(math.MaxInt64)
	for _, e := range t.Events {
		if s, ok := e.(Saved); ok {
			for _, f := range s.Info.Findings {
				if f.Rule == "read-accepted" {
					first = min(first, s.Info.ID)
				}
			}
		}
	}
	return first
}

// sealed gives the runs whose plan was stored to its end.
func (t *Trace) sealed() map[int64]bool {
	out := map[int64]bool{}
	for _, e := range t.Events {
		if s, ok := e.(Saved); ok && s.Info.Plan != "" {
			out[s.Info.ID] = true
		}
	}
	return out
}

func (r *read) there(anchor adsync.Anchor) bool {
	e := r.truth[anchor]
	return e != nil && e.InScope()
}

func checkAbsence(t *Trace, c *complaints) {
	eachPlanned(t, c, func(r *runs, op *adsync.PlannedOp, at *read) {
		who := numberOf(op.Anchor)
		switch {
		case op.Intent == adsync.IntentLeave || op.Intent == adsync.IntentDelete:
			if !r.saidGone(op.Source, op.Anchor) {
				c.say("%s is to leave, and no read said so, nor listed everything to its end without it", who)
			}
			if at.there(op.Anchor) && !r.lastSaidGone(op.Source, op.Anchor) {
				c.say("%s is to leave, and is in the directory and in scope%s", who, t.liesThatOnlyAWitnessTells(c.step))
			}
		case op.Verb == adsync.Members:
			group := at.truth[op.Anchor]
			for _, m := range op.Remove {
				if group != nil && group.InScope() && slices.Contains(group.Members, m) && at.there(m) {
					c.say("member %s is to be removed from group %s, and is a member in the directory", numberOf(m), who)
				}
			}
		}
	})
}

// liesThatOnlyAWitnessTells is what a vendor's source has to know of a step in
// which the directory hides something and says that all is well.
func (t *Trace) liesThatOnlyAWitnessTells(step int) string {
	if t.World.options.Source == nil || step == 0 {
		return ""
	}
	for _, f := range t.Script.Steps[step-1].faults("read") {
		if f.what == "empty" || f.what == "unit" {
			return "; a Witness that counts each unit as a base would have told: see Directory.Units, or put read=" + f.what + " into Options.Avoid"
		}
	}
	return ""
}

func checkUnknown(t *Trace, c *complaints) {
	eachPlanned(t, c, func(r *runs, op *adsync.PlannedOp, at *read) {
		e, who := r.whenShown(at, op.Anchor), numberOf(op.Anchor)
		if e == nil || op.Kind != adsync.User && op.Kind != adsync.Contact {
			return
		}
		switch {
		case op.Intent == adsync.IntentReactivate && !isActive(e, at.at):
			c.say("%s is to be reactivated, and is not active in the directory", who)
		case op.Intent == adsync.IntentDeactivate && isActive(e, at.at) && e.InScope():
			c.say("%s is to be deactivated, and is active in the directory", who)
		case op.Verb == adsync.Put && op.Intent != adsync.IntentPark:
			for name, before := range op.Old.All() {
				after := op.Full.Values(name)
				if name != "manager" && len(before) > 0 && len(after) == 0 && e.Attrs.Get(name) != "" && e.InScope() {
					c.say("%s of %s is to be cleared, and has a value in the directory", name, who)
				}
			}
		}
	})
}

// isActive tells whether a person is, by what the directory says and the clock.
func isActive(e *Entry, now time.Time) bool {
	at, err := time.Parse(time.RFC3339, e.Attrs.Get(adsync.AttrExpires))
	return e.Attrs.Get(adsync.AttrActive) == "true" && (err != nil || at.After(now))
}

func checkOthersGoOn(t *Trace, c *complaints) {
	c.each(t, func(e Event) {
		ran, ok := e.(Ran)
		if !ok || ran.Step.Verb == "second" {
			return
		}
		if p, ok := ran.Err.(*PanicError); ok {
			c.say("%v\n%s", p, p.Stack)
			return
		}
		if ran.Err != nil && mayStop(ran.Step) {
			return
		}
		switch {
		case errors.Is(ran.Err, context.DeadlineExceeded):
			c.say("the run took longer than %s: a call of the source or the sink had no answer; a connector needs limits of its own", runLimit)
		case ran.Err != nil:
			c.say("the run ended with an error although only single objects, or nothing, were wrong: %v", ran.Err)
		case ran.Report.Outcome == adsync.OutcomeFailed || ran.Report.Outcome == adsync.OutcomeUnreachable || ran.Report.Outcome == adsync.OutcomeCancelled:
			c.say("the run ended %s although only single objects, or nothing, were wrong", ran.Report.Outcome)
		}
	})
	if !t.Settled {
		c.say("the world does not come to rest: each run writes something or fails, with nothing wrong any more")
	}
}

// mayStop tells whether a step has faults that are the whole run's.
func mayStop(s Step) bool {
	if s.get("suspend", "") != "" || s.get("with", "") != "" {
		return true
	}
	for _, f := range s.faults("read") {
		if f.what == "cut" || f.what == "error" || f.what == "empty" || f.what == "unit" {
			return true
		}
	}
	for _, f := range s.faults("sink") {
		if f.what != "refuse" && f.what != "lie" && f.what != "slow" && f.what != "limited" && f.what != "large" && f.what != "wrongid" {
			return true
		}
	}
	return false
}
