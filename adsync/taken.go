package adsync

import "context"

// refuseTaken fails creates that the sink answered with the id of an object
// that another source object has. With two links to one object, each of them
// would undo the other's changes from then on, and the leaver of one would take
// the other's account away.
func (a *applier) refuseTaken(ctx context.Context, w *work) error {
	created := w.created()
	owners, err := findOwners(ctx, a.state, a.made.toAsk(w, created))
	if err != nil {
		return err
	}
	for _, i := range created {
		id, mine := w.results[i].Receipt.Target, LinkRef{w.planned[i].Source, w.planned[i].Link}
		owner, taken := owners[id]
		if !taken || owner.State == LinkLost || (LinkRef{owner.Source, owner.Key}) == mine {
			owners[id] = Link{Source: mine.Source, Key: mine.Key, Anchor: w.planned[i].Anchor}
			a.made.add(id)
			continue
		}
		w.results[i] = Result{Err: &Error{Code: CodeConflict, Problem: string(IssueAlreadyLinked), Err: Errorf(CodeConflict,
			"the sink answered with the id %s, which %s of source %s has; if both are one person, ignore one of them, else this is a fault of the sink",
			id, owner.Anchor, owner.Source)}}
	}
	return nil
}

// made remembers the objects that this run made. The state can tell whose an
// object is, but not before a run has come to its end without looking at every
// link, so in a first run it is asked about ids that came before, and no others.
type made struct{ ids *bloom } // nil once a run has come to its end

func newMade(ctx context.Context, state State, ops int) (*made, error) {
	sources, err := state.Sources(ctx)
	if err != nil || len(sources) > 0 {
		return &made{}, err
	}
	return &made{newBloom(ops)}, nil
}

func (m *made) add(id TargetID) {
	if m.ids != nil {
		m.ids.add(id)
	}
}

func (m *made) toAsk(w *work, created []int) (ask []TargetID) {
	for _, i := range created {
		id := w.results[i].Receipt.Target
		if m.ids == nil || m.ids.has(id) {
			ask = append(ask, id)
		}
	}
	return ask
}

// created lists the ops that asked for a new object and were answered with an id.
func (w *work) created() (out []int) {
	for _, i := range w.sent {
		r := &w.results[i]
		if w.ops[i].Verb == Put && w.ops[i].Target == "" && r.Err == nil && r.Receipt.Target != "" {
			out = append(out, i)
		}
	}
	return out
}
