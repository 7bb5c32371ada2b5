package ldap_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/source/ldap"
)

// byHand writes into a fake directory what a history writes into a real one.
type byHand struct {
	*goldap.Conn // for searches
	server       *fakedir.Server
}

func writerOf(t testing.TB, server *fakedir.Server) byHand {
	conn, err := goldap.DialURL(server.URL(), goldap.DialWithTLSConfig(server.ClientTLS()))
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.Bind(server.BindUPN(), server.Password()))
	return byHand{conn, server}
}

func (b byHand) Add(r *goldap.AddRequest) error {
	attrs, class := map[string][]string{}, ""
	for _, a := range r.Attributes {
		if a.Type == "objectClass" {
			class = a.Vals[0]
			continue
		}
		attrs[a.Type] = a.Vals
	}
	return b.server.Change(func(c *fakedir.Changes) error { return c.Add(r.DN, class, attrs) })
}

func (b byHand) Modify(r *goldap.ModifyRequest) error {
	return b.server.Change(func(c *fakedir.Changes) error {
		var faults []error
		for _, change := range r.Changes {
			name, values := change.Modification.Type, change.Modification.Vals
			switch {
			case name == "isDeleted":
			case name == "distinguishedName":
				faults = append(faults, c.Reanimate(r.DN, values[0]))
			case change.Operation == goldap.AddAttribute:
				faults = append(faults, c.Link(r.DN, name, values...))
			case change.Operation == goldap.DeleteAttribute:
				faults = append(faults, c.Unlink(r.DN, name, values...))
			default:
				faults = append(faults, c.Set(r.DN, name, values...))
			}
		}
		return errors.Join(faults...)
	})
}

func (b byHand) ModifyDN(r *goldap.ModifyDNRequest) error {
	parent := r.NewSuperior
	if parent == "" {
		_, parent, _ = strings.Cut(r.DN, ",")
	}
	return b.server.Change(func(c *fakedir.Changes) error { return c.Move(r.DN, r.NewRDN+","+parent) })
}

func (b byHand) Del(r *goldap.DelRequest) error {
	return b.server.Change(func(c *fakedir.Changes) error { return c.Remove(r.DN) })
}

func TestFakeEqualsAFullReadAfterEveryDelta(t *testing.T) {
	group := func(s *ldap.Source, h *history, r *adsync.ReadRequest) {
		r.Scope = &adsync.Scope{Groups: []string{h.chosen()}}
	}
	for _, c := range []struct {
		name, way string
		config    fakedir.Config
		change    func(*ldap.Source, *history, *adsync.ReadRequest)
	}{
		{"one round", "dirsync", fakedir.Config{}, nil},
		{"several rounds", "dirsync", fakedir.Config{DirSyncRound: 3}, nil},
		{"usn", "usn", fakedir.Config{}, func(s *ldap.Source, _ *history, _ *adsync.ReadRequest) { s.Delta = ldap.DeltaUSN }},
		{"group", "dirsync", fakedir.Config{DirSyncRound: 5}, group},
		{"far ends", "dirsync", fakedir.Config{DirSyncRound: 4}, func(_ *ldap.Source, _ *history, r *adsync.ReadRequest) {
			r.Attributes = append(r.Attributes[:len(r.Attributes):len(r.Attributes)], "memberOf", "directReports")
		}},
	} {
		for _, seed := range histories(t, 4) {
			t.Run(fmt.Sprint(c.name, " ", seed), func(t *testing.T) {
				c.config.People = 20
				server, s := fake(t, c.config)
				// What is seen of one deletion proves that the account sees them.
				require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove("OU=Contacts,OU=Company," + server.BaseDN()) }))
				h := newHistory(t, writerOf(t, server), server.BaseDN(), seed)
				s.BaseDNs = []string{h.base()}
				r := adsync.ReadRequest{Attributes: followed, Scope: scopeOf(h, seed)}
				if c.change != nil {
					c.change(s, h, &r)
				}
				playOn(t, h, newKnown(s, r), c.way)
			})
		}
	}
}
