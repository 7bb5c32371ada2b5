package ldap

import (
	"context"
	"slices"
	"time"

	"github.com/adsync/sdk/internal/directory"
)

// modifyTime asks for the entries with a newer modifyTimestamp (RFC 4512,
// section 3.4.4). It goes by the server's stamps alone: those of the entries it
// saw. Our own clock only holds it back, where a stamp lies in the future.
type modifyTime struct{ rd *reading }

// stampAttributes tell when an entry was changed, and which version it is.
var stampAttributes = []string{"modifyTimestamp", entryVersion}

func (m *modifyTime) able(ctx context.Context, _ []byte) (ability, error) {
	refused := m.rd.byNameRefused()
	if refused == "" && m.rd.schema.known && !m.rd.schema.has("modifyTimestamp") {
		refused = "the server's schema knows no modifyTimestamp"
	}
	_, err := m.rd.followed(ctx)
	return ability{refused: refused, blind: "sees neither who was deleted nor who left a base"}, err
}

func (m *modifyTime) start(ctx context.Context) ([]byte, error) {
	p, err := m.rd.makeRegister(ctx, stampAttributes)
	if err != nil {
		return nil, err
	}
	p.Since = heldBack(p.Since)
	return p.encode()
}

func (m *modifyTime) changed(ctx context.Context, position []byte, each func(touched) error) ([]byte, error) {
	p, err := decodeByName(position)
	if err != nil {
		return nil, err
	}
	filter, err := m.filter(p.Since)
	if err != nil {
		return nil, err
	}
	a, err := newAftermath(ctx, m.rd, p)
	if err != nil {
		return nil, err
	}
	next := p
	tops, err := m.rd.followed(ctx)
	if err != nil {
		return nil, err
	}
	for _, top := range tops {
		newest, err := m.look(ctx, a, top, filter)
		if err != nil {
			return nil, err
		}
		next.Since = max(next.Since, heldBack(newest))
	}
	if err := a.finish(ctx, each); err != nil {
		return nil, err
	}
	return next.encode()
}

// filter reaches back behind the newest stamp, since entries of one second, or
// of another provider, may arrive after it. With a sweep everything is looked
// at: what the server did not stamp shows then too.
func (m *modifyTime) filter(since string) (string, error) {
	if m.rd.out.sweep || since == "" {
		return "(objectClass=*)", nil
	}
	at, err := time.Parse(generalizedTime, since)
	if err != nil {
		return "", gone("the cursor's time %q cannot be read", since)
	}
	return "(modifyTimestamp>=" + at.Add(-m.rd.c.src.overlap()).UTC().Format(generalizedTime) + ")", nil
}

// sightingsAtOnce is how many entries are held before they are looked up in the
// register, in its order: by the server's, each would load a bucket anew.
const sightingsAtOnce = 20_000

// look takes the entries of one part that pass the filter and differ from what
// is known of them, and gives the newest stamp.
func (m *modifyTime) look(ctx context.Context, a *aftermath, top directory.DN, filter string) (newest string, err error) {
	var shown []key
	some := map[key]*sighting{}
	err = m.rd.list(ctx, top.String(), filter, stampAttributes, func(uuid key, e *entry) error {
		newest = max(newest, e.value("modifyTimestamp"))
		shown = append(shown, uuid)
		seen := m.rd.sight(e)
		seen.origin = "modifyTimestamp " + e.value("modifyTimestamp")
		some[uuid] = seen
		if len(some) < sightingsAtOnce {
			return nil
		}
		return m.meet(ctx, a, some)
	})
	if err == nil {
		err = m.meet(ctx, a, some)
	}
	if err != nil || !m.rd.out.sweep {
		return newest, err
	}
	slices.SortFunc(shown, key.compare)
	missing, err := a.missing(ctx, top, func(uuid key) bool {
		_, ok := slices.BinarySearchFunc(shown, uuid, key.compare)
		return ok
	})
	if err != nil {
		return newest, err
	}
	return newest, a.drop(ctx, missing)
}

// meet takes those of some entries that changed, and lets go of all.
func (m *modifyTime) meet(ctx context.Context, a *aftermath, some map[key]*sighting) error {
	for _, uuid := range byPlace(some) {
		seen := some[uuid]
		same, err := m.isKnown(ctx, a, uuid, seen)
		if err == nil && !same {
			err = a.meet(ctx, uuid, seen)
		}
		if err != nil {
			return err
		}
	}
	clear(some)
	return nil
}

// isKnown tells whether this version of an entry was read before. The overlap
// would else read the same ones at every run.
func (m *modifyTime) isKnown(ctx context.Context, a *aftermath, uuid key, seen *sighting) (bool, error) {
	old, known, err := a.register.get(ctx, uuid)
	return known && seen.stamp != 0 && seen.stamp == old.stamp && seen.answersTo(old), err
}

// heldBack gives a stamp without its fraction, and not one of the future: a
// single entry with such a stamp would hide all later changes.
func heldBack(stamp string) string {
	at, err := time.Parse(generalizedTime, stamp)
	if err != nil {
		return ""
	}
	if now := time.Now(); at.After(now) {
		at = now
	}
	return at.UTC().Format(generalizedTime)
}
