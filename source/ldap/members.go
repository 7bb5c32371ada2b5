package ldap

import (
	"context"
	"errors"
	"strconv"

	"github.com/adsync/sdk/adsync"
)

// memberChunk is the number of members that one change carries.
const memberChunk = 1000

// memberAttributes hold a group's members: DNs, DNs, and logon names.
var memberAttributes = []string{"member", "uniqueMember", "memberUid"}

// errMoved says that a group changed while its members were being read.
var errMoved = errors.New("the group changed while its members were read")

// holdMembers is how many members of a group are held back until its list is
// complete, so that a list that turns out to be torn was never handed on. A
// larger group is handed on while it is read.
var holdMembers = 50_000

// memberTries bounds how often a group that keeps changing is read anew.
const memberTries = 3

// memberAsk gives the attributes that a search for groups asks for besides
// those of the mapper. Active Directory is asked for a first stretch only, so
// that a page of groups stays small; other servers know no ranges.
func (rd *reading) memberAsk() []string {
	if !rd.server.ad {
		return memberAttributes
	}
	return []string{rangedName("member", 0, firstRange), "uSNChanged", "primaryGroupToken"}
}

// memberList hands on the members of one group in changes of bounded size.
type memberList struct {
	rd       *reading
	change   adsync.Change // the next one to hand on
	held     []adsync.Anchor
	underway bool // some have been handed on
}

func (l *memberList) put(a adsync.Anchor) error {
	l.held = append(l.held, a)
	if len(l.held) <= holdMembers {
		return nil
	}
	return l.hand(true)
}

// hand gives all that is held to the consumer. More says that the list goes on.
func (l *memberList) hand(more bool) error {
	for first := true; first || len(l.held) > 0; first = false {
		n := min(memberChunk, len(l.held))
		l.change.Members = &adsync.MemberChange{Reset: !l.underway, More: more || n < len(l.held), Add: l.held[:n:n]}
		if err := l.rd.out.add(l.change); err != nil {
			return err
		}
		l.held, l.underway = l.held[n:], true
		o := l.change.Object
		l.change = adsync.Change{Object: adsync.Object{Kind: o.Kind, Anchor: o.Anchor}, MembersOnly: true}
	}
	l.held = nil
	return nil
}

// group hands on a group and its members.
func (rd *reading) group(ctx context.Context, e *entry, change adsync.Change) error {
	l := &memberList{rd: rd, change: change}
	err := rd.membersOf(ctx, e, l)
	for range memberTries - 1 {
		if !errors.Is(err, errMoved) || l.underway {
			break
		}
		l.held = nil
		if e, err = rd.again(ctx, e); err == nil {
			err = rd.membersOf(ctx, e, l)
		}
	}
	switch torn := errors.Is(err, errMoved) || isAbsent(err); {
	case torn && l.underway:
		return adsync.Errorf(adsync.CodeIncomplete, "ldap: the members of %s: %w; read again", clean(nameOf(e)), err)
	case torn:
		change.Problem = adsync.Errorf(adsync.CodeUnavailable, "ldap: the members of %s: %w; the next run reads them again", clean(nameOf(e)), err)
		return rd.out.add(change)
	}
	return err
}

// membersOf walks over all that makes an object a member of the group.
func (rd *reading) membersOf(ctx context.Context, e *entry, l *memberList) error {
	put := func(value string) error {
		a, ok, err := rd.names.anchor(ctx, value)
		if err != nil || !ok {
			return err
		}
		return l.put(a)
	}
	for _, name := range memberAttributes[:2] {
		if err := rd.eachValue(ctx, e, name, put); err != nil {
			return err
		}
	}
	if err := rd.byLogonName(ctx, e.values("memberUid"), l.put); err != nil {
		return err
	}
	if err := rd.byPrimaryGroup(ctx, e.value("primaryGroupToken"), l.put); err != nil {
		return err
	}
	if len(l.held) > 0 || l.underway {
		rd.witness.count("member")
	}
	return l.hand(false)
}

// again reads a group once more from the beginning.
func (rd *reading) again(ctx context.Context, e *entry) (*entry, error) {
	ref, err := parseReference(e.dn)
	if err != nil {
		return e, err
	}
	fresh, err := rd.c.one(ctx, ref.base(), "(objectClass=*)", rd.server.extended, rd.memberAsk()...)
	if err == nil && fresh == nil {
		err = errMoved
	}
	if err != nil {
		return e, err
	}
	return fresh, nil
}

// eachValue gives every value of an attribute that may come in ranges.
func (rd *reading) eachValue(ctx context.Context, e *entry, name string, use func(string) error) error {
	values, span := e.ranged(name)
	for {
		for _, v := range values {
			if err := use(v); err != nil {
				return err
			}
		}
		if span.last {
			return nil
		}
		var err error
		if values, span, err = rd.nextRange(ctx, e, name, span.to+1); err != nil {
			return err
		}
	}
}

// nextRange asks for the values from a number on. When the object has changed
// since the first ones were read, values may have moved between the ranges,
// and one could be missed.
func (rd *reading) nextRange(ctx context.Context, e *entry, name string, from int) ([]string, valueRange, error) {
	ref, err := parseReference(e.dn)
	if err != nil {
		return nil, valueRange{}, err
	}
	next, err := rd.c.one(ctx, ref.base(), "(objectClass=*)", rd.server.extended, rangedName(name, from, rangeStep), "uSNChanged")
	if err != nil {
		return nil, valueRange{}, err
	}
	if before := e.value("uSNChanged"); next == nil || before != "" && next.value("uSNChanged") != before {
		return nil, valueRange{}, errMoved
	}
	values, span := next.ranged(name)
	if !span.last && (span.from != from || span.to < from) {
		return nil, valueRange{}, adsync.Errorf(adsync.CodeIncomplete, "ldap: %s of %s: values from %d on were asked for and %d-%d came", name, clean(nameOf(e)), from, span.from, span.to)
	}
	return values, span, nil
}

// byPrimaryGroup finds those whose primary group this is: Active Directory
// keeps that in the user (primaryGroupID) and leaves it out of member.
func (rd *reading) byPrimaryGroup(ctx context.Context, token string, put func(adsync.Anchor) error) error {
	if _, err := strconv.ParseUint(token, 10, 32); err != nil {
		return nil
	}
	if rd.readsUsers && !rd.primary[token] {
		return nil
	}
	c, err := rd.second(ctx)
	if err != nil {
		return err
	}
	filter := and(rd.filter(adsync.User), equals("primaryGroupID", token))
	for _, b := range rd.bases {
		for page, err := range c.search(ctx, rd.query(b.dn.String(), filter, rd.anchors)) {
			if err != nil {
				return err
			}
			for i := range page {
				if a, err := rd.anchorOf(&page[i]); err == nil {
					if err := put(a); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// second gives a connection for a paged search within another. Servers keep
// few of them per connection, OpenLDAP one, and drop the oldest: the search
// for groups would be cut short. It goes to the same server, at the same
// address.
func (rd *reading) second(ctx context.Context) (*conn, error) {
	if rd.side != nil {
		return rd.side, nil
	}
	c, err := rd.c.src.connectTo(ctx, rd.c.at)
	if err == nil {
		rd.side = c
	}
	return c, err
}

// logonChunk is the number of logon names that one filter asks for.
const logonChunk = 50

// byLogonName finds the members of a posixGroup, which names them by uid (RFC
// 2307). A name that several people bear says nothing about any of them.
func (rd *reading) byLogonName(ctx context.Context, uids []string, put func(adsync.Anchor) error) error {
	for len(uids) > 0 {
		n := min(logonChunk, len(uids))
		found, err := rd.findLogonNames(ctx, uids[:n])
		if err != nil {
			return err
		}
		for _, uid := range uids[:n] {
			if anchors := found[uid]; len(anchors) == 1 {
				if err := put(anchors[0]); err != nil {
					return err
				}
			}
		}
		uids = uids[n:]
	}
	return nil
}

func (rd *reading) findLogonNames(ctx context.Context, uids []string) (map[string][]adsync.Anchor, error) {
	found := map[string][]adsync.Anchor{}
	for _, b := range rd.bases {
		err := inParts(uids, func(uids []string) error { return rd.addLogonNames(ctx, b, uids, found) })
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (rd *reading) addLogonNames(ctx context.Context, b searchBase, uids []string, found map[string][]adsync.Anchor) error {
	// Not paged: OpenLDAP keeps one paged search per connection, and that one is
	// reading groups.
	q := rd.query(b.dn.String(), and(rd.filter(adsync.User), anyOf("uid", uids)), append([]string{"uid"}, rd.anchors...))
	q.pageSize = 0
	for page, err := range rd.c.search(ctx, q) {
		if err != nil {
			return err
		}
		for i := range page {
			if a, err := rd.anchorOf(&page[i]); err == nil {
				for _, uid := range page[i].values("uid") {
					found[uid] = append(found[uid], a)
				}
			}
		}
	}
	return nil
}
