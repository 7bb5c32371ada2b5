package ldap

import (
	"context"
	"slices"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
	"github.com/adsync/sdk/internal/protection"
)

// allKinds in the order in which they are read: units before what lives in
// them, groups after their members.
var allKinds = []adsync.Kind{adsync.OrganizationalUnit, adsync.User, adsync.Contact, adsync.Group}

// reading is one read under way.
type reading struct {
	c                   *conn
	side                *conn // see second
	req                 adsync.ReadRequest
	server              server
	schema              schema
	boundAs, serverName string // for the witness and for texts
	before              remembered
	behind              string // why the server may lack what was read before; empty when it has it
	anchors             []string
	own                 string // the server's own identifier; empty when it shows none
	native              string // the same, where the anchor is another
	invocation          string // identity of the server's database; empty when it shows none
	bases               []searchBase
	units               *units
	chosen              *membership // nil: not narrowed by groups
	want                wanted
	names               *names
	twins               twins
	witness             *witness
	out                 *batches
	remarks             []string       // for the report, of this read alone
	tops                []directory.DN // see followed
	partly              bool           // not all of a naming context is followed
	register            *register      // what entries are called, in a read of changes that keeps it

	columns columns
	classes []string // of the entry before, with what they make it
	class   adsync.Kind
	classed bool

	readsUsers bool
	primary    map[string]bool          // primaryGroupIDs seen
	groups     map[string]adsync.Anchor // see groupAtHand
	deciding   []string                 // see scopeAttributes
	refs       *referrers               // nil where references are not followed
	far        farEnds                  // see lookAtLinks
	unseen     []string                 // attributes of which no change is ever told
}

// searchBase is one of BaseDNs.
type searchBase struct{ dn directory.DN }

// begin connects and finds out everything that has to be known before the
// first object is asked for.
func (s *Source) begin(ctx context.Context, r adsync.ReadRequest) (*reading, error) {
	before, err := recall(ctx, r.Notes)
	if err != nil {
		return nil, err
	}
	if before.Site != "" {
		s.memory.setSite(before.Site)
	}
	var rd *reading
	_, err = s.connect(ctx, before.Address, func(ctx context.Context, c *conn) error {
		rd = &reading{c: c, req: r, before: before, primary: map[string]bool{}}
		return rd.find(ctx)
	})
	return rd, err
}

// find does the steps before the first object. A server that fails in one of them
// is as one that does not answer: the read begins anew with the next.
func (rd *reading) find(ctx context.Context) error {
	for _, step := range []func(context.Context) error{rd.learn, rd.chooseAnchor, rd.chooseBases, rd.caughtUp, rd.chooseScope, rd.prepare} {
		if err := step(ctx); err != nil {
			rd.close()
			return err
		}
	}
	return nil
}

func (rd *reading) close() {
	rd.c.close()
	if rd.side != nil {
		rd.side.close()
	}
}

func (rd *reading) learn(ctx context.Context) (err error) {
	if rd.server, err = rd.c.server(ctx); err != nil {
		return err
	}
	if rd.boundAs, err = rd.c.boundAs(ctx, rd.server); err != nil {
		return err
	}
	if rd.serverName, err = rd.c.identity(ctx, rd.server); err != nil {
		return err
	}
	_, rd.invocation, _ = strings.Cut(rd.serverName, " ")
	rd.schema, err = rd.c.schema(ctx, rd.server)
	return err
}

// natives are identifiers that a server itself gives and never reuses.
var natives = []string{"entryUUID", "objectGUID", "nsUniqueId", "ibm-entryUUID"}

// chooseAnchor takes what is configured, else the identifier that the server
// gives by itself.
func (rd *reading) chooseAnchor(context.Context) error {
	native := ""
	if rd.server.ad {
		native = "objectGUID"
	} else if i := slices.IndexFunc(natives, rd.schema.has); i >= 0 {
		native = natives[i]
	}
	rd.own = native
	rd.anchors = rd.c.src.AnchorAttribute
	if len(rd.anchors) == 0 {
		if native == "" {
			return invalid("the schema of %s shows none of %s; set AnchorAttribute to an attribute that never changes", rd.c.host, strings.Join(natives, ", "))
		}
		rd.anchors = []string{native}
	}
	for _, name := range rd.anchors {
		if rd.schema.known && !rd.schema.has(name) {
			return invalid("AnchorAttribute: the schema of %s knows no attribute %s", rd.c.host, name)
		}
	}
	if len(rd.anchors) > 1 || !strings.EqualFold(rd.anchors[0], native) {
		rd.native = native
	}
	return nil
}

func (rd *reading) chooseBases(ctx context.Context) error {
	texts := rd.c.src.BaseDNs
	if len(texts) == 0 {
		if rd.server.byDefault == "" {
			return invalid("BaseDNs is empty and %s names no default; it serves %s", rd.c.host, strings.Join(rd.server.contexts, " and "))
		}
		texts = []string{rd.server.byDefault}
	}
	var list []directory.DN
	for _, text := range texts {
		dn, err := directory.ParseDN(text)
		if err != nil {
			return err
		}
		list = append(list, dn)
	}
	for _, dn := range topmost(list) {
		if err := rd.mustExist(ctx, "base", dn); err != nil {
			return err
		}
		rd.bases = append(rd.bases, searchBase{dn})
	}
	return nil
}

// mustExist asks for one entry. Whatever is wrong with it, the read cannot
// show what lives below, so it ends here: a base that was renamed must never
// look like one that was emptied.
func (rd *reading) mustExist(ctx context.Context, what string, dn directory.DN) error {
	e, err := rd.c.one(ctx, dn.String(), "(objectClass=*)", false, "1.1")
	switch {
	case err == nil && e != nil:
		return nil
	case err == nil || isAbsent(err):
		fault := adsync.Errorf(adsync.CodeIncomplete, "ldap: the %s %s cannot be read on %s: it was renamed or removed, or the account may not see it; correct it and read again", what, clean(dn.String()), rd.c.host)
		fault.Problem = what + "-not-found"
		return fault
	}
	return err
}

func (rd *reading) chooseScope(ctx context.Context) (err error) {
	scope := rd.req.Scope
	if rd.units, err = parseUnits(scope); err != nil || scope == nil {
		return err
	}
	for _, u := range rd.units.list {
		if !slices.ContainsFunc(rd.bases, func(b searchBase) bool { return u.dn.Within(b.dn) || b.dn.Within(u.dn) }) {
			return invalid("scope: the unit %s lies outside every base", u.dn)
		}
		if err := rd.mustExist(ctx, "unit", u.dn); err != nil {
			return err
		}
	}
	if scope.Filter != "" {
		if err := checkFilter("the scope's filter", scope.Filter); err != nil {
			return err
		}
	}
	if len(scope.Groups) > 0 {
		rd.chosen, err = rd.expand(ctx, scope.Groups)
	}
	return err
}

func (rd *reading) prepare(context.Context) (err error) {
	if rd.want, err = makeWanted(rd.req.Attributes, rd.schema); err != nil {
		return err
	}
	rd.readsUsers = rd.wants(adsync.User) && rd.isFull()
	rd.witness = newWitness(rd)
	rd.names = newNames(rd)
	return nil
}

// isFull tells a read of everything from one of some objects or of changes.
func (rd *reading) isFull() bool { return len(rd.req.Only) == 0 && rd.req.Since == "" }

func (rd *reading) wants(kind adsync.Kind) bool {
	return len(rd.req.Kinds) == 0 || slices.Contains(rd.req.Kinds, kind)
}

func (rd *reading) filter(kind adsync.Kind) string { return rd.c.src.kindFilter(kind, rd.server.ad) }

// query is a search below a base in the way that this server knows.
func (rd *reading) query(base, filter string, attrs []string) query {
	q := query{base: base, scope: goldap.ScopeWholeSubtree, filter: filter, attrs: attrs, extended: rd.server.extended}
	if rd.server.paging {
		q.pageSize = rd.c.src.pageSize()
	}
	return q
}

func (rd *reading) anchorOf(e *entry) (adsync.Anchor, error) {
	list := make([]adsync.Attribute, 0, len(rd.anchors))
	for _, name := range rd.anchors {
		list = append(list, adsync.Attribute{Name: name, Values: e.values(name)})
	}
	if protection.Identity.Removed() {
		return adsync.Anchor(nameOf(e)), nil
	}
	return directory.Anchor(rd.anchors, adsync.MakeAttributes(list...))
}

// nameOf gives an entry's name for people.
func nameOf(e *entry) string {
	_, dn := splitExtended(e.dn)
	return dn
}
