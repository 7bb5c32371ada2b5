package ldap_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
)

// A part of the directory in a database of its own. Where the server follows the
// changes of both, so is it read; where it does not, that is found out before the
// first cookie, and not by a read that can never be used.
func TestSlapdABranchInADatabaseOfItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		glue    bool
		way     string
		options []testserver.Option
	}{
		"followed":                    {true, "syncrepl", nil},
		"followed with a session log": {true, "syncrepl", []testserver.Option{testserver.SessionLog(100)}},
		"left out":                    {false, "modifytimestamp", nil},
		"left out by a session log":   {false, "modifytimestamp", []testserver.Option{testserver.SessionLog(100)}},
	} {
		t.Run(name, func(t *testing.T) {
			branch := unit("ou=Branch") + "\n" + person("uid=xena,ou=Branch") + "\n" + person("uid=yuri,ou=Branch")
			server, k := townOf(t, append(c.options, testserver.Branch("ou=Branch", c.glue), testserver.LDIF(branch))...)
			if !c.glue {
				require.Contains(t, strings.Join(k.method.Why, "\n"), "overlay glue has to stand before overlay syncprov")
			}
			for i, step := range [][]string{
				{changed("uid=xena,ou=Branch", "replace: cn\ncn: Other")},
				{person("uid=zoe,ou=Branch"), deleted("uid=yuri,ou=Branch")},
				{changed("cn=Chess,ou=Groups", "add: member\nmember: uid=xena,ou=Branch,dc=example,dc=com")},
				{renamed("uid=xena,ou=Branch", "uid=wanda"), changed("uid=bela,ou=People", "replace: cn\ncn: Other")},
			} {
				for _, change := range step {
					server.Modify(t, change)
				}
				k.read(t)
				require.NoError(t, k.gone)
				require.Equal(t, c.way, k.method.Name, k.method.Why)
				requireNoDifference(t, k, fmt.Sprint("step ", i))
			}
		})
	}
}

// The same server is set up anew, and the cursor is from before.
func TestSlapdABranchThatIsNoLongerFollowed(t *testing.T) {
	p, k := followProvider(t, func(p *provider, cookie string) *answer {
		e := p.entryIn(isModified, 1)
		e.controls = nil
		return &answer{stream: []streamed{e}, controls: nil}
	})
	p.put(1, "another name")
	k.read(t)
	require.ErrorContains(t, k.gone, "without a Sync State control")
	require.True(t, k.snapshot)
}

const abroad = `dn: ou=Abroad,ou=People,dc=example,dc=com
objectClass: referral
objectClass: extensibleObject
ou: Abroad
ref: ldap://127.0.0.1:1/ou=Abroad,ou=People,dc=example,dc=com
`

// A referral stands for a part that another server has. It is not followed, and
// neither its coming nor its going stands in the way of the rest.
func TestSlapdAReferralForAPart(t *testing.T) {
	for kind, options := range map[string][]testserver.Option{"present": nil, "session log": {testserver.SessionLog(100)}, "timestamps": {testserver.NoSyncProvider()}} {
		t.Run(kind, func(t *testing.T) {
			server, k := townOf(t, options...)
			for i, step := range []string{
				abroad,
				changed("uid=bela,ou=People", "replace: cn\ncn: Other"),
				renamed("ou=People", "ou=Folk"),
				deleted("cn=Chess,ou=Groups"),
			} {
				server.Modify(t, step)
				k.read(t)
				require.NoError(t, k.gone)
				requireNoDifference(t, k, fmt.Sprint("step ", i))
			}
		})
	}
}

// An account with small limits reads by pages, and what is asked of many objects at
// once comes too. Red without inParts: no read of changes would end any more.
func TestSlapdSmallLimits(t *testing.T) {
	const n = 150
	var shell strings.Builder
	shell.WriteString("dn: cn=Shell,ou=Groups,dc=example,dc=com\nobjectClass: posixGroup\ncn: Shell\ngidNumber: 5001\n")
	for i := range 45 {
		fmt.Fprintf(&shell, "memberUid: %s\n", testserver.PersonAt(i).UID)
	}
	for kind, options := range map[string][]testserver.Option{"present": nil, "session log": {testserver.SessionLog(500)}, "timestamps": {testserver.NoSyncProvider()}} {
		t.Run(kind, func(t *testing.T) {
			limits := testserver.Line("limits users size.soft=20 size.hard=20 size.pr=20 size.prtotal=unlimited")
			server, s := slapd(t, append(options, limits, testserver.People(n), testserver.LDIF(shell.String()))...)
			s.PageSize, s.SweepEvery, s.BaseDNs = 20, 1, []string{"ou=People,dc=example,dc=com", "ou=Groups,dc=example,dc=com"}
			k := newKnown(s, adsync.ReadRequest{Attributes: []string{"cn", "dn", "manager"}})
			k.remains = true
			k.read(t)
			require.Len(t, k.members[k.named("Shell")], 45)
			for _, step := range []string{renamed("ou=Sales,ou=People", "ou=Trade"), changed("cn=Shell,ou=Groups", "delete: memberUid\nmemberUid: "+testserver.PersonAt(3).UID)} {
				server.Modify(t, step)
				k.read(t)
				require.NoError(t, k.gone)
				require.False(t, k.snapshot)
				requireNoDifference(t, k, step)
			}
			require.Len(t, k.members[k.named("Shell")], 44)
		})
	}
}

// named finds an object by its cn.
func (k *known) named(cn string) adsync.Anchor {
	for a, o := range k.objects {
		if o.Attrs.Get("cn") == cn {
			return a
		}
	}
	return ""
}

func requireNoDifference(t *testing.T, k *known, when string) {
	t.Helper()
	wrong, missing := k.difference(k.fresh(t))
	require.Empty(t, wrong, when)
	require.Empty(t, missing, when)
}
