package ldap

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
)

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

// choice is what the reads to come will be done by.
type choice struct {
	rung rung     // nil where only full reads are left
	at   *cursor  // without a position yet
	why  []string // why nothing better
}

// choose takes the best rung for the reads to come: the first that sees
// everything, else the first that can be used at all.
func (rd *reading) choose(ctx context.Context) (c choice, err error) {
	names := deltas
	if want := rd.c.src.Delta; want != DeltaAuto {
		names = []Delta{want}
	}
	switch reason := rd.onlyFull(); {
	case names[0] == DeltaOff:
		return choice{why: []string{"Delta is set to full"}}, nil
	case reason != "":
		return choice{why: []string{reason}}, nil
	case len(names) == 1 && rd.rung(names[0]) == nil:
		return choice{why: []string{string(names[0]) + ": " + rd.c.host + " is not a server that has it"}}, nil
	}
	for _, name := range names {
		if c.at != nil && c.at.Blind == "" {
			break
		}
		if err := rd.consider(ctx, &c, name); err != nil {
			return choice{}, err
		}
	}
	for _, name := range rd.unseen {
		c.why = append(c.why, name+": the server tells of no change of it; it comes up to date with full reads")
	}
	if c.at != nil {
		c.at.Why = c.why
	}
	return c, nil
}

// consider takes a rung if it is better than what there is.
func (rd *reading) consider(ctx context.Context, c *choice, name Delta) error {
	r := rd.rung(name)
	if r == nil {
		return nil
	}
	can, err := r.able(ctx, nil)
	if err != nil {
		return err
	}
	can.blind = rd.blinder(can.blind)
	switch {
	case can.refused != "":
		c.why = append(c.why, string(name)+": "+can.refused)
	case c.at == nil:
		c.rung, c.at = r, rd.cursorFor(name, can)
	case can.blind == "":
		c.why = append(c.why, c.at.Rung+" "+c.at.Blind)
		c.rung, c.at = r, rd.cursorFor(name, can)
	}
	return nil
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
		Blind: can.blind, Partly: can.partly, Swept: time.Now().UTC(), At: rd.server.now,
	}
	if can.bound {
		c.Invocation = rd.invocation
	}
	return c
}

// resume finds the rung of a cursor and sees that it still holds. It says what
// the rung can do now.
func (rd *reading) resume(ctx context.Context, c cursor) (r rung, can ability, err error) {
	if parts := rd.fingerprint().changed(c.Print); len(parts) > 0 && !protection.SameConfiguration.Removed() {
		return nil, ability{}, gone("%s changed since the last read, and a server gives only what changed under the old", strings.Join(parts, ", "))
	}
	if want := rd.c.src.Delta; want != DeltaAuto && want != Delta(c.Rung) {
		return nil, ability{}, gone("Delta is now %q, and the last read was by %s", want, c.Rung)
	}
	if slices.Contains(deltas, Delta(c.Rung)) {
		r = rd.rung(Delta(c.Rung))
	}
	if r == nil {
		return nil, ability{}, gone("the last read was by %s, which %s does not have", c.Rung, rd.c.host)
	}
	can, err = r.able(ctx, c.Position)
	if err == nil {
		err = rd.outlived(ctx, c)
	}
	if err == nil {
		can.blind = rd.blinder(can.blind)
		err = rd.holds(c, can)
	}
	return r, can, err
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
