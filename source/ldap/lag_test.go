package ldap_test

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap"
)

// replica makes a scripted controller one whose database has an identity, a
// number for its last change, and a vector of what it received from others.
func (f *forest) replica(host string, id byte, objects ...object) *scripted {
	settings := "CN=NTDS Settings,CN=" + strings.ToUpper(host[:3]) + "," + domain
	s := f.controller(host, append(objects, object{dn: settings, attrs: map[string][]string{"invocationId": {invocation(id)}}})...)
	s.root["dsServiceName"] = []string{settings}
	s.has(100, nil)
	return s
}

func invocation(id byte) string { return strings.Repeat("\x00", 15) + string(rune(id)) }

// has says how far a replica is: in its own changes, and in those of others.
func (s *scripted) has(own uint64, received map[byte]uint64) {
	s.root["highestCommittedUSN"] = []string{strconv.FormatUint(own, 10)}
	blob := binary.LittleEndian.AppendUint64(nil, 2)
	blob = binary.LittleEndian.AppendUint64(blob, uint64(len(received)))
	for id, usn := range received {
		blob = append(blob, invocation(id)...)
		blob = binary.LittleEndian.AppendUint64(blob, usn)
		blob = binary.LittleEndian.AppendUint64(blob, 0)
	}
	for i, o := range s.objects {
		if o.dn == domain {
			s.objects[i].attrs = map[string][]string{"replUpToDateVector": {string(blob)}}
		}
	}
	s.hook = func(q *search) *answer {
		if strings.Contains(q.filter, "uSNChanged>=") {
			return &answer{entries: []object{{dn: "CN=Last," + domain, attrs: map[string][]string{"uSNChanged": {strconv.FormatUint(own, 10)}}}}}
		}
		return nil
	}
}

// What was read from one controller, and has not come to another yet, looks
// there as if it had gone. Nothing of such a read may reach the engine.
//
// Red when caughtUp is left out, or the protection replication is removed.
func TestAControllerThatLagsIsNotRead(t *testing.T) {
	ldap.PauseFor(t, time.Millisecond)
	begin := func(t *testing.T) (f *forest, b *scripted, kept notes, src *ldap.Source) {
		f = newForest(t)
		a := f.replica(dc1, 1, users(3, unitPeople)...)
		b = f.replica(dc2, 2, users(2, unitPeople)...)
		src = f.source(a.url(dc1), b.url(dc2))
		kept = notes{}
		mustCollect(t, src, adsync.ReadRequest{Notes: kept})
		a.listener.Close()
		b.has(77, map[byte]uint64{1: 99})
		return f, b, kept, src
	}
	t.Run("within LagLimit", func(t *testing.T) {
		_, b, kept, src := begin(t)
		got, err := collect(t.Context(), src, adsync.ReadRequest{Notes: kept})
		require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err), err)
		require.ErrorContains(t, err, "has not yet received")
		require.ErrorContains(t, err, dc1, "where it was read before")
		require.Empty(t, got.objects)
		b.has(77, map[byte]uint64{1: 100})
		got = mustCollect(t, src, adsync.ReadRequest{Notes: kept})
		require.Equal(t, 2, got.kind(adsync.User))
		require.Empty(t, got.witness.Behind)
	})
	t.Run("another that has everything is read", func(t *testing.T) {
		f, b, kept, _ := begin(t)
		c := f.replica(dc3, 3, users(3, unitPeople)...)
		c.has(5, map[byte]uint64{1: 100})
		got := mustCollect(t, f.source(b.url(dc2), c.url(dc3)), adsync.ReadRequest{Notes: kept})
		require.Equal(t, 3, got.kind(adsync.User))
	})
	t.Run("after LagLimit a person has to say", func(t *testing.T) {
		_, _, kept, src := begin(t)
		src.LagLimit = time.Nanosecond
		got := mustCollect(t, src, adsync.ReadRequest{Notes: kept})
		require.Contains(t, got.witness.Behind, "has not yet received")
		got = mustCollect(t, src, adsync.ReadRequest{Notes: kept})
		require.Empty(t, got.witness.Behind, "when the note was kept, the read was accepted")
	})
	t.Run("changes are not read from it either", func(t *testing.T) {
		_, _, kept, src := begin(t)
		_, err := collect(t.Context(), src, adsync.ReadRequest{Notes: kept, Since: "x"})
		require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err), err)
		src.LagLimit = time.Nanosecond
		_, err = collect(t.Context(), src, adsync.ReadRequest{Notes: kept, Since: "x"})
		require.Equal(t, adsync.CodeGone, adsync.CodeOf(err), err)
	})
	t.Run("the protection removed", func(t *testing.T) {
		_, _, kept, src := begin(t)
		without(t, "replication")
		got := mustCollect(t, src, adsync.ReadRequest{Notes: kept})
		require.Equal(t, 2, got.kind(adsync.User), "and one person would leave")
	})
}

// A controller put back to an earlier state, as machines restored from a snapshot
// are, keeps its name and its invocationId.
func TestAControllerThatWentBackInTimeIsNotRead(t *testing.T) {
	ldap.PauseFor(t, time.Millisecond)
	f := newForest(t)
	a := f.replica(dc1, 1, users(3, unitPeople)...)
	kept := notes{}
	src := f.source(a.url(dc1))
	mustCollect(t, src, adsync.ReadRequest{Notes: kept})
	a.has(99, nil)
	_, err := collect(t.Context(), src, adsync.ReadRequest{Notes: kept})
	require.ErrorContains(t, err, "restored from a copy")

	// restored as it should be: another invocationId, and what the old one did up to then
	for i, o := range a.objects {
		if o.attrs["invocationId"] != nil {
			a.objects[i].attrs["invocationId"] = []string{invocation(9)}
		}
	}
	a.has(120, map[byte]uint64{1: 99})
	_, err = collect(t.Context(), src, adsync.ReadRequest{Notes: kept})
	require.ErrorContains(t, err, "restored from a copy")
	a.has(120, map[byte]uint64{1: 100}) // and the rest came back from the others
	mustCollect(t, src, adsync.ReadRequest{Notes: kept})
}

// A controller's own housekeeping raises highestCommittedUSN, and reaches the
// others late or never. It must not stand in the way of a fail-over.
//
// Red when remember stores highestCommittedUSN.
func TestHousekeepingIsNoLag(t *testing.T) {
	f := newForest(t)
	a, b := f.replica(dc1, 1, users(3, unitPeople)...), f.replica(dc2, 2, users(3, unitPeople)...)
	src := f.source(a.url(dc1), b.url(dc2))
	kept := notes{}
	a.root["highestCommittedUSN"] = []string{"5000"} // the last change to a person is still 100
	mustCollect(t, src, adsync.ReadRequest{Notes: kept})
	a.listener.Close()
	b.has(77, map[byte]uint64{1: 4000})
	mustCollect(t, src, adsync.ReadRequest{Notes: kept})
}

// OpenLDAP says the same in another way.
func TestAnOpenLDAPConsumerThatLagsIsNotRead(t *testing.T) {
	ldap.PauseFor(t, time.Millisecond)
	f := newForest(t)
	kept := notes{}
	server := func(host string, csn ...string) *scripted {
		s := f.controller(host, object{"user", "CN=Ada Example," + domain, map[string][]string{"entryUUID": {"11111111-2222-4333-8444-555555555555"}}})
		delete(s.root, "supportedCapabilities")
		s.hook = func(q *search) *answer {
			if len(q.attrs) == 1 && q.attrs[0] == "contextCSN" {
				return &answer{entries: []object{{dn: domain, attrs: map[string][]string{"contextCSN": csn}}}}
			}
			if strings.Contains(q.filter, "inetOrgPerson") && !strings.Contains(q.filter, "groupOfNames") {
				return &answer{entries: s.objects[1:]}
			}
			return nil
		}
		return s
	}
	csn := func(second, id int) string {
		return fmt.Sprintf("202611211200%02d.000000Z#000000#%03d#000000", second, id)
	}
	a := server(dc1, csn(10, 1), csn(20, 2))
	b := server(dc2, csn(10, 1), csn(19, 2))
	c := server(dc3, csn(11, 1), csn(20, 2), csn(5, 3))
	source := func(list ...*scripted) *ldap.Source {
		var urls []string
		for _, s := range list {
			urls = append(urls, s.url(s.root["dnsHostName"][0]))
		}
		src := f.source(urls...)
		src.AnchorAttribute = []string{"entryUUID"}
		return src
	}
	mustCollect(t, source(a), adsync.ReadRequest{Notes: kept})
	_, err := collect(t.Context(), source(b), adsync.ReadRequest{Notes: kept})
	require.ErrorContains(t, err, "the id 002")
	got := mustCollect(t, source(b, c), adsync.ReadRequest{Notes: kept})
	require.Contains(t, got.witness.Server, dc3)
}

// Who does not say how far they are cannot be held to it.
func TestAServerThatSaysNothingAboutReplicationIsRead(t *testing.T) {
	f := newForest(t)
	a, b := f.replica(dc1, 1, users(1, unitPeople)...), f.controller(dc2, users(1, unitPeople)...)
	kept := notes{}
	src := f.source(a.url(dc1), b.url(dc2))
	mustCollect(t, src, adsync.ReadRequest{Notes: kept})
	before := kept["controller"]
	require.Contains(t, before, "reached")
	a.listener.Close()
	mustCollect(t, src, adsync.ReadRequest{Notes: kept})
	require.Contains(t, kept["controller"], "reached", "and what is known is kept")

	kept["controller"] = "{damaged"
	mustCollect(t, src, adsync.ReadRequest{Notes: kept})
}

// Red when lastChange starts from lookBack each time: a run without changes would
// look through a thousand.
func TestOnlyNewChangesAreLookedThrough(t *testing.T) {
	f := newForest(t)
	a := f.replica(dc1, 1, users(1, unitPeople)...)
	a.has(5000, nil)
	kept, src := notes{}, f.source(a.url(dc1))
	for range 2 {
		mustCollect(t, src, adsync.ReadRequest{Notes: kept})
	}
	asked := a.seen("uSNChanged>=")
	require.Len(t, asked, 2)
	require.Contains(t, asked[0].filter, "(uSNChanged>=4001)")
	require.Contains(t, asked[1].filter, "(uSNChanged>=5001)")
}
