package ldap_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/source/ldap"
)

// blind is a company read by an account that does not see who was deleted.
func blind(t *testing.T, c fakedir.Config) (*fakedir.Server, *known) {
	server, k := company(t, c, func(s *ldap.Source) { s.Delta = ldap.DeltaUSN })
	require.NoError(t, server.Revoke(server.BindDN(), fakedir.ListDeleted))
	k.cursor = ""
	k.read(t)
	return server, k
}

func TestASweepNamesEverybodyInScope(t *testing.T) {
	server, k := blind(t, fakedir.Config{})
	name := staff(k)[0]
	before := k.method.RemovalsAsOf
	require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove(name) }))
	k.read(t)
	require.False(t, k.sweep)
	require.Contains(t, staff(k), name, "not known yet")
	asOf := k.method.RemovalsAsOf
	require.False(t, asOf.IsZero())
	require.True(t, before.IsZero(), "the full read saw it")

	k.source.SweepEvery = time.Nanosecond
	k.read(t)
	require.True(t, k.sweep)
	require.NotContains(t, staff(k), name)
	require.True(t, k.method.RemovalsAsOf.After(asOf))
}

// Its witness counts what it named, so that a lost right does not read as
// everybody leaving.
func TestASweepHasAWitness(t *testing.T) {
	server, k := blind(t, fakedir.Config{})
	k.source.SweepEvery = time.Nanosecond
	sweep := func() (seen int, w *adsync.Witness) {
		r := k.request
		r.Since = k.cursor
		for b, err := range k.source.Read(t.Context(), r) {
			require.NoError(t, err)
			require.True(t, b.Sweep)
			seen, w = seen+len(b.Seen)+len(b.Changes), b.Witness
		}
		return seen, w
	}
	seen, w := sweep()
	require.Len(t, k.objects, seen)
	require.Equal(t, seen, w.Bases[0].Objects)
	require.Empty(t, w.Attributes)
	require.NoError(t, server.HideBelow(server.PeopleDN()))
	fewer, w := sweep()
	require.Less(t, fewer, seen)
	require.Equal(t, fewer, w.Bases[0].Objects)
}

func TestASweepThatIsCutIsNotDone(t *testing.T) {
	server, k := blind(t, fakedir.Config{})
	k.source.SweepEvery, k.source.PageSize = time.Nanosecond, 10
	people := len(staff(k))
	server.Inject(fakedir.Fault{Paged: true, Continued: true, Search: 2, Cut: true})
	require.Error(t, k.try(t.Context()))
	require.Len(t, staff(k), people)
}

// The right is given after all: after the next sweep all removals are known.
func TestAnAccountThatSeesMoreByNowIsBelievedAfterItsSweep(t *testing.T) {
	server, k := blind(t, fakedir.Config{})
	require.NoError(t, server.Grant(server.BindDN(), fakedir.ListDeleted))
	k.read(t)
	require.False(t, k.method.RemovalsAsOf.IsZero(), "what went by before was not seen")
	k.source.SweepEvery = time.Nanosecond
	k.read(t)
	require.True(t, k.sweep)
	require.True(t, k.method.RemovalsAsOf.IsZero())
	k.source.SweepEvery = time.Hour
	k.read(t)
	require.False(t, k.sweep)
	requireDelta(t, k)
}

// Red when only time that passed makes it due: after a clock that was wrong, nobody
// would leave until it is that late again.
func TestAClockThatWasSetBackMakesASweepDue(t *testing.T) {
	server, k := blind(t, fakedir.Config{})
	name := staff(k)[0]
	k.cursor = ldap.SweptAt(t, k.cursor, time.Now().Add(-time.Hour))
	k.read(t)
	require.False(t, k.sweep, "its time has not come")
	require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove(name) }))
	k.cursor = ldap.SweptAt(t, k.cursor, time.Now().Add(time.Hour))
	k.read(t)
	require.True(t, k.sweep)
	require.NotContains(t, staff(k), name)
	require.WithinDuration(t, time.Now(), k.method.RemovalsAsOf, time.Hour/2)
	k.read(t)
	require.False(t, k.sweep)
}
