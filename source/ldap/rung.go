package ldap

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
)

// rung is one way to learn what changed since an earlier read. It says which
// objects were touched and never what they are: that is read afterwards, with
// the job's own filter and scope (see settle).
type rung interface {
	// able asks the server whether this way is open to the account, and what
	// it can see. It is asked at every read, with the position that the read
	// will start from, nil before a first one.
	able(ctx context.Context, since []byte) (ability, error)
	// start gives the position from which a later read of changes starts. It
	// is asked before the first object of a full read, so that nothing that
	// changes in the meantime is lost.
	start(ctx context.Context) (position []byte, err error)
	// changed hands on every object touched since the position, some perhaps
	// several times, and gives the position of the next read, which counts
	// only when all of them were dealt with. A position that the server no
	// longer knows is an error with CodeGone.
	changed(ctx context.Context, position []byte, each func(touched) error) (next []byte, err error)
}

// ability is what a rung can do for this account on this server.
type ability struct {
	// refused says why the rung cannot be used; empty when it can.
	refused string
	// blind says what the rung does not see, in words that go on after its
	// name; empty when it sees everything. A blind rung is joined by a sweep
	// from time to time.
	blind string
	// context is the naming context that it tells the changes of.
	context string
	// bound says that the position means nothing to another server.
	bound bool
}

// touched is an object that something happened to.
type touched struct {
	id   string // the server's own identifier, as text: objectGUID, entryUUID
	gone bool   // the server said that it was deleted
	// fresh says that it may not have been in scope before, or under another
	// name: created, moved, renamed, brought back. Groups are then read with
	// all their members, other objects together with the groups they are in.
	fresh bool
	// below says that the objects below it have to be read too, since their
	// names or their scope changed with its name.
	below bool
	// members says that the list of members changed in a way that only the
	// whole list tells.
	members bool
	// added and removed are values of the attribute member that came or went.
	added, removed []string
	// class is the objectClass, where the report has it.
	class  []string
	kind   adsync.Kind // as it was last seen, where the server keeps nothing of what was deleted
	origin string      // for people
}

// join adds what a further report says of the same object.
func (t *touched) join(o touched) {
	t.gone = o.gone || t.gone && !o.fresh // one that was brought back has its name anew
	t.fresh, t.below, t.members = t.fresh || o.fresh, t.below || o.below, t.members || o.members
	if len(o.added) > 0 || len(o.removed) > 0 {
		// The order of the two reports matters and is lost here.
		t.members = t.members || len(t.added) > 0 || len(t.removed) > 0
		t.added, t.removed = append(t.added, o.added...), append(t.removed, o.removed...)
	}
	if len(t.class) == 0 {
		t.class = o.class
	}
	t.origin = o.origin
}

// Delta names a way to learn what changed since the last read.
type Delta string

// The ways, the best first. Each server has its own; see the package comment.
const (
	// DeltaAuto takes the best way that server and account allow.
	DeltaAuto Delta = ""
	// DeltaOff reads everything each time.
	DeltaOff Delta = "full"
	// DeltaDirSync is the DirSync control of Active Directory.
	DeltaDirSync Delta = "dirsync"
	// DeltaUSN asks Active Directory for the objects with a newer uSNChanged.
	DeltaUSN Delta = "usn"
	// DeltaWhenChanged asks Active Directory for those with a newer whenChanged.
	DeltaWhenChanged Delta = "whenchanged"
	// DeltaSyncrepl is the content synchronisation of RFC 4533.
	DeltaSyncrepl Delta = "syncrepl"
	// DeltaModifyTimestamp asks for those with a newer modifyTimestamp.
	DeltaModifyTimestamp Delta = "modifytimestamp"
)

// deltas lists the ways, the best first.
var deltas = []Delta{DeltaDirSync, DeltaUSN, DeltaWhenChanged, DeltaSyncrepl, DeltaModifyTimestamp}

// rung gives the way of a name; nil where this server has none of that name.
func (rd *reading) rung(name Delta) rung {
	if rd.server.ad {
		switch name {
		case DeltaDirSync:
			return &dirSync{rd: rd}
		case DeltaUSN:
			return &usn{rd: rd}
		case DeltaWhenChanged:
			return &whenChanged{rd: rd}
		}
		return nil
	}
	switch name {
	case DeltaSyncrepl:
		return &syncrepl{rd: rd}
	case DeltaModifyTimestamp:
		return &modifyTime{rd: rd}
	}
	return nil
}

// choose takes the best rung for the reads to come: the first that sees
// everything, else the first that can be used at all. It gives a cursor without
// a position, and nil where only full reads are left.
func (rd *reading) choose(ctx context.Context) (chosen rung, at *cursor, why []string, err error) {
	names := deltas
	switch want := rd.c.src.Delta; want {
	case DeltaAuto:
	case DeltaOff:
		return nil, nil, []string{"Delta is set to full"}, nil
	default:
		names = []Delta{want}
	}
	if reason := rd.onlyFull(); reason != "" {
		return nil, nil, []string{reason}, nil
	}
	for _, name := range names {
		r := rd.rung(name)
		if r == nil {
			if len(names) == 1 {
				why = append(why, string(name)+": "+rd.c.host+" is not a server that has it")
			}
			continue
		}
		can, err := r.able(ctx, nil)
		if err != nil {
			return nil, nil, nil, err
		}
		can.blind = rd.blinder(can.blind)
		switch {
		case can.refused != "":
			why = append(why, string(name)+": "+can.refused)
		case at == nil || at.Blind != "" && can.blind == "":
			chosen, at = r, rd.cursorFor(name, can)
		}
		if at != nil && at.Blind == "" {
			break
		}
	}
	if at != nil {
		for _, name := range rd.unseen {
			why = append(why, name+": the server tells of no change of it; it comes up to date with full reads")
		}
		at.Why = why
	}
	return chosen, at, why, nil
}

// onlyFull says why no rung at all fits this job, or "".
func (rd *reading) onlyFull() string {
	switch {
	case rd.own == "":
		return "the server shows no identifier of its own by which a changed object could be asked for"
	case rd.chosen != nil && rd.req.Notes == nil:
		return "the scope selects groups, and nobody keeps the source's notes of who was in them"
	case rd.chosen != nil && !rd.server.extended:
		return "the scope selects groups, and the server does not tell who left one"
	}
	return ""
}

// blinder adds what no rung sees with this configuration.
func (rd *reading) blinder(blind string) string {
	if rd.native == "" {
		return blind
	}
	text := "does not see who was deleted, since what is left of an object does not show " + strings.Join(rd.anchors, ", ")
	if blind != "" {
		text = blind + "; it " + text
	}
	return text
}

func (rd *reading) cursorFor(name Delta, can ability) *cursor {
	c := &cursor{
		Rung: string(name), Print: rd.fingerprint(), Server: rd.serverAddress(), Context: can.context,
		Blind: can.blind, Swept: time.Now().UTC(), At: rd.server.now,
	}
	if can.bound {
		c.Invocation = rd.invocation
	}
	return c
}

// resume finds the rung of a cursor and sees that it still holds. It says what
// the rung does not see now.
func (rd *reading) resume(ctx context.Context, c cursor) (r rung, blind string, err error) {
	if parts := rd.fingerprint().changed(c.Print); len(parts) > 0 && !protection.SameConfiguration.Removed() {
		return nil, "", gone("%s changed since the last read, and a server gives only what changed under the old", strings.Join(parts, ", "))
	}
	if want := rd.c.src.Delta; want != DeltaAuto && want != Delta(c.Rung) {
		return nil, "", gone("Delta is now %q, and the last read was by %s", want, c.Rung)
	}
	if slices.Contains(deltas, Delta(c.Rung)) {
		r = rd.rung(Delta(c.Rung))
	}
	if r == nil {
		return nil, "", gone("the last read was by %s, which %s does not have", c.Rung, rd.c.host)
	}
	can, err := r.able(ctx, c.Position)
	if err == nil {
		err = rd.outlived(ctx, c)
	}
	if err == nil {
		can.blind = rd.blinder(can.blind)
		err = rd.holds(c, can)
	}
	return r, can.blind, err
}

// holds tells whether a cursor is still good for this server and account.
func (rd *reading) holds(c cursor, can ability) error {
	switch {
	case rd.onlyFull() != "":
		return gone("%s", rd.onlyFull())
	case can.refused != "":
		return gone("%s can no longer be used: %s", c.Rung, can.refused)
	case can.blind != "" && c.Blind == "":
		return gone("%s no longer sees everything: it %s", c.Rung, can.blind)
	case can.context != c.Context:
		return gone("the changes of %s were followed, and the bases are now in %s", c.Context, can.context)
	case protection.SameController.Removed():
	case can.bound && c.Server != rd.serverAddress():
		return gone("the changes were followed on %s, and %s answered; numbers of one mean nothing to the other", c.Server, rd.serverAddress())
	case can.bound && c.Invocation != rd.invocation:
		return gone("the database of %s was restored or made anew since the last read", rd.serverAddress())
	}
	return nil
}

// serverAddress gives the server's own name, without its database's identity.
func (rd *reading) serverAddress() string {
	name, _, _ := strings.Cut(rd.serverName, " ")
	return name
}

// method says in the report how a read was done.
func (rd *reading) method(name string, c *cursor, why []string) *adsync.Method {
	m := &adsync.Method{Name: name, Server: rd.serverName, Why: append(rd.c.passedOver(), why...)}
	if c != nil && c.Blind != "" {
		m.RemovalsAsOf = c.Swept
	}
	return m
}
