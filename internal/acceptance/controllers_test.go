package acceptance

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/mapping"
	"github.com/adsync/sdk/source/ldap"
)

// zone answers for the domain's name server: both controllers, the first one
// first, and their addresses.
type zone struct{ first, second *testserver.Controller }

func (z zone) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	if name != "dc._msdcs."+z.first.DNSDomain {
		return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return name, []*net.SRV{{Target: z.second.HostName + ".", Port: 389, Priority: 1}, {Target: z.first.HostName + ".", Port: 389}}, nil
}

func (z zone) LookupHost(_ context.Context, host string) ([]string, error) {
	for _, c := range []*testserver.Controller{z.first, z.second} {
		if c.HostName == host {
			return []string{c.Address}, nil
		}
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

// pair is a job that finds its two controllers by DNS. Each run has a source of
// its own: what is remembered is in the state.
type pair struct {
	*synchronisation
	zone  zone
	delta ldap.Delta
}

func (p *pair) fresh() {
	ad := p.zone.first.AD
	p.source = &ldap.Source{
		Domain: ad.DNSDomain, Resolver: p.zone, CAFile: ad.CAFile, Bind: ad.SyncUser, Password: given(ad.SyncPassword),
		BaseDNs: []string{"OU=People,OU=Company," + ad.BaseDN}, Delta: p.delta, DialTimeout: 20 * time.Second,
	}
}

// quiet wants a run at this controller that has nothing to do.
func (p *pair) quiet(at *testserver.Controller) {
	p.t.Helper()
	p.fresh()
	p.at(at, p.settled())
}

func (p *pair) at(c *testserver.Controller, o outcome) {
	p.t.Helper()
	require.Equal(p.t, adsync.OutcomeConflicts, o.Outcome, o.sources) // the company's people have some
	require.Contains(p.t, o.sources[0].Method.Server, c.HostName)
}

// refused wants a run that ends before it writes anything.
func (p *pair) refused(text string) {
	p.t.Helper()
	p.fresh()
	p.with(func(e *adsync.Engine) {
		report, err := e.Run(p.t.Context())
		require.ErrorContains(p.t, err, text)
		require.Equal(p.t, adsync.OutcomeUnreachable, report.Outcome)
		require.Zero(p.t, report.Counts.Writes())
	})
}

func (p *pair) active(logon string) bool {
	p.t.Helper()
	rows := p.query("SELECT active FROM accounts WHERE sam_name = ?", logon)
	require.Len(p.t, rows, 1)
	return rows[0][0] == "1"
}

func person(ad testserver.AD, logon string) string {
	return "dn: CN=" + logon + ",OU=People,OU=Company," + ad.BaseDN + "\nobjectClass: user\nsAMAccountName: " + logon + "\nuserPrincipalName: " + logon + "@" + ad.DNSDomain +
		"\ngivenName: Ada\nsn: Example\nmail: " + logon + "@example.com\nuserAccountControl: 544\n"
}

// Two real controllers: when one fails, the next run goes on with the other,
// under that one's own name; it stays there; and what has not been replicated to
// a controller is never taken for gone. With full reads, and with each way to
// read changes.
//
// Red when the protection replication is removed, as the end of the test does
// with full reads: the person who was not replicated is deactivated.
func TestSambaTwoControllers(t *testing.T) {
	first, second := testserver.Controllers(t, 60)
	for _, delta := range []ldap.Delta{ldap.DeltaOff, ldap.DeltaDirSync, ldap.DeltaUSN} {
		t.Run(string(delta), func(t *testing.T) {
			p := &pair{synchronisation: newSynchronisation(t, nil, mapping.ActiveDirectory(mapping.Parameter("domain", first.DNSDomain))), zone: zone{first, second}, delta: delta}
			first.Start(t)
			second.Start(t)
			p.failsOver(t)
			p.lags(t, "late-"+string(delta))
		})
	}
	t.Run("lost for good", func(t *testing.T) {
		first.Start(t)
		second.Start(t)
		p := &pair{synchronisation: newSynchronisation(t, nil, mapping.ActiveDirectory(mapping.Parameter("domain", first.DNSDomain))), zone: zone{first, second}, delta: ldap.DeltaOff}
		p.losesForGood(t, "lost")
	})
}

func (p *pair) failsOver(t *testing.T) {
	first, second := p.zone.first, p.zone.second
	p.fresh()
	loaded := p.run()
	require.Positive(t, loaded.Counts.Create)
	p.at(first, loaded)
	p.quiet(first)
	first.Stop(t)
	p.quiet(second)
	first.Start(t)
	p.quiet(second) // and stays there
}

func (p *pair) lags(t *testing.T, logon string) {
	first, second := p.zone.first, p.zone.second
	second.Modify(t, person(second.AD, logon))
	p.fresh()
	created := p.run()
	p.at(second, created)
	require.Equal(t, 1, created.Counts.Create, "the one whom only the second has")
	second.Stop(t)
	p.refused("has not yet received all that was read from " + second.HostName)
	require.True(t, p.active(logon))
	if p.delta == ldap.DeltaOff {
		p.wouldLeave(t)
	}
	second.Start(t)
	first.Replicate(t, second)
	second.Stop(t)
	p.quiet(first)
	require.True(t, p.active(logon))
	second.Start(t)
}

// losesForGood has a controller die with a change that nobody else got. Whether
// that is so, a person has to say.
func (p *pair) losesForGood(t *testing.T, logon string) {
	first, second := p.zone.first, p.zone.second
	first.Stop(t)
	second.Modify(t, person(second.AD, logon))
	p.fresh()
	p.at(second, p.run())
	second.Stop(t)
	first.Start(t)
	run := func() (report *adsync.Report) {
		p.fresh()
		p.source.(*ldap.Source).LagLimit = time.Nanosecond
		p.with(func(e *adsync.Engine) {
			var err error
			report, err = e.Run(t.Context())
			require.NoError(t, err)
		})
		return report
	}
	for range 2 { // nothing of the first is remembered
		report := run()
		require.Equal(t, adsync.OutcomeUnsure, report.Outcome)
		require.Zero(t, report.Counts.Deactivate)
		require.True(t, p.active(logon))
	}
	p.fresh()
	p.with(func(e *adsync.Engine) { require.NoError(t, e.AcceptRead(t.Context(), "directory", "Ada Example")) })
	require.Equal(t, 1, run().Counts.Deactivate)
	require.NotEqual(t, adsync.OutcomeUnsure, run().Outcome, "once is enough")
}

// wouldLeave shows what the run would do without the protection.
func (p *pair) wouldLeave(t *testing.T) {
	restore, err := protection.Remove("replication")
	require.NoError(t, err)
	defer restore()
	p.fresh()
	p.with(func(e *adsync.Engine) {
		plan, err := e.Plan(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, plan.Report().Counts.Deactivate)
	})
}
