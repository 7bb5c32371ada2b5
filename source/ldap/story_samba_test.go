package ldap_test

import (
	"fmt"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap"
)

// plot tells a history on purpose. Its names are those below the unit that is
// read: "CN=Ada,OU=Staff" is in the unit Staff.
type plot struct{ *history }

func (p plot) dn(name string) string {
	if strings.HasPrefix(name, "^") { // beside the unit that is read
		return p.n(name[1:]) + "," + p.top
	}
	if name == "" {
		return p.base()
	}
	return p.n(name) + "," + p.base()
}

// n makes people's and groups' names unique in the domain.
func (p plot) n(name string) string { return strings.Replace(name, "CN=", "CN="+p.mark+" ", 1) }

func (p plot) ok(err error) {
	p.t.Helper()
	require.NoError(p.t, err)
}

func (p plot) user(name string) {
	p.t.Helper()
	rdn, _, _ := strings.Cut(p.n(name), ",")
	account := strings.ReplaceAll(strings.TrimPrefix(rdn, "CN="), " ", "")
	p.ok(p.add(p.dn(name), "user", "sAMAccountName", account, "displayName", name, "userAccountControl", "544", "description", "Sales"))
}

func (p plot) group(name string, members ...string) {
	p.t.Helper()
	rdn, _, _ := strings.Cut(p.n(name), ",")
	p.ok(p.add(p.dn(name), "group", "sAMAccountName", strings.ReplaceAll(strings.TrimPrefix(rdn, "CN="), " ", ""), "description", "Sales"))
	for _, m := range members {
		p.join(name, m)
	}
}

func (p plot) join(group, member string) {
	p.t.Helper()
	p.ok(p.modify(p.dn(group), func(r *goldap.ModifyRequest) { r.Add("member", []string{p.dn(member)}) }))
}

func (p plot) quit(group, member string) {
	p.t.Helper()
	p.ok(p.modify(p.dn(group), func(r *goldap.ModifyRequest) { r.Delete("member", []string{p.dn(member)}) }))
}

func (p plot) set(name, attr string, values ...string) {
	p.t.Helper()
	p.ok(p.modify(p.dn(name), func(r *goldap.ModifyRequest) { r.Replace(attr, values) }))
}

func (p plot) remove(name string) {
	p.t.Helper()
	p.ok(p.conn.Del(goldap.NewDelRequest(p.dn(name), []goldap.Control{goldap.NewControlSubtreeDelete()})))
}

func (p plot) move(from, to string) {
	p.t.Helper()
	rdn, parent, _ := strings.Cut(p.dn(to), ",")
	p.ok(p.conn.ModifyDN(goldap.NewModifyDNRequest(p.dn(from), rdn, true, parent)))
}

func (p plot) unit(name string) {
	p.t.Helper()
	p.ok(p.history.unit(p.dn(name)))
}

func (p plot) value(name, attr string) string {
	p.t.Helper()
	r, err := p.conn.Search(goldap.NewSearchRequest(p.dn(name), goldap.ScopeBaseObject, goldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{attr}, nil))
	p.ok(err)
	return r.Entries[0].GetAttributeValue(attr)
}

func (p plot) guid(name string) string {
	p.t.Helper()
	return fmt.Sprintf("<GUID=%x>", p.value(name, "objectGUID"))
}

// revive brings back what was deleted under another name.
func (p plot) revive(guid, name string) {
	p.t.Helper()
	show := goldap.NewControlString(goldap.ControlTypeMicrosoftShowDeleted, true, "")
	found, err := p.conn.Search(goldap.NewSearchRequest(guid, goldap.ScopeBaseObject, goldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{"isDeleted"}, []goldap.Control{show}))
	p.ok(err)
	back := goldap.NewModifyRequest(found.Entries[0].DN, []goldap.Control{show})
	back.Delete("isDeleted", nil)
	back.Replace("distinguishedName", []string{p.dn(name)})
	p.ok(p.conn.Modify(back))
}

// plots are told in steps; after each one the changes are read.
var plots = map[string][]func(plot){
	"renamed over each other": {
		func(p plot) {
			p.user("CN=Ada,OU=Staff")
			p.user("CN=Bela,OU=Staff")
			p.group("CN=G,OU=Groups", "CN=Ada,OU=Staff")
			p.set("CN=Bela,OU=Staff", "manager", p.dn("CN=Ada,OU=Staff"))
		},
		func(p plot) {
			p.move("CN=Ada,OU=Staff", "CN=Tmp,OU=Staff")
			p.move("CN=Bela,OU=Staff", "CN=Ada,OU=Staff")
			p.move("CN=Tmp,OU=Staff", "CN=Bela,OU=Staff")
		},
		func(p plot) {
			p.remove("CN=Bela,OU=Staff")
			p.move("CN=Ada,OU=Staff", "CN=Bela,OU=Staff")
			p.user("CN=Ada,OU=Staff")
			p.join("CN=G,OU=Groups", "CN=Ada,OU=Staff")
		},
	},
	"units renamed over each other": {
		func(p plot) {
			p.user("CN=Ada,OU=Staff")
			p.user("CN=Bela,OU=Apart")
			p.group("CN=G,OU=Groups", "CN=Ada,OU=Staff", "CN=Bela,OU=Apart")
		},
		func(p plot) {
			p.move("OU=Apart", "OU=Tmp")
			p.move("OU=Staff", "OU=Apart")
			p.move("OU=Tmp", "OU=Staff")
		},
		func(p plot) {
			p.user("CN=Carla,OU=Apart")
			p.move("OU=Staff", "OU=Tmp,OU=Sales")
			p.move("CN=Ada,OU=Apart", "CN=Ada,OU=Tmp,OU=Sales")
			p.unit("OU=Staff")
			p.move("CN=Carla,OU=Apart", "CN=Carla,OU=Staff")
		},
	},
	"a unit is renamed and then somebody moves": {
		func(p plot) {
			p.unit("OU=One,OU=Staff")
			p.unit("OU=Two,OU=One,OU=Staff")
			p.user("CN=Ada,OU=Two,OU=One,OU=Staff")
			p.user("CN=Bela,OU=One,OU=Staff")
			p.group("CN=G,OU=Two,OU=One,OU=Staff", "CN=Ada,OU=Two,OU=One,OU=Staff", "CN=Bela,OU=One,OU=Staff")
		},
		func(p plot) {
			p.move("OU=One,OU=Staff", "OU=Eins,OU=Staff")
			p.move("CN=Ada,OU=Two,OU=Eins,OU=Staff", "CN=Ada,OU=Apart")
			p.move("CN=Bela,OU=Eins,OU=Staff", "CN=Bela,OU=Two,OU=Eins,OU=Staff")
		},
		func(p plot) {
			p.move("OU=Eins,OU=Staff", "^OU=Eins,OU=Outside")
			p.move("CN=Ada,OU=Apart", "^CN=Ada,OU=Eins,OU=Outside")
		},
		func(p plot) {
			p.set("^CN=Bela,OU=Two,OU=Eins,OU=Outside", "displayName", "while away")
			p.quit("^CN=G,OU=Two,OU=Eins,OU=Outside", "^CN=Ada,OU=Eins,OU=Outside")
		},
		func(p plot) { p.move("^OU=Eins,OU=Outside", "OU=Back,OU=Sales") },
		func(p plot) {
			p.move("OU=Two,OU=Back,OU=Sales", "^OU=Two,OU=Outside")
			p.remove("OU=Back,OU=Sales")
			p.move("^OU=Two,OU=Outside", "OU=Two")
		},
	},
	"only the primary group changes": {
		func(p plot) {
			p.user("CN=Ada,OU=Staff")
			p.user("CN=Bela,OU=Staff")
			p.group("CN=G,OU=Groups", "CN=Ada,OU=Staff", "CN=Bela,OU=Staff")
			p.group("CN=H,OU=Groups", "CN=Ada,OU=Staff")
		},
		func(p plot) {
			p.set("CN=Ada,OU=Staff", "primaryGroupID", p.value("CN=G,OU=Groups", "primaryGroupToken"))
		},
		func(p plot) {
			p.set("CN=Ada,OU=Staff", "primaryGroupID", p.value("CN=H,OU=Groups", "primaryGroupToken"))
		},
		func(p plot) { p.quit("CN=G,OU=Groups", "CN=Ada,OU=Staff") },
		func(p plot) {
			p.set("CN=Ada,OU=Staff", "primaryGroupID", "513")
			p.quit("CN=H,OU=Groups", "CN=Ada,OU=Staff")
			p.set("CN=Bela,OU=Staff", "primaryGroupID", p.value("CN=G,OU=Groups", "primaryGroupToken"))
		},
		func(p plot) { p.move("CN=G,OU=Groups", "^CN=G,OU=Outside") },
		func(p plot) { p.move("^CN=G,OU=Outside", "CN=G,OU=Groups") },
	},
	"deleted and brought back": {
		func(p plot) {
			p.user("CN=Ada,OU=Staff")
			p.user("CN=Bela,OU=Staff")
			p.group("CN=G,OU=Groups", "CN=Ada,OU=Staff")
			p.set("CN=Bela,OU=Staff", "manager", p.dn("CN=Ada,OU=Staff"))
		},
		func(p plot) {
			guid := p.guid("CN=Ada,OU=Staff")
			p.remove("CN=Ada,OU=Staff")
			p.revive(guid, "CN=Ada,OU=Staff")
		},
		func(p plot) {
			guid := p.guid("CN=Ada,OU=Staff")
			p.remove("CN=Ada,OU=Staff")
			p.user("CN=Ada,OU=Staff")
			p.join("CN=G,OU=Groups", "CN=Ada,OU=Staff")
			p.remove("CN=Ada,OU=Staff")
			p.revive(guid, "CN=Again,OU=Sales")
			p.join("CN=G,OU=Groups", "CN=Again,OU=Sales")
		},
		func(p plot) {
			guid := p.guid("CN=G,OU=Groups")
			p.remove("CN=G,OU=Groups")
			p.revive(guid, "CN=G2,OU=Groups")
		},
	},
	"over 1500 members": {
		func(p plot) {
			p.group("CN=G,OU=Groups")
			p.group("CN=Inner,OU=Groups")
			p.user("CN=Ada,OU=Staff")
			r, err := p.conn.Search(goldap.NewSearchRequest("OU=Company,"+p.top[strings.Index(p.top, ",")+1:], goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 0, 0, false, "(sAMAccountName=user*)", []string{"1.1"}, nil))
			p.ok(err)
			var all []string
			for _, e := range r.Entries {
				all = append(all, e.DN)
			}
			require.Greater(p.t, len(all), 1500)
			p.ok(p.modify(p.dn("CN=G,OU=Groups"), func(r *goldap.ModifyRequest) { r.Add("member", all) }))
		},
		func(p plot) { p.join("CN=G,OU=Groups", "CN=Ada,OU=Staff") },
		func(p plot) {
			p.join("CN=Inner,OU=Groups", "CN=Ada,OU=Staff")
			p.join("CN=G,OU=Groups", "CN=Inner,OU=Groups")
			p.quit("CN=G,OU=Groups", "CN=Ada,OU=Staff")
		},
		func(p plot) { p.move("CN=G,OU=Groups", "CN=G2,OU=Groups") },
		func(p plot) { p.set("CN=G2,OU=Groups", "member") },
	},
	"nested groups of the scope": {
		func(p plot) {
			for _, n := range []string{"Ada", "Bela", "Carla"} {
				p.user("CN=" + n + ",OU=Staff")
			}
			p.group("CN=G,OU=Groups", "CN=Ada,OU=Staff")
			p.group("CN=H,OU=Groups", "CN=Bela,OU=Staff")
			p.group("CN=P,OU=Groups", "CN=Carla,OU=Staff")
			p.set("CN=Carla,OU=Staff", "primaryGroupID", p.value("CN=P,OU=Groups", "primaryGroupToken"))
			p.join("CN=G,OU=Groups", "CN=H,OU=Groups")
		},
		func(p plot) {
			p.ok(p.modify(p.chosen(), func(r *goldap.ModifyRequest) { r.Add("member", []string{p.dn("CN=G,OU=Groups")}) }))
		},
		func(p plot) { p.join("CN=H,OU=Groups", "CN=P,OU=Groups") },
		func(p plot) { p.join("CN=P,OU=Groups", "CN=G,OU=Groups") },
		func(p plot) {
			p.set("CN=Bela,OU=Staff", "primaryGroupID", p.value("CN=H,OU=Groups", "primaryGroupToken"))
		},
		func(p plot) { p.quit("CN=G,OU=Groups", "CN=H,OU=Groups") },
		func(p plot) {
			p.join("CN=G,OU=Groups", "CN=P,OU=Groups")
			p.quit("CN=P,OU=Groups", "CN=G,OU=Groups")
		},
		func(p plot) { p.set("CN=Carla,OU=Staff", "primaryGroupID", "513") },
		func(p plot) { p.remove("CN=P,OU=Groups") },
		func(p plot) { p.move("CN=G,OU=Groups", "^CN=G,OU=Outside") },
		func(p plot) { p.quit("^CN=G,OU=Outside", "CN=Ada,OU=Staff") },
	},
}

// What people do on purpose, and what a random history seldom hits on.
func TestSambaPlots(t *testing.T) {
	for name, steps := range plots {
		ways := map[string]variant{"dirsync": by(ldap.DeltaDirSync), "usn": by(ldap.DeltaUSN)}
		switch name {
		case "nested groups of the scope":
			ways = map[string]variant{"dirsync by group": ofGroup(ldap.DeltaDirSync), "usn by group": ofGroup(ldap.DeltaUSN)}
		case "over 1500 members": // takes long
			delete(ways, "usn")
		}
		for way, change := range ways {
			t.Run(name+"/"+way, func(t *testing.T) { stage(t, steps, change) })
		}
	}
}

func stage(t *testing.T, steps []func(plot), change variant) {
	ad, s := samba(t)
	h := newHistory(t, administratorOf(t, ad), ad.BaseDN, 1)
	s.BaseDNs = []string{h.base()}
	r := adsync.ReadRequest{Attributes: followed, Scope: scopeOf(h, 1)}
	change(ad, s, h, &r)
	k := newKnown(s, r)
	for i, step := range steps {
		step(plot{h})
		h.told = append(h.told, fmt.Sprint("step ", i))
		k.read(t)
		require.NoError(t, k.gone)
		require.Equal(t, i == 0, k.snapshot, k.method.Why)
		requireSame(t, h, k)
	}
}
