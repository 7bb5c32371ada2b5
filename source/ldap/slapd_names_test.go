package ldap_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/source/ldap"
)

// town is the directory of the tests of this file.
const town = `dn: ou=North,ou=People,dc=example,dc=com
objectClass: organizationalUnit
ou: North

dn: ou=Inner,ou=North,ou=People,dc=example,dc=com
objectClass: organizationalUnit
ou: Inner

dn: uid=ada,ou=Inner,ou=North,ou=People,dc=example,dc=com
objectClass: inetOrgPerson
uid: ada
cn: Ada Example
sn: Example

dn: uid=bela,ou=People,dc=example,dc=com
objectClass: inetOrgPerson
uid: bela
cn: Bela Example
sn: Example
manager: uid=ada,ou=Inner,ou=North,ou=People,dc=example,dc=com

dn: uid=carla,ou=People,dc=example,dc=com
objectClass: inetOrgPerson
uid: carla
cn: Carla Example
sn: Example
manager: uid=dario,ou=People,dc=example,dc=com

dn: cn=Chess,ou=Groups,dc=example,dc=com
objectClass: groupOfNames
cn: Chess
member: uid=ada,ou=Inner,ou=North,ou=People,dc=example,dc=com
member: uid=bela,ou=People,dc=example,dc=com
member: uid=dario,ou=People,dc=example,dc=com

dn: cn=Rowing,ou=Groups,dc=example,dc=com
objectClass: groupOfUniqueNames
cn: Rowing
uniqueMember: uid=ada,ou=Inner,ou=North,ou=People,dc=example,dc=com
uniqueMember: uid=dario,ou=People,dc=example,dc=com

dn: cn=Shell,ou=Groups,dc=example,dc=com
objectClass: posixGroup
cn: Shell
gidNumber: 5001
memberUid: ada
memberUid: bela2
memberUid: dario
memberUid: erik

dn: uid=erik,ou=People,dc=example,dc=com
objectClass: account
uid: erik
`

const dario = `dn: uid=dario,ou=People,dc=example,dc=com
objectClass: inetOrgPerson
uid: dario
cn: Dario Example
sn: Example
`

// who lists a group's members, or somebody's manager, by cn.
func (k *known) who(t testing.TB, cn string) string {
	t.Helper()
	byCN := map[string]adsync.Anchor{}
	for a, o := range k.objects {
		byCN[o.Attrs.Get("cn")] = a
	}
	a, ok := byCN[cn]
	require.True(t, ok, "nobody is called %s", cn)
	var names []string
	for m := range k.members[a] {
		names = append(names, strings.TrimSuffix(k.objects[m].Attrs.Get("cn"), " Example"))
	}
	for _, r := range k.objects[a].Refs["manager"] {
		names = append(names, strings.TrimSuffix(k.objects[r].Attrs.Get("cn"), " Example"))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// A server that knows entries by their names reports the one whose name changed
// and nobody else. All who mention it, and all that is below it, are found all
// the same. Red without the part of the aftermath that each case needs.
func TestSlapdFollowsNames(t *testing.T) {
	for name, c := range map[string]struct {
		ldif  []string
		wants map[string]string
		all   bool // also with the server tidying up
	}{
		"somebody comes whom groups and people named before": {
			[]string{dario},
			map[string]string{"Chess": "Ada Bela Dario", "Rowing": "Ada Dario", "Shell": "Ada Dario", "Carla Example": "Dario"},
			true,
		},
		"a second uid": {
			[]string{"dn: uid=bela,ou=People,dc=example,dc=com\nchangetype: modify\nadd: uid\nuid: bela2\n"},
			map[string]string{"Shell": "Ada Bela"},
			true,
		},
		"two with one uid are nobody": {
			[]string{"dn: uid=bela,ou=People,dc=example,dc=com\nchangetype: modify\nadd: uid\nuid: ada\n"},
			map[string]string{"Shell": ""},
			true,
		},
		"somebody becomes what he was named": {
			[]string{"dn: uid=carla,ou=People,dc=example,dc=com\nchangetype: modrdn\nnewrdn: uid=dario\ndeleteoldrdn: 1\n"},
			map[string]string{"Chess": "Ada Bela Carla", "Rowing": "Ada Carla", "Shell": "Ada Carla"},
			false,
		},
		"somebody is renamed": {
			[]string{"dn: uid=ada,ou=Inner,ou=North,ou=People,dc=example,dc=com\nchangetype: modrdn\nnewrdn: uid=adele\ndeleteoldrdn: 1\n"},
			map[string]string{"Chess": "Bela", "Rowing": "", "Shell": "", "Bela Example": ""},
			false,
		},
		"a unit is renamed": {
			[]string{"dn: ou=North,ou=People,dc=example,dc=com\nchangetype: modrdn\nnewrdn: ou=South\ndeleteoldrdn: 1\n"},
			map[string]string{"Chess": "Bela", "Rowing": "", "Shell": "Ada", "Bela Example": ""},
			false,
		},
		"a unit goes and comes back": {
			[]string{
				"dn: ou=North,ou=People,dc=example,dc=com\nchangetype: moddn\nnewrdn: ou=North\ndeleteoldrdn: 1\nnewsuperior: ou=Services,dc=example,dc=com\n",
				"dn: ou=North,ou=Services,dc=example,dc=com\nchangetype: moddn\nnewrdn: ou=North\ndeleteoldrdn: 1\nnewsuperior: ou=People,dc=example,dc=com\n",
			},
			map[string]string{"Chess": "Ada Bela", "Rowing": "Ada", "Shell": "Ada", "Bela Example": "Ada"},
			false,
		},
		"somebody is deleted": {
			[]string{"dn: uid=ada,ou=Inner,ou=North,ou=People,dc=example,dc=com\nchangetype: delete\n"},
			map[string]string{"Chess": "Bela", "Rowing": "", "Shell": "", "Bela Example": ""},
			true,
		},
		"somebody is deleted and another takes the name": {
			[]string{"dn: uid=ada,ou=Inner,ou=North,ou=People,dc=example,dc=com\nchangetype: delete\n", strings.NewReplacer("dario,", "ada,ou=Inner,ou=North,", "uid: dario", "uid: ada").Replace(dario)},
			map[string]string{"Chess": "Bela Dario", "Rowing": "Dario", "Shell": "Dario", "Bela Example": "Dario"},
			false,
		},
		"something becomes a person": {
			[]string{"dn: uid=erik,ou=People,dc=example,dc=com\nchangetype: modify\nadd: objectClass\nobjectClass: posixAccount\n-\nadd: cn\ncn: Erik Example\n-\nadd: uidNumber\nuidNumber: 1\n-\nadd: gidNumber\ngidNumber: 1\n-\nadd: homeDirectory\nhomeDirectory: /\n"},
			map[string]string{"Shell": "Ada Erik"},
			true,
		},
	} {
		for kind, options := range map[string][]testserver.Option{
			"present": nil, "session log": {testserver.SessionLog(100)}, "tidy": {testserver.SessionLog(100), testserver.RefInt()}, "timestamps": {testserver.NoSyncProvider()},
			"many names": {testserver.SessionLog(100)},
		} {
			if kind == "tidy" && !c.all {
				continue
			}
			t.Run(name+"/"+kind, func(t *testing.T) {
				if kind == "many names" {
					ldap.MentionsByFilter(t, 0)
				}
				server, k := townOf(t, options...)
				require.Equal(t, "Ada Bela", k.who(t, "Chess"))
				for _, change := range c.ldif {
					server.Modify(t, change)
					time.Sleep(20 * time.Millisecond) // for the server's own tidying up
					k.read(t)
					require.NoError(t, k.gone)
					require.False(t, k.snapshot)
				}
				for cn, want := range c.wants {
					require.Equal(t, want, k.who(t, cn), cn)
				}
				wrong, missing := k.difference(k.fresh(t))
				require.Empty(t, wrong)
				require.Empty(t, missing)
				k.read(t)
				require.LessOrEqual(t, k.changes, map[bool]int{true: 100, false: 4}[kind == "timestamps"], "and nothing more comes of it")
			})
		}
	}
}

// townOf follows the town's changes; where the server marks only the time of
// changes, with a look at all each time.
func townOf(t testing.TB, options ...testserver.Option) (testserver.LDAP, *known) {
	server, s := slapd(t, append(options, testserver.LDIF(town))...)
	s.SweepEvery = 1
	k := newKnown(s, adsync.ReadRequest{Attributes: []string{"uid", "cn", "manager", "dn"}})
	k.remains = true
	k.read(t)
	return server, k
}

// Whoever leaves the part that is read is out of scope, and not deleted.
func TestSlapdOutOfBaseIsNotDeleted(t *testing.T) {
	server, s := slapd(t, testserver.SessionLog(100), testserver.LDIF(town))
	s.BaseDNs = []string{"ou=North,ou=People," + server.BaseDN, "ou=Groups," + server.BaseDN}
	k := newKnown(s, adsync.ReadRequest{Attributes: []string{"cn"}})
	k.read(t)
	server.Modify(t, "dn: uid=ada,ou=Inner,ou=North,ou=People,dc=example,dc=com\nchangetype: moddn\nnewrdn: uid=ada\ndeleteoldrdn: 1\nnewsuperior: ou=People,dc=example,dc=com\n")
	var presence []adsync.Presence
	r := k.request
	r.Since = k.cursor
	for b, err := range s.Read(t.Context(), r) {
		require.NoError(t, err)
		for _, c := range b.Changes {
			if c.Object.Kind == adsync.User {
				presence = append(presence, c.Presence)
			}
		}
	}
	require.Equal(t, []adsync.Presence{adsync.OutOfScope}, presence)
}

// What was deleted comes with the kind that it had.
func TestSlapdDeletedKeepsItsKind(t *testing.T) {
	server, k := townOf(t, testserver.SessionLog(100))
	server.Modify(t, "dn: cn=Shell,ou=Groups,dc=example,dc=com\nchangetype: delete\n")
	r := k.request
	r.Since = k.cursor
	for b, err := range k.source.Read(t.Context(), r) {
		require.NoError(t, err)
		for _, c := range b.Changes {
			require.Equal(t, adsync.Deleted, c.Presence)
			require.Equal(t, adsync.Group, c.Object.Kind)
		}
	}
}

// A large group that changed is resolved from what is known, not member by
// member.
func TestSlapdLargeGroupsAreResolvedFromTheRegister(t *testing.T) {
	const n = 600
	server, s := slapd(t, testserver.SessionLog(100), testserver.People(n))
	k := newKnown(s, adsync.ReadRequest{Attributes: []string{"cn"}})
	k.remains = true
	k.read(t)
	server.Modify(t, fmt.Sprintf("dn: %s\nchangetype: modify\nadd: member\nmember: cn=sync,ou=Services,dc=example,dc=com\n-\ndelete: member\nmember: %s\n", testserver.GroupDN("Flat"), testserver.PersonAt(7).DN))
	k.read(t)
	require.Equal(t, 1, k.changes)
	wrong, missing := k.difference(k.fresh(t))
	require.Empty(t, wrong)
	require.Empty(t, missing)
	for _, set := range k.members {
		if len(set) > n/2 {
			require.Len(t, set, n, "one came, who is no person, and one went")
		}
	}
}

// Why another way than syncrepl was taken is said, and the way below it is one
// that this server has.
func TestSlapdDemotions(t *testing.T) {
	for name, c := range map[string]struct {
		options []testserver.Option
		change  func(*ldap.Source, *adsync.ReadRequest)
		way     string
		why     string
	}{
		"no syncprov": {[]testserver.Option{testserver.NoSyncProvider()}, func(*ldap.Source, *adsync.ReadRequest) {}, "modifytimestamp", "syncrepl: "},
		"memberOf":    {[]testserver.Option{testserver.MemberOf()}, func(_ *ldap.Source, r *adsync.ReadRequest) { r.Attributes = []string{"cn", "memberOf"} }, "full", "changes memberOf without"},
		"a scope of groups": {nil, func(_ *ldap.Source, r *adsync.ReadRequest) {
			r.Scope = &adsync.Scope{Groups: []string{"cn=Chess,ou=Groups,dc=example,dc=com"}}
		}, "full", "scope"},
		"forced":           {nil, func(s *ldap.Source, _ *adsync.ReadRequest) { s.Delta = ldap.DeltaModifyTimestamp }, "modifytimestamp", "sees neither"},
		"off":              {nil, func(s *ldap.Source, _ *adsync.ReadRequest) { s.Delta = ldap.DeltaOff }, "full", "set to full"},
		"not of this kind": {nil, func(s *ldap.Source, _ *adsync.ReadRequest) { s.Delta = ldap.DeltaDirSync }, "full", "not a server that has it"},
	} {
		t.Run(name, func(t *testing.T) {
			_, s := slapd(t, append(c.options, testserver.LDIF(town))...)
			r := adsync.ReadRequest{Attributes: []string{"cn"}}
			c.change(s, &r)
			k := newKnown(s, r)
			k.read(t)
			require.Contains(t, strings.Join(k.method.Why, "\n"), c.why)
			require.Equal(t, c.way == "full", k.cursor == "")
			if c.way != "full" {
				k.read(t)
				require.Equal(t, c.way, k.method.Name)
				require.False(t, k.method.RemovalsAsOf.IsZero(), "what it cannot see is known as of the full read")
			}
		})
	}
}

// Without notes between reads there are no reads of changes.
func TestSlapdWithoutNotesReadsEverything(t *testing.T) {
	_, s := slapd(t, testserver.LDIF(town))
	for b, err := range s.Read(t.Context(), adsync.ReadRequest{}) {
		require.NoError(t, err)
		if b.Done {
			require.Empty(t, b.Next)
			require.Contains(t, strings.Join(b.Method.Why, "\n"), "notes")
		}
	}
}

// A server whose data is older than the cookie was restored from a copy, or is
// another: it is read anew.
func TestSlapdRestoredAsksForAFullRead(t *testing.T) {
	restored, _ := slapd(t, testserver.LDIF(town))
	time.Sleep(10 * time.Millisecond)
	_, k := townOf(t)
	k.source.URL, k.source.CAFile, k.source.Password = restored.URL, restored.CAFile, text(restored.Password)
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(k.try(t.Context())), "it may only lag behind")
	k.source.LagLimit = 1
	k.read(t)
	require.ErrorContains(t, k.gone, "restored")
	require.True(t, k.snapshot)
	wrong, missing := k.difference(k.fresh(t))
	require.Empty(t, wrong)
	require.Empty(t, missing)
}

// An account that may see no more than a part of the directory follows that.
func TestSlapdFollowsWhatTheAccountSees(t *testing.T) {
	server, s := slapd(t, testserver.SessionLog(100), testserver.People(3), testserver.Access(`to dn.base="dc=example,dc=com" by * none`))
	s.BaseDNs = []string{"ou=People," + server.BaseDN}
	k := newKnown(s, adsync.ReadRequest{Attributes: []string{"cn"}})
	k.read(t)
	require.NotEmpty(t, k.cursor, k.method.Why)
	server.Modify(t, "dn: "+testserver.PersonAt(1).DN+"\nchangetype: delete\n")
	k.read(t)
	require.False(t, k.snapshot)
	require.Equal(t, "syncrepl", k.method.Name)
	require.Equal(t, 1, k.changes)
}

// Where the anchor is an attribute of people, nothing is left of a deleted
// object by which to name it: the read looks at all.
func TestSlapdDeletedUnderAnAnchorOfPeople(t *testing.T) {
	server, s := slapd(t, testserver.SessionLog(100), testserver.People(20))
	s.AnchorAttribute = []string{"employeeNumber"}
	k := newKnown(s, adsync.ReadRequest{Attributes: []string{"cn"}, Kinds: []adsync.Kind{adsync.User}})
	k.read(t)
	require.NotEmpty(t, k.cursor, k.method.Why)
	server.Modify(t, "dn: "+testserver.PersonAt(4).DN+"\nchangetype: delete\n")
	k.read(t)
	require.NoError(t, k.gone)
	require.True(t, k.sweep)
	require.Len(t, k.objects, 19)
	require.NotContains(t, k.objects, adsync.Anchor(testserver.PersonAt(4).EmployeeNumber))
}

// An account whose limit does not let it see all that changed reads everything,
// in pages, and the report says what to raise.
func TestSlapdSizeLimitOfChanges(t *testing.T) {
	server, s := slapd(t, testserver.SessionLog(100), testserver.People(30), testserver.Line("limits users size.soft=5 size.hard=5 size.prtotal=unlimited"))
	s.PageSize = 5
	k := newKnown(s, adsync.ReadRequest{Attributes: []string{"cn", "title"}, Kinds: []adsync.Kind{adsync.User}})
	k.read(t)
	change := func(n int) {
		for i := range n {
			server.Modify(t, "dn: "+testserver.PersonAt(i).DN+"\nchangetype: modify\nreplace: title\ntitle: Rower\n")
		}
	}
	change(2)
	k.read(t)
	require.NoError(t, k.gone)
	require.Equal(t, 2, k.changes)
	change(12)
	k.read(t)
	require.ErrorContains(t, k.gone, "limits")
	require.True(t, k.snapshot)
	require.Len(t, k.objects, 30)
}
