package fakedir_test

import (
	"cmp"
	crand "crypto/rand"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"
)

// compared are the attributes of which both directories must tell the same.
//
// Known differences, which are left out here:
//   - Samba answers in one round whatever the size; the fake is asked for three
//     objects a round.
//   - Samba names objects in objectCategory and lastKnownParent with identifiers
//     even when nobody asked for them; both are asked for here. It keeps the name
//     of a lastKnownParent as it was at the time; here only the identifier counts.
//   - Samba shows nTSecurityDescriptor and the password attributes without values.
//   - Samba gives a new change number to what is moved to where it is, and to who
//     gets the manager that he has; it refuses to take out who is no member.
//     Nobody is asked for that here.
//   - A user that Samba makes is disabled and has pwdLastSet, codePage and more.
var compared = []string{
	"name", "parentGUID", "objectClass", "sAMAccountName", "mail", "title", "description", "telephoneNumber", "manager", "member",
	"isDeleted", "isRecycled", "lastKnownParent", "primaryGroupID", "sAMAccountType", "groupType", "objectCategory",
}

// searched are what is compared in searches besides: DirSync never gives them.
var searched = append(slices.Clone(compared), "cn", "memberOf", "directReports")

// extendedNames asks for identifiers with every name, in the form with dashes.
var extendedNames = ldap.NewControlString("1.2.840.113556.1.4.529", true, "\x30\x03\x02\x01\x01")

// TestTheFakeAnswersAsSambaDoes plays random histories on both directories and
// compares what DirSync and queries by change number tell of them. Red when a
// value that was taken out of a link is forgotten, when a renaming is not told,
// or when a tombstone lacks what Samba's has.
func TestTheFakeAnswersAsSambaDoes(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			unit := "OU=Twin " + crand.Text()[:6]
			p := &play{T: t, r: rand.New(rand.NewPCG(seed, 7)), both: []*twin{fakeTwin(t, unit), sambaTwin(t, unit)}}
			p.meet(step{what: "organizationalUnit"})
			p.remember()
			p.found()
			for range 60 {
				p.step()
				if p.r.IntN(3) == 0 {
					p.compare()
				}
			}
		})
	}
}

// play is one history.
type play struct {
	*testing.T
	r       *rand.Rand
	both    []*twin
	objects int
	log     []string
	cookies [][]string // of each twin, oldest first
	buried  []string   // objects that were removed
}

// found makes what the history begins with.
func (p *play) found() {
	for i := range 3 {
		p.do(step{do: "add", dn: fmt.Sprintf("OU=U%d", i), what: "organizationalUnit"})
		p.do(step{do: "add", dn: fmt.Sprintf("CN=G%d", i), what: "group", values: []string{p.account()}})
		p.do(step{do: "add", dn: fmt.Sprintf("CN=P%d,OU=U%d", i, i), what: "user", values: []string{p.account()}})
		p.do(step{do: "add", dn: fmt.Sprintf("CN=P%d,OU=U%d", i+2, i), what: "contact"})
	}
}

// account is a name that nobody had before.
func (p *play) account() string {
	return fmt.Sprintf("tw%s%d", strings.ToLower(p.both[1].unit[8:14]), len(p.log))
}

func (p *play) step() {
	unit := fmt.Sprintf("OU=U%d", p.r.IntN(3))
	person := fmt.Sprintf("CN=P%d,%s", p.r.IntN(5), unit)
	other := fmt.Sprintf("CN=P%d,OU=U%d", p.r.IntN(5), p.r.IntN(3))
	group := fmt.Sprintf("CN=G%d", p.r.IntN(3))
	value := fmt.Sprint("value ", p.r.IntN(3))
	attr := []string{"title", "mail", "telephoneNumber"}[p.r.IntN(3)]
	for _, x := range [][]step{
		{{do: "add", dn: unit, what: "organizationalUnit"}},
		{{do: "add", dn: person, what: "user", values: []string{p.account()}}},
		{{do: "add", dn: person, what: "contact"}},
		{{do: "add", dn: group, what: "group", values: []string{p.account()}}},
		{{do: "set", dn: person, what: attr, values: []string{value}}, {do: "set", dn: group, what: "description", values: []string{value}}},
		{{do: "set", dn: person, what: attr}},
		{{do: "set", dn: person, what: "manager", values: []string{other}}},
		{{do: "set", dn: person, what: "manager"}},
		{{do: "link", dn: group, what: "member", values: []string{person}}},
		{{do: "link", dn: group, what: "member", values: []string{person}}, {do: "unlink", dn: group, what: "member", values: []string{other}}},
		{{do: "unlink", dn: group, what: "member", values: []string{person}}},
		{{do: "move", dn: person, to: other}},
		{{do: "move", dn: unit, to: fmt.Sprintf("OU=U%d", p.r.IntN(4))}},
		{{do: "remove", dn: []string{person, person, person, group, unit}[p.r.IntN(5)]}},
		{{do: "reanimate", to: person}},
	}[p.r.IntN(15)] {
		p.do(x)
	}
}

// do makes one change on both; they must agree whether it can be done.
func (p *play) do(x step) {
	id := ""
	if x.do == "reanimate" {
		if len(p.buried) == 0 {
			return
		}
		id = p.buried[p.r.IntN(len(p.buried))]
		switch {
		case strings.HasSuffix(id, "Unit"):
			x.to = strings.Replace(x.to, "CN=", "OU=", 1)
		case strings.HasSuffix(id, "group"):
			x.to = "CN=G0"
		}
	}
	if x.do == "remove" {
		p.bury(x.dn)
	}
	if p.odd(x) {
		return
	}
	var errs []error
	for _, w := range p.both {
		x.id = []byte(w.byName(id))
		errs = append(errs, w.change(x))
	}
	p.log = append(p.log, fmt.Sprintf("%s %s %s %v %s %s: %v", x.do, x.dn, x.what, x.values, x.to, id, errs[0]))
	require.Equal(p, errs[0] == nil, errs[1] == nil, "%v\n%v\n%s", errs[0], errs[1], p.story())
	if x.do == "add" && errs[0] == nil {
		p.meet(x)
	}
}

func (p *play) story() string { return strings.Join(p.log, "\n") }

// meet gives a new object the same name in both directories: its number and its
// class.
func (p *play) meet(x step) {
	for _, w := range p.both {
		e := read(p.T, w.conn, w.dn(x.dn), "objectGUID")
		w.ids[string(e.GetRawAttributeValue("objectGUID"))] = fmt.Sprint("#", p.objects, " ", x.what)
	}
	p.objects++
}

// bury notes what is taken away, so that it can be reanimated.
func (p *play) bury(dn string) {
	w := p.both[0]
	r, err := w.conn.Search(request(w.dn(dn), "(objectClass=*)", "objectGUID"))
	if err != nil {
		return
	}
	for _, e := range r.Entries {
		p.buried = append(p.buried, w.ids[string(e.GetRawAttributeValue("objectGUID"))])
	}
}

// odd reports what the two do not treat alike.
func (p *play) odd(x step) bool {
	switch {
	case x.do == "move":
		return x.dn == x.to
	case x.do == "unlink":
		return !p.linked(x)
	case x.what == "manager" && len(x.values) > 0:
		return p.linked(x)
	}
	return false
}

func (p *play) linked(x step) bool {
	w := p.both[0]
	r, err := w.conn.Search(request(w.dn(x.dn), "("+x.what+"="+ldap.EscapeFilter(w.dn(x.values[0]))+")"))
	return err == nil && len(r.Entries) > 0
}

func (w *twin) byName(name string) string {
	for id, n := range w.ids {
		if n == name {
			return id
		}
	}
	return ""
}

// remember keeps where both are now, to ask from there later.
func (p *play) remember() {
	var now []string
	for _, w := range p.both {
		_, cookie := w.dirsync(p.T, 0, "", "objectClass")
		now = append(now, cookie)
	}
	p.cookies = append(p.cookies, now)
}

// compare asks both directories what changed since some time.
func (p *play) compare() {
	from := p.cookies[p.r.IntN(len(p.cookies))]
	flags := []int64{0, incremental, incremental, incremental | objectSecurity}[p.r.IntN(4)]
	attrs := compared
	if p.r.IntN(3) == 0 {
		attrs = []string{"objectGUID", one(p.r, compared), one(p.r, compared)}
	}
	var told, numbered [2][]string
	for i, w := range p.both {
		told[i], _ = w.dirsync(p.T, flags, from[i], attrs...)
		numbered[i] = w.numbered(p.T)
	}
	require.Equal(p, told[1], told[0], "flags %x, attributes %v\n%s", flags, attrs, p.story())
	require.Equal(p, numbered[1], numbered[0], p.story())
	p.remember()
}

func one(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// dirsync reads all rounds and writes entries so that they can be compared.
func (w *twin) dirsync(t *testing.T, flags int64, cookie string, attrs ...string) ([]string, string) {
	t.Helper()
	out := []string{}
	for more := true; more; {
		q := request(w.base, "(objectClass=*)", attrs...)
		q.Controls = []ldap.Control{extendedNames}
		entries, next, goesOn, err := round(w.conn, q, flags, []byte(cookie))
		require.NoError(t, err)
		for _, e := range entries {
			if id, mine := w.ids[string(e.GetRawAttributeValue("objectGUID"))]; mine {
				out = append(out, w.text(id, e)...)
			}
		}
		cookie, more = string(next), goesOn
	}
	slices.Sort(out)
	return out, cookie
}

// text writes an entry in lines, with identifiers as numbers.
func (w *twin) text(id string, e *ldap.Entry) []string {
	out := []string{id + " " + w.plain(e.DN)}
	for _, a := range e.Attributes {
		name, _, _ := strings.Cut(a.Name, ";")
		if !slices.Contains(searched, name) {
			continue
		}
		values := make([]string, len(a.Values))
		for i, v := range a.Values {
			values[i] = w.value(name, v)
		}
		slices.Sort(values)
		out = append(out, id+" "+a.Name+"="+strings.Join(values, "|"))
	}
	return out
}

var (
	identifiers = regexp.MustCompile(`^(<[^>]*>;)*`)
	deleted     = regexp.MustCompile(`(DEL|CNF):[-0-9a-f]{36}`)
	identified  = regexp.MustCompile(`^<GUID=([-0-9a-f]{36})>`)
)

func (w *twin) plain(dn string) string {
	dn = deleted.ReplaceAllString(identifiers.ReplaceAllString(dn, ""), "$1")
	if inside, ok := strings.CutSuffix(dn, w.unit); ok {
		return inside + "unit"
	}
	return strings.TrimSuffix(dn, w.base)
}

func (w *twin) value(name, v string) string {
	switch name {
	case "parentGUID":
		return cmp.Or(w.ids[v], "elsewhere")
	case "lastKnownParent", "manager", "member", "memberOf", "directReports":
		m := identified.FindStringSubmatch(v)
		if m == nil {
			return "no identifier: " + v
		}
		return cmp.Or(w.ids[guidOf(m[1])], "elsewhere")
	case "objectCategory":
		category, _, _ := strings.Cut(identifiers.ReplaceAllString(v, ""), ",")
		return category
	}
	return deleted.ReplaceAllString(v, "$1")
}

// guidOf gives the bytes of the form with dashes.
func guidOf(text string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil {
		return ""
	}
	slices.Reverse(b[:4])
	slices.Reverse(b[4:6])
	slices.Reverse(b[6:8])
	return string(b)
}

// numbered lists the objects whose change number rose since the last call, as they
// are now, tombstones included.
func (w *twin) numbered(t *testing.T) []string {
	t.Helper()
	from := w.known
	w.known, _ = strconv.ParseInt(read(t, w.conn, "", "highestCommittedUSN").GetAttributeValue("highestCommittedUSN"), 10, 64)
	q := request(w.base, fmt.Sprintf("(uSNChanged>=%d)", from+1), append([]string{"objectGUID"}, searched...)...)
	q.Controls = []ldap.Control{ldap.NewControlMicrosoftShowDeleted(), extendedNames}
	r, err := w.conn.Search(q)
	require.NoError(t, err)
	out := []string{}
	for _, e := range r.Entries {
		if id, mine := w.ids[string(e.GetRawAttributeValue("objectGUID"))]; mine {
			out = append(out, w.text(id, e)...)
		}
	}
	slices.Sort(out)
	return out
}
