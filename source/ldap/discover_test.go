package ldap_test

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap"
)

// The whole way, with a name server of its own and the resolver of the standard
// library: site first, then by priority, each by its own name.
func TestControllersAreFoundBySRVRecords(t *testing.T) {
	f := newForest(t)
	near, far, farther := f.controller(dc1, users(1, unitPeople)...), f.controller(dc2, users(1, unitPeople)...), f.controller(dc3, users(1, unitPeople)...)
	f.names.srv = map[string][]*net.SRV{
		"Berlin._sites.dc._msdcs.corp.example.com": {near.record(dc1, 0, 100)},
		"dc._msdcs.corp.example.com":               {farther.record(dc3, 20, 100), near.record(dc1, 0, 100), far.record(dc2, 10, 100)},
	}
	src := f.discovering()
	src.Site, src.Resolver = "Berlin", nameServer(t, f.names)
	read := func() string { got := mustCollect(t, src, adsync.ReadRequest{}); return got.witness.Server }
	require.Equal(t, dc1, read())
	near.listener.Close()
	require.Equal(t, dc2, read())
	far.listener.Close()
	require.Equal(t, dc3, read())
	require.Equal(t, []string{"_ldap._tcp.Berlin._sites.dc._msdcs.corp.example.com", "_ldap._tcp.dc._msdcs.corp.example.com"}, f.names.asks()[:2])
}

func TestOtherServersAreFoundByTheDomainAlone(t *testing.T) {
	f := newForest(t)
	s := f.controller("ldap.corp.example.com", users(1, unitPeople)...)
	f.names.srv["corp.example.com"] = []*net.SRV{s.record("LDAP.corp.example.com", 0, 0)}
	mustCollect(t, f.discovering(), adsync.ReadRequest{})
	require.NotZero(t, s.connections())
}

// Anybody can forge a DNS answer, and can have a good certificate for a name of
// their own.
//
// Red when mayGoTo is left out: the password arrives at the other host.
func TestNoPasswordGoesToAHostOutsideTheDomain(t *testing.T) {
	f := newForest(t)
	trap := f.controller("dc1.attacker.example.net", users(1, unitPeople)...)
	alike := f.controller("evilcorp.example.com", users(1, unitPeople)...)
	f.names.srv["dc._msdcs.corp.example.com"] = []*net.SRV{
		trap.record("dc1.attacker.example.net", 0, 0), alike.record("evilcorp.example.com", 0, 0), alike.record("127.0.0.1", 0, 0), alike.record("", 0, 0),
	}
	src := f.discovering()
	ldap.PauseFor(t, time.Millisecond)
	_, err := collect(t.Context(), src, adsync.ReadRequest{})
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	require.ErrorContains(t, err, "dc1.attacker.example.net")
	require.ErrorContains(t, err, "ControllerDomains")
	require.Zero(t, trap.connections()+alike.connections())

	src.ControllerDomains = []string{"attacker.example.net"} // when the administrator says that it is ours
	mustCollect(t, src, adsync.ReadRequest{})
	require.NotZero(t, trap.connections())
}

func TestADomainWithoutControllersIsAClearError(t *testing.T) {
	f := newForest(t)
	ldap.PauseFor(t, time.Millisecond)
	src := f.discovering()
	src.Site = "Berlin"
	_, err := collect(t.Context(), src, adsync.ReadRequest{})
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	for _, part := range []string{
		"_ldap._tcp.Berlin._sites.dc._msdcs.corp.example.com: no such name", "_ldap._tcp.dc._msdcs.corp.example.com: no such name",
		"_ldap._tcp.corp.example.com: no such name", "set URL",
	} {
		require.ErrorContains(t, err, part)
	}
}

// A name server that is down for a moment is no outage of the directory.
func TestTheLastAnswerHoldsWhileTheNameServerIsDown(t *testing.T) {
	f := newForest(t)
	ldap.PauseFor(t, time.Millisecond)
	s := f.controller(dc1, users(1, unitPeople)...)
	f.names.srv["dc._msdcs.corp.example.com"] = []*net.SRV{s.record(dc1, 0, 0)}
	src := f.discovering()
	mustCollect(t, src, adsync.ReadRequest{})
	f.names.down = true
	mustCollect(t, src, adsync.ReadRequest{})
	_, err := collect(t.Context(), f.discovering(), adsync.ReadRequest{})
	require.ErrorContains(t, err, "i/o timeout", "who never had an answer has none to go by")
}

// What is remembered of an earlier run is a wish and no address to go to.
func TestOnlyControllersThatDNSNamesAreAsked(t *testing.T) {
	f := newForest(t)
	old, s := f.controller(dc1, users(1, unitPeople)...), f.controller(dc2, users(1, unitPeople)...)
	f.names.srv["dc._msdcs.corp.example.com"] = []*net.SRV{old.record(dc1, 0, 0)}
	kept := notes{}
	mustCollect(t, f.discovering(), adsync.ReadRequest{Notes: kept})
	before := old.connections()
	f.names.srv["dc._msdcs.corp.example.com"] = []*net.SRV{s.record(dc2, 0, 0)}
	mustCollect(t, f.discovering(), adsync.ReadRequest{Notes: kept})
	require.Equal(t, before, old.connections())
}

// A controller says which site we are in; where it is of another, the read goes
// to one of ours.
func TestTheSiteIsLearnt(t *testing.T) {
	f := newForest(t)
	far, near := f.controller(dc1, users(1, unitPeople)...), f.controller(dc2, users(1, unitPeople)...)
	for _, s := range []*scripted{far, near} {
		s.hook = func(q *search) *answer {
			if slices.Equal(q.attrs, []string{"netlogon"}) {
				return &answer{entries: []object{{attrs: map[string][]string{"netlogon": {ldap.Netlogon(map[*scripted]string{far: "Oslo", near: "Berlin"}[s], "Berlin")}}}}}
			}
			return nil
		}
	}
	f.names.srv = map[string][]*net.SRV{
		"dc._msdcs.corp.example.com":               {far.record(dc1, 0, 0)},
		"Berlin._sites.dc._msdcs.corp.example.com": {near.record(dc2, 0, 0)},
	}
	kept := notes{}
	got := mustCollect(t, f.discovering(), adsync.ReadRequest{Notes: kept})
	require.Equal(t, dc2, got.witness.Server)
	require.Empty(t, far.reads())

	f.names.srv["dc._msdcs.corp.example.com"] = append(f.names.srv["dc._msdcs.corp.example.com"], near.record(dc2, 0, 0))
	again := f.discovering() // another process knows the site at once
	f.names.asked = nil
	mustCollect(t, again, adsync.ReadRequest{Notes: kept})
	require.True(t, strings.HasPrefix(f.names.asks()[0], "_ldap._tcp.Berlin."), f.names.asks())
}

func TestDomainIsCheckedWithTheRestOfTheConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		source *ldap.Source
		text   string
	}{
		"both":                   {&ldap.Source{Domain: "example.com", URL: "ldaps://dc1.example.com"}, "choose one"},
		"both, alternates":       {&ldap.Source{Domain: "example.com", Alternates: []string{"ldaps://dc1.example.com"}}, "choose one"},
		"no domain":              {&ldap.Source{Domain: "CORP"}, "is no domain"},
		"an address":             {&ldap.Source{Domain: "127.0.0.1"}, "is no domain"},
		"a URL":                  {&ldap.Source{Domain: "ldaps://example.com"}, "is no domain"},
		"a further one":          {&ldap.Source{Domain: "example.com", ControllerDomains: []string{"*"}}, "is no domain"},
		"a top level of its own": {&ldap.Source{Domain: "example.com", ControllerDomains: []string{"com"}}, "is no domain"},
		"one name for all":       {&ldap.Source{Domain: "example.com", ServerName: "example.com"}, "its own name"},
		"a site that is none":    {&ldap.Source{Domain: "example.com", Site: "Ber lin"}, "is no site"},
		"a site without domain":  {&ldap.Source{URL: "ldaps://dc1.example.com", Site: "Berlin"}, "go with Domain"},
		"neither":                {&ldap.Source{}, "URL is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.source
			s.Bind, s.Password = "sync@example.com", text("x")
			err := s.Validate()
			require.Equal(t, adsync.CodeInvalid, adsync.CodeOf(err))
			require.ErrorContains(t, err, c.text)
		})
	}
	require.NoError(t, (&ldap.Source{Domain: "Corp.Example.com.", Bind: "sync@example.com", Password: text("x")}).Validate())
}
