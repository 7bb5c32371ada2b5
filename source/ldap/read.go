package ldap

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// Read gives the whole directory as it is in scope, what changed since
// r.Since, or the objects of r.Only. It makes a connection of its own, after
// the first batch is asked for, and cuts it when the loop ends.
func (s *Source) Read(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		ctx, cancel := s.withinReadTimeout(ctx)
		defer cancel()
		if r.Since != "" || len(r.Only) > 0 {
			s.readTo(ctx, r, yield)
			return
		}
		ahead(func(hand emit) { s.readTo(ctx, r, hand) }, cancel, yield)
	}
}

func (s *Source) readTo(ctx context.Context, r adsync.ReadRequest, yield emit) {
	rd, err := s.begin(ctx, r)
	if err != nil {
		yield(adsync.Batch{}, err)
		return
	}
	defer rd.close()
	rd.out = &batches{yield: yield, snapshot: rd.isFull(), max: s.pageSize()}
	next, method, err := rd.read(ctx)
	if err == nil && ctx.Err() != nil {
		err = rd.c.failed(ctx, "reading", ctx.Err())
	}
	if err == nil {
		err = rd.remember(ctx)
	}
	switch {
	case errors.Is(err, errStopped):
	case err != nil:
		yield(adsync.Batch{}, err)
	default:
		rd.out.done(rd.witness.result(), next, method)
	}
}

// read does one of the three reads that there are.
func (rd *reading) read(ctx context.Context) (adsync.Cursor, *adsync.Method, error) {
	switch {
	case len(rd.req.Only) > 0:
		return "", nil, rd.readOnly(ctx)
	case rd.req.Since != "":
		return rd.readChanges(ctx)
	}
	return rd.readAll(ctx)
}

// readAll reads everything. Where the next read can do with the changes, the
// position from which it does is asked for before the first object.
func (rd *reading) readAll(ctx context.Context) (next adsync.Cursor, m *adsync.Method, err error) {
	chosen, err := rd.choose(ctx)
	if err == nil && chosen.rung != nil {
		err = rd.mark(ctx, chosen.rung, chosen.at)
		rd.refs = newReferrers(rd)
		rd.refs.anew()
	}
	if err == nil {
		err = rd.run(ctx)
	}
	if err == nil {
		err = rd.refs.store(ctx)
	}
	if err != nil || chosen.rung == nil {
		return "", rd.method(string(DeltaOff), nil, chosen.why), err
	}
	next, err = chosen.at.encode()
	return next, rd.method(string(DeltaOff), nil, chosen.at.why()), err
}

// mark puts into the cursor where the changes go on from, and into the notes what
// the next read is held against.
func (rd *reading) mark(ctx context.Context, r rung, at *cursor) (err error) {
	if at.Position, err = r.start(ctx); err != nil {
		return err
	}
	if err := rd.noteChosen(ctx); err != nil {
		return err
	}
	at.Canaries, err = rd.lookForCanaries(ctx)
	return err
}

func (rd *reading) run(ctx context.Context) error {
	return rd.eachQuery(func(kind adsync.Kind, base int, q query) error { return rd.pages(ctx, kind, base, q) })
}

// eachQuery gives the searches of a read of everything, in order.
func (rd *reading) eachQuery(use func(kind adsync.Kind, base int, q query) error) error {
	for _, kind := range allKinds {
		if !rd.wants(kind) {
			continue
		}
		for i, b := range rd.bases {
			for _, q := range rd.queries(kind, b) {
				if err := use(kind, i, q); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// queries gives the searches for one kind below one base. Units are read
// whatever is selected, so that a selection can be made from them.
func (rd *reading) queries(kind adsync.Kind, b searchBase) []query {
	filter, roots := rd.kindAndScope(kind), []directory.DN{b.dn}
	if len(rd.req.Only) > 0 {
		return rd.onlyQueries(kind, filter, b)
	}
	if kind != adsync.OrganizationalUnit {
		roots = rd.units.roots(b.dn)
	}
	var list []query
	for _, root := range roots {
		list = append(list, rd.kindQuery(kind, root, filter))
	}
	return list
}

// kindAndScope gives the filter of a kind together with the scope's.
func (rd *reading) kindAndScope(kind adsync.Kind) string {
	if kind == adsync.OrganizationalUnit || rd.req.Scope == nil {
		return rd.filter(kind)
	}
	return and(rd.filter(kind), rd.req.Scope.Filter)
}

func (rd *reading) kindQuery(kind adsync.Kind, root directory.DN, filter string) query {
	q := rd.query(root.String(), filter, rd.ask(kind))
	if kind == adsync.Group {
		q.pageSize = (q.pageSize + 9) / 10 // groups carry their first members
	}
	return q
}

func (rd *reading) pages(ctx context.Context, kind adsync.Kind, base int, q query) error {
	q.brief = true
	for page, err := range rd.c.search(ctx, q) {
		if err != nil {
			return err
		}
		for i := range page {
			if err := rd.object(ctx, kind, base, &page[i]); err != nil {
				return err
			}
		}
		if err := rd.out.flush(); err != nil {
			return err
		}
	}
	return nil
}

// object hands on one entry. What is wrong with it alone becomes its Problem;
// an error ends the read.
func (rd *reading) object(ctx context.Context, kind adsync.Kind, base int, e *entry) error {
	if !rd.isOf(kind, e) {
		return nil
	}
	change, dn, err := rd.change(ctx, kind, e)
	if err != nil {
		return err
	}
	if kind == adsync.User {
		if id := e.value("primaryGroupID"); id != "" && !rd.primary[id] {
			rd.primary[strings.Clone(id)] = true
		}
	}
	if kind != adsync.OrganizationalUnit && !rd.covers(e, dn) {
		if len(rd.req.Only) == 0 {
			return nil
		}
		change.Presence = adsync.OutOfScope
	}
	rd.witness.saw(base, dn, change)
	if err := rd.refs.note(ctx, change.Object); err != nil {
		return err
	}
	if kind != adsync.Group || change.Problem != nil || change.Presence != adsync.Present {
		return rd.out.add(change)
	}
	return rd.group(ctx, e, change)
}

// covers tells whether an entry is in scope. One whose name cannot be read is:
// it was seen, and is listed with its problem.
func (rd *reading) covers(e *entry, dn directory.DN) bool {
	if dn.IsRoot() {
		return true
	}
	return (rd.units.All() || rd.units.Contain(dn.Parent())) && (rd.chosen == nil || rd.chosen.has(e, dn))
}

// change makes an entry the change that shows it.
func (rd *reading) change(ctx context.Context, kind adsync.Kind, e *entry) (adsync.Change, directory.DN, error) {
	c := adsync.Change{Object: adsync.Object{Kind: kind}, Origin: rd.originOf(e)}
	ref, err := parseReference(e.dn)
	if err != nil {
		c.Problem = adsync.Errorf(adsync.CodeInvalid, "ldap: an entry has a name that cannot be read: %w", err)
	}
	c.Object.Container = ref.dn.ParentText()
	if c.Object.Anchor, err = rd.anchorOf(e); err != nil {
		return rd.withoutAnchor(c, e, err)
	}
	if fault := rd.twins.meet(rd, c.Object.Anchor, e, ref); fault != nil {
		c.Problem = fault
	}
	if c.Problem != nil {
		return c, ref.dn, nil
	}
	return c, ref.dn, rd.fill(ctx, &c, e, ref)
}

// fill puts attributes and references into the change.
func (rd *reading) fill(ctx context.Context, c *adsync.Change, e *entry, ref reference) error {
	raw, err := rd.raw(ctx, e)
	if err != nil {
		return rd.ofObject(c, err)
	}
	decoded, err := rd.want.plain.Decode(ref.dn, raw)
	if err != nil {
		c.Problem = adsync.Errorf(adsync.CodeInvalid, "ldap: %s: %w", clean(nameOf(e)), err)
		return nil
	}
	c.Object.Attrs = decoded.Attrs
	return rd.fillRefs(ctx, c, raw)
}

// ofObject tells an error of the object alone, such as that it changed or went
// while its values were read, from one that ends the read.
func (rd *reading) ofObject(c *adsync.Change, err error) error {
	if errors.Is(err, errMoved) || isAbsent(err) {
		c.Problem = adsync.Errorf(adsync.CodeUnavailable, "ldap: the object changed while it was read; the next run reads it again: %w", err)
		return nil
	}
	return err
}

func (rd *reading) fillRefs(ctx context.Context, c *adsync.Change, raw adsync.Attributes) error {
	for _, name := range rd.want.refs {
		for _, value := range raw.Values(name) {
			a, ok, err := rd.names.anchor(ctx, value)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if c.Object.Refs == nil {
				c.Object.Refs = map[string][]adsync.Anchor{}
			}
			c.Object.Refs[name] = append(c.Object.Refs[name], a)
		}
	}
	return nil
}

// withoutAnchor judges an entry that cannot be told from another. Where the
// server gives the identifier by itself, it is a right that is missing, and
// every other object may lack it too: the read cannot go on.
func (rd *reading) withoutAnchor(c adsync.Change, e *entry, err error) (adsync.Change, directory.DN, error) {
	ref, _ := parseReference(e.dn)
	if rd.native == "" {
		return c, ref.dn, adsync.Errorf(adsync.CodeIncomplete, "ldap: %s shows no %s: let the account read it: %w", clean(nameOf(e)), rd.anchors[0], err)
	}
	c.Object.Anchor = adsync.Anchor("dn:" + ref.dn.Folded())
	c.Problem = adsync.Errorf(adsync.CodeInvalid, "ldap: %s has no anchor: %w", clean(nameOf(e)), err)
	return c, ref.dn, nil
}
