package ldap

import (
	"context"
	"slices"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
	"github.com/adsync/sdk/internal/protection"
)

// settleAtOnce is the number of touched objects that are asked for together.
const settleAtOnce = 100

// delta is one read of what changed.
type delta struct {
	rd      *reading
	pending map[string]*touched
	order   []string // of pending, as they came
	// referred are those whose referrers were touched: two who were each other's
	// manager would go round and round.
	referred map[string]bool
}

// readChanges reads what changed since the cursor, and, when it is time, which
// objects are still there.
func (rd *reading) readChanges(ctx context.Context) (adsync.Cursor, *adsync.Method, error) {
	at, err := decodeCursor(rd.req.Since)
	if err != nil {
		return "", nil, err
	}
	r, can, err := rd.resume(ctx, at)
	if err == nil {
		at.Canaries, err = rd.stillSees(ctx, at.Canaries)
	}
	if err != nil {
		return "", nil, err
	}
	now := time.Now().UTC()
	rd.out.sweep = rd.sweepIsDue(at, now)
	rd.refs = newReferrers(rd)
	next, err := rd.follow(ctx, r, at.Position)
	if err == nil {
		err = rd.refs.store(ctx)
	}
	if err == nil && rd.out.sweep {
		// A rung that sees more by now is believed from here on, and not before:
		// what it did not see went by.
		at.Swept, at.Blind, at.Partly, err = now, can.blind, can.partly, rd.sweep(ctx)
	}
	if err != nil {
		return "", nil, err
	}
	at.Position, at.At = next, rd.server.now
	text, err := at.encode()
	return text, rd.method(at.Rung, &at, slices.Concat(at.why(), rd.remarks)), err
}

// sweepIsDue: a clock that was set back makes it due too.
func (rd *reading) sweepIsDue(at cursor, now time.Time) bool {
	since := now.Sub(at.Swept)
	return (at.Blind != "" || at.Partly) && (since < 0 || since >= rd.c.src.sweepEvery()) && !protection.Sweep.Removed()
}

// follow hands on all that was touched, and gives the position after it.
func (rd *reading) follow(ctx context.Context, r rung, since []byte) (next []byte, err error) {
	d := &delta{rd: rd, pending: map[string]*touched{}, referred: map[string]bool{}}
	next, err = r.changed(ctx, since, func(t touched) error { return d.touch(ctx, t) })
	if err == nil {
		err = d.touchChosen(ctx)
	}
	for err == nil && len(d.order) > 0 { // settling may touch more
		err = d.settle(ctx)
	}
	if err == nil {
		err = rd.out.flush()
	}
	return next, err
}

// touch collects what was touched until there is enough to ask for together.
func (d *delta) touch(ctx context.Context, t touched) error {
	if before, ok := d.pending[t.id]; ok {
		before.join(t)
		return nil
	}
	d.pending[t.id] = &t
	d.order = append(d.order, t.id)
	if len(d.order) < settleAtOnce {
		return nil
	}
	return d.settle(ctx)
}

// settle finds out what the collected objects are now. They are handed on while
// the server is asked for the next.
func (d *delta) settle(ctx context.Context) error {
	s := &settling{delta: d, list: d.pending, order: d.order, shown: map[string]bool{}, deleted: map[string]bool{}}
	d.pending, d.order = map[string]*touched{}, nil
	for _, step := range []func(context.Context) error{s.locate, s.returned, s.show, s.lookAgain, s.leave, s.touchReferrers, s.goBelow} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// goBelow touches what lives below the containers that have another name now.
// They are collected first: a search that is still under way would stand in the
// way of those that settle what it found.
func (s *settling) goBelow(ctx context.Context) error {
	for _, id := range s.order {
		place, ok := s.places[id]
		if !ok || !s.list[id].below || !place.container() || protection.RenamedUnits.Removed() {
			continue
		}
		ids, err := s.delta.rd.idsBelow(ctx, place.ref)
		if err != nil {
			return err
		}
		for _, below := range ids {
			if err := s.delta.touch(ctx, touched{id: below, fresh: true, origin: s.list[id].origin}); err != nil {
				return err
			}
		}
	}
	return nil
}

// idsBelow lists the objects below a container that could be in scope.
func (rd *reading) idsBelow(ctx context.Context, top reference) ([]string, error) {
	var filters string
	for _, kind := range allKinds {
		if rd.wants(kind) {
			filters += rd.filter(kind)
		}
	}
	ids, err := rd.idsOf(ctx, top.base(), "(|"+filters+")")
	if err != nil && isAbsent(err) { // it went away since; that will be reported by itself
		return nil, nil
	}
	return ids, err
}

func (rd *reading) idsOf(ctx context.Context, base, filter string) (ids []string, err error) {
	for page, err := range rd.c.search(ctx, rd.query(base, filter, []string{rd.own})) {
		if err != nil {
			return nil, err
		}
		for i := range page {
			if id, ok := rd.idOf(&page[i]); ok {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// idOf gives the server's own identifier of an entry.
func (rd *reading) idOf(e *entry) (string, bool) {
	own := adsync.Attribute{Name: rd.own, Values: e.values(rd.own)}
	a, err := directory.Anchor([]string{rd.own}, adsync.MakeAttributes(own))
	return string(a), err == nil
}
