package ldap

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
)

// usn follows the changes by the number that a controller gives to each
// (MS-ADTS 3.1.1.1.9). Every controller counts for itself, and one that was
// restored counts anew.
type usn struct{ rd *reading }

func (u *usn) able(ctx context.Context, _ []byte) (can ability, err error) {
	if can, err = u.rd.ableToPoll(ctx); can.refused != "" || err != nil {
		return can, err
	}
	if u.rd.server.highest == "" || u.rd.invocation == "" {
		can.refused = "the account cannot read highestCommittedUSN and the invocationId of " + u.rd.serverAddress()
		return can, nil
	}
	sees, err := u.rd.seesDeleted(ctx, can.context)
	if !sees {
		can.blind = blindToDeleted
	}
	return can, err
}

// start gives the number that was asked for before anything else of this read.
func (u *usn) start(ctx context.Context) ([]byte, error) {
	return []byte(u.rd.server.highest), u.rd.noteContainers(ctx)
}

func (u *usn) changed(ctx context.Context, since []byte, each func(touched) error) ([]byte, error) {
	last, err := strconv.ParseUint(string(since), 10, 63)
	if err != nil {
		return nil, gone("the cursor holds no number of a change")
	}
	highest, err := strconv.ParseUint(u.rd.server.highest, 10, 63)
	if err != nil || highest < last && !protection.SameController.Removed() {
		return nil, gone("%s has come to change %s, and the last read to %d: it was put back to an older state", u.rd.serverAddress(), clean(u.rd.server.highest), last)
	}
	if highest <= last {
		return since, nil
	}
	filter := "(uSNChanged>=" + strconv.FormatUint(last+1, 10) + ")"
	isNew := func(s attributeStamp) bool { return s.here > last }
	return []byte(u.rd.server.highest), u.rd.poll(ctx, filter, isNew, each)
}

// whenChanged follows the changes by the clock of the server.
type whenChanged struct{ rd *reading }

func (w *whenChanged) able(ctx context.Context, _ []byte) (can ability, err error) {
	if can, err = w.rd.ableToPoll(ctx); can.refused != "" || err != nil {
		return can, err
	}
	if w.rd.server.now.IsZero() {
		can.refused = "the server does not tell its time"
	}
	can.blind = "goes by the clock and does not see who left"
	return can, nil
}

func (w *whenChanged) start(ctx context.Context) ([]byte, error) {
	return []byte(w.rd.server.now.Format(generalizedTime)), w.rd.noteContainers(ctx)
}

func (w *whenChanged) changed(ctx context.Context, since []byte, each func(touched) error) ([]byte, error) {
	last, err := time.Parse(generalizedTime, string(since))
	switch {
	case err != nil:
		return nil, gone("the cursor holds no time")
	case w.rd.server.now.Before(last.Add(-w.rd.c.src.overlap())):
		return nil, gone("the clock of %s went back to %s, and the last read was at %s", w.rd.serverAddress(), w.rd.server.now.Format(time.RFC3339), last.Format(time.RFC3339))
	}
	// One digit of a second: Active Directory wants it.
	from := last.Add(-w.rd.c.src.overlap())
	filter := "(whenChanged>=" + from.Format("20060102150405.0Z") + ")"
	next := last
	if w.rd.server.now.After(next) {
		next = w.rd.server.now
	}
	isNew := func(s attributeStamp) bool { return !s.at.Before(from) }
	return []byte(next.Format(generalizedTime)), w.rd.poll(ctx, filter, isNew, each)
}

// ableToPoll says what both ways have in common.
func (rd *reading) ableToPoll(ctx context.Context) (can ability, err error) {
	contexts := rd.ownContexts()
	if len(contexts) != 1 {
		return ability{refused: "the bases lie in several naming contexts: " + strings.Join(contexts, " and ")}, nil
	}
	if err := rd.lookAtLinks(ctx); err != nil {
		return can, err
	}
	if names := sortedKeys(rd.far); len(names) > 0 {
		return ability{refused: strings.Join(names, ", ") + " changes without the object that shows it, and only dirsync tells of that"}, nil
	}
	return ability{bound: true, partly: true, context: contexts[0]}, nil
}

// poll asks for the objects that match a filter by time or number, deleted ones
// among them. It asks the whole naming context: what was moved out of a base is
// no longer below it. isNew tells a change since the last read from an older one.
func (rd *reading) poll(ctx context.Context, filter string, isNew func(attributeStamp) bool, each func(touched) error) error {
	q := rd.query(rd.ownContexts()[0], and(filter, rd.changeFilter()), []string{rd.own, "objectClass", "isDeleted", "uSNChanged", "replPropertyMetaData"})
	q.deleted = true
	for page, err := range rd.c.search(ctx, q) {
		if err != nil {
			return err
		}
		for i := range page {
			t, ok, err := rd.polled(ctx, &page[i])
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			t.back = !t.gone && wasBroughtBack(&page[i], isNew)
			if err := each(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// polled reads one entry. It does not tell what of the object changed.
func (rd *reading) polled(ctx context.Context, e *entry) (t touched, ok bool, err error) {
	id, ok := rd.idOf(e)
	if !ok {
		return t, false, adsync.Errorf(adsync.CodeIncomplete, "ldap: reading the changes: %s shows no %s: let the account read it", clean(nameOf(e)), rd.own)
	}
	t = touched{
		id: id, gone: isTombstone(e), fresh: true, class: e.values("objectClass"),
		origin: "change " + e.value("uSNChanged") + " at " + rd.serverAddress(),
	}
	ref, err := parseReference(e.dn)
	if err != nil || t.gone {
		return t, true, nil
	}
	if p := rd.placeOf(e, ref); p.container() {
		t.below, err = rd.isRenamed(ctx, id, ref)
	}
	return t, true, err
}
