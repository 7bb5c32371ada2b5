package ldap_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/testserver"
)

// chronicle lets things happen at random in a slapd. What happened is kept in
// words, so that a failure can be told; the seed tells it again.
type chronicle struct {
	t    testing.TB
	conn *goldap.Conn
	rand *rand.Rand
	base string // everything happens below it, and most of it in ou=People and ou=Groups
	told []string
	n    int
	// tidies says that the server takes old names out of groups, a moment after
	// it has answered.
	tidies bool
}

func rootOf(t testing.TB, server testserver.LDAP) *goldap.Conn {
	pem, err := os.ReadFile(server.CAFile)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(pem))
	conn, err := goldap.DialURL(server.URL, goldap.DialWithTLSConfig(&tls.Config{RootCAs: pool}))
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.Bind(server.AdminDN, server.AdminPassword))
	return conn
}

func newChronicle(t testing.TB, server testserver.LDAP, seed uint64) *chronicle {
	h := &chronicle{t: t, conn: rootOf(t, server), rand: rand.New(rand.NewPCG(seed, 2)), base: server.BaseDN}
	for _, dn := range []string{"ou=Elsewhere," + h.base, "ou=Sales,ou=People," + h.base, "ou=Staff,ou=People," + h.base} {
		require.NoError(t, h.add(dn, "objectClass", "organizationalUnit"))
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d; what happened:\n%s", seed, strings.Join(h.told, "\n"))
		}
	})
	return h
}

func (h *chronicle) add(dn string, pairs ...string) error {
	add := goldap.NewAddRequest(dn, nil)
	values := map[string][]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = append(values[pairs[i]], pairs[i+1])
	}
	for _, name := range slices.Sorted(keysOf(values)) {
		add.Attribute(name, values[name])
	}
	return h.conn.Add(add)
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (h *chronicle) find(base, filter string, attrs ...string) []*goldap.Entry {
	r, err := h.conn.Search(goldap.NewSearchRequest(base, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 0, 0, false, filter, attrs, nil))
	if goldap.IsErrorWithCode(err, goldap.LDAPResultNoSuchObject) {
		return nil
	}
	require.NoError(h.t, err)
	return r.Entries
}

// one picks an entry, nil where there is none.
func (h *chronicle) one(filter string, attrs ...string) *goldap.Entry {
	list := h.find(h.base, filter, append(attrs, "ou")...)
	list = slices.DeleteFunc(list, func(e *goldap.Entry) bool { return strings.Contains(e.DN, "ou=Services") })
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b *goldap.Entry) int { return strings.Compare(a.DN, b.DN) })
	return list[h.rand.IntN(len(list))]
}

const (
	onePerson = "(objectClass=inetOrgPerson)"
	oneGroup  = "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))"
	oneUnit   = "(&(objectClass=organizationalUnit)(!(ou=Services)))"
	oneOwned  = "(&(objectClass=organizationalUnit)(|(ou=u*)(ou=Sales)))"
)

// name gives a new name or, now and then, one of a few that come again: who
// bears it may be mentioned already, or have been.
func (h *chronicle) name(prefix string) string {
	if h.rand.IntN(3) == 0 {
		return fmt.Sprintf("%sagain%d", prefix, h.rand.IntN(4))
	}
	h.n++
	return fmt.Sprintf("%s%03d", prefix, h.n)
}

func (h *chronicle) unitDN() string { return h.one(oneUnit).DN }

// happen does n things. What the server refuses did not happen.
func (h *chronicle) happen(n int) {
	for range n {
		at := h.rand.IntN(len(events))
		what, err := events[at].do(h)
		line := fmt.Sprintf("%4d %s: %s", len(h.told), events[at].name, what)
		if err != nil {
			line += " -- refused: " + err.Error()
		}
		h.told = append(h.told, line)
	}
}

var events = []struct {
	name string
	do   func(*chronicle) (string, error)
}{
	{"hire", (*chronicle).hire},
	{"hire", (*chronicle).hire},
	{"hire", (*chronicle).hire},
	{"hire", (*chronicle).hire},
	{"set", (*chronicle).set},
	{"set", (*chronicle).set},
	{"uid", (*chronicle).uid},
	{"rename", (*chronicle).rename},
	{"rename", (*chronicle).rename},
	{"move", (*chronicle).move},
	{"move", (*chronicle).move},
	{"delete", (*chronicle).remove},
	{"delete", (*chronicle).remove},
	{"group", (*chronicle).group},
	{"join", (*chronicle).join},
	{"join", (*chronicle).join},
	{"join", (*chronicle).join},
	{"join one to come", (*chronicle).joinToCome},
	{"quit", (*chronicle).quit},
	{"quit", (*chronicle).quit},
	{"rename group", (*chronicle).renameGroup},
	{"delete group", (*chronicle).removeGroup},
	{"boss", (*chronicle).boss},
	{"boss", (*chronicle).boss},
	{"boss to come", (*chronicle).bossToCome},
	{"new unit", (*chronicle).newUnit},
	{"rename unit", (*chronicle).renameUnit},
	{"move unit", (*chronicle).moveUnit},
	{"remove unit", (*chronicle).removeUnit},
	{"into scope or out", (*chronicle).filter},
}

func (h *chronicle) hire() (string, error) {
	uid := h.name("p")
	dn := "uid=" + uid + "," + h.unitDN()
	return dn, h.add(dn, "objectClass", "inetOrgPerson", "uid", uid, "cn", "Ada "+uid, "sn", "Example", "mail", uid+"@example.com")
}

func (h *chronicle) modify(dn string, change func(*goldap.ModifyRequest)) error {
	r := goldap.NewModifyRequest(dn, nil)
	change(r)
	return h.conn.Modify(r)
}

func (h *chronicle) set() (string, error) {
	e := h.one("(|" + onePerson + oneGroup + ")")
	if e == nil {
		return "nobody", nil
	}
	h.n++
	value := fmt.Sprintf("said %d", h.n)
	return e.DN + " " + value, h.modify(e.DN, func(r *goldap.ModifyRequest) { r.Replace("description", []string{value}) })
}

// uid gives somebody a second uid, or takes it away.
func (h *chronicle) uid() (string, error) {
	e := h.one(onePerson, "uid")
	if e == nil {
		return "nobody", nil
	}
	if uids := e.GetAttributeValues("uid"); len(uids) > 1 {
		own, _, _ := strings.Cut(strings.TrimPrefix(e.DN, "uid="), ",")
		return e.DN + " only " + own, h.modify(e.DN, func(r *goldap.ModifyRequest) { r.Replace("uid", []string{own}) })
	}
	more := h.name("p")
	return e.DN + " also " + more, h.modify(e.DN, func(r *goldap.ModifyRequest) { r.Add("uid", []string{more}) })
}

func (h *chronicle) moved(e *goldap.Entry, rdn, parent string) (string, error) {
	if e == nil {
		return "nobody", nil
	}
	if rdn == "" {
		rdn, _, _ = strings.Cut(e.DN, ",")
	}
	old := h.names(e.DN)
	err := h.conn.ModifyDN(goldap.NewModifyDNRequest(e.DN, rdn, true, parent))
	if err == nil {
		h.tidied(old)
	}
	return e.DN + " to " + rdn + "," + parent, err
}

// names lists an entry and what is below it.
func (h *chronicle) names(dn string) (list []string) {
	for _, e := range h.find(dn, "(objectClass=*)", "1.1") {
		list = append(list, e.DN)
	}
	return list
}

// tidied waits until nobody mentions names that are no more.
func (h *chronicle) tidied(names []string) {
	if !h.tidies {
		return
	}
	filter := "(|"
	for _, name := range names {
		filter += fmt.Sprintf("(member=%[1]s)(uniqueMember=%[1]s)(manager=%[1]s)", goldap.EscapeFilter(name))
	}
	there := func() bool { return len(h.names(names[0])) > 0 } // renamed to what it was
	for range 200 {
		if len(h.find(h.base, filter+")", "1.1")) == 0 || there() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	h.t.Logf("some still mention %v", names)
}

func (h *chronicle) rename() (string, error) {
	return h.moved(h.one(onePerson), "uid="+h.name("p"), "")
}

func (h *chronicle) move() (string, error) {
	return h.moved(h.one("(|"+onePerson+oneGroup+")"), "", h.unitDN())
}

func (h *chronicle) removed(e *goldap.Entry) (string, error) {
	if e == nil {
		return "nobody", nil
	}
	err := h.conn.Del(goldap.NewDelRequest(e.DN, nil))
	if err == nil {
		h.tidied([]string{e.DN})
	}
	return e.DN, err
}
func (h *chronicle) remove() (string, error)      { return h.removed(h.one(onePerson)) }
func (h *chronicle) removeGroup() (string, error) { return h.removed(h.one(oneGroup)) }
func (h *chronicle) removeUnit() (string, error)  { return h.removed(h.one(oneOwned)) }
func (h *chronicle) renameUnit() (string, error) {
	return h.moved(h.one(oneOwned), "ou="+h.name("u"), "")
}
func (h *chronicle) moveUnit() (string, error) { return h.moved(h.one(oneOwned), "", h.unitDN()) }
func (h *chronicle) newUnit() (string, error) {
	dn := "ou=" + h.name("u") + "," + h.unitDN()
	return dn, h.add(dn, "objectClass", "organizationalUnit")
}

func (h *chronicle) renameGroup() (string, error) {
	return h.moved(h.one(oneGroup), "cn="+h.name("g"), "")
}

func (h *chronicle) group() (string, error) {
	cn := h.name("g")
	dn := "cn=" + cn + "," + h.unitDN()
	switch h.rand.IntN(3) {
	case 0:
		return dn, h.add(dn, "objectClass", "posixGroup", "cn", cn, "gidNumber", fmt.Sprint(5000+h.n), "memberUid", h.uidOfSomebody())
	case 1:
		return dn, h.add(dn, "objectClass", "groupOfUniqueNames", "cn", cn, "uniqueMember", h.somebody())
	}
	return dn, h.add(dn, "objectClass", "groupOfNames", "cn", cn, "member", h.somebody())
}

func (h *chronicle) somebody() string {
	if e := h.one("(|" + onePerson + oneGroup + ")"); e != nil {
		return e.DN
	}
	return "cn=nobody"
}

// nobodyYet names one of those who may come, or come again.
func (h *chronicle) nobodyYet() string {
	return fmt.Sprintf("uid=pagain%d,ou=%s,ou=People,%s", h.rand.IntN(4), []string{"Sales", "Staff"}[h.rand.IntN(2)], h.base)
}

func (h *chronicle) uidOfSomebody() string {
	if e := h.one("(uid=*)", "uid"); e != nil && h.rand.IntN(3) > 0 {
		return e.GetAttributeValue("uid")
	}
	return fmt.Sprintf("pagain%d", h.rand.IntN(4))
}

func (h *chronicle) enter(who string) (string, error) {
	g := h.one(oneGroup, "objectClass")
	if g == nil {
		return "no group", nil
	}
	name, value := "member", who
	switch {
	case slices.Contains(g.GetAttributeValues("objectClass"), "posixGroup"):
		name, value = "memberUid", h.uidOfSomebody()
	case slices.Contains(g.GetAttributeValues("objectClass"), "groupOfUniqueNames"):
		name = "uniqueMember"
	}
	return g.DN + " " + name + " " + value, h.modify(g.DN, func(r *goldap.ModifyRequest) { r.Add(name, []string{value}) })
}

func (h *chronicle) join() (string, error)       { return h.enter(h.somebody()) }
func (h *chronicle) joinToCome() (string, error) { return h.enter(h.nobodyYet()) }

func (h *chronicle) quit() (string, error) {
	names := []string{"member", "uniqueMember", "memberUid"}
	name := names[h.rand.IntN(3)]
	g := h.one("("+name+"=*)", name)
	if g == nil {
		return "nobody", nil
	}
	values := g.GetAttributeValues(name)
	value := values[h.rand.IntN(len(values))]
	return value + " from " + g.DN, h.modify(g.DN, func(r *goldap.ModifyRequest) { r.Delete(name, []string{value}) })
}

func (h *chronicle) has(boss string) (string, error) {
	e := h.one(onePerson)
	if e == nil {
		return "nobody", nil
	}
	return boss + " of " + e.DN, h.modify(e.DN, func(r *goldap.ModifyRequest) { r.Replace("manager", []string{boss}) })
}
func (h *chronicle) boss() (string, error)       { return h.has(h.somebody()) }
func (h *chronicle) bossToCome() (string, error) { return h.has(h.nobodyYet()) }

// filter takes somebody out of a scope that goes by employeeType, or back in.
func (h *chronicle) filter() (string, error) {
	e := h.one(onePerson, "employeeType")
	if e == nil {
		return "nobody", nil
	}
	var values []string
	if e.GetAttributeValue("employeeType") == "" {
		values = []string{"external"}
	}
	return fmt.Sprint(e.DN, " ", values), h.modify(e.DN, func(r *goldap.ModifyRequest) { r.Replace("employeeType", values) })
}
