package ldap

import (
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func hosts(list []controller) (names []string) {
	for _, c := range list {
		names = append(names, c.host)
	}
	return names
}

var abc = []controller{{host: "a"}, {host: "b"}, {host: "c"}}

func TestTheOneToKeepToComesFirstAndTheSilentLast(t *testing.T) {
	now := time.Now()
	var m memory
	require.Equal(t, []string{"a", "b", "c"}, hosts(m.arrange(abc, "", now)))
	require.Equal(t, []string{"b", "a", "c"}, hosts(m.arrange(abc, "b:", now)))
	m.answered(controller{host: "c"})
	require.Equal(t, []string{"c", "a", "b"}, hosts(m.arrange(abc, "", now)))
	require.Equal(t, []string{"b", "a", "c"}, hosts(m.arrange(abc, "b:", now)), "what was written down with the cursor counts more")
	m.failed(controller{host: "c"}, now)
	require.Equal(t, []string{"a", "b", "c"}, hosts(m.arrange(abc, "", now)))
	m.failed(controller{host: "a"}, now)
	m.failed(controller{host: "a"}, now)
	require.Equal(t, []string{"b", "c", "a"}, hosts(m.arrange(abc, "", now)), "nobody is left out: there may be no other")
	require.Equal(t, []string{"c", "a", "b"}, hosts(m.arrange(abc, "", now.Add(time.Hour))), "after a while it is asked again")
	m.failed(controller{host: "c"}, now)
	m.answered(controller{host: "c"})
	require.Equal(t, []string{"c", "b", "a"}, hosts(m.arrange(abc, "", now)), "an answer ends the wait")
	require.Equal(t, []string{"a", "b", "c"}, hosts(abc), "the list itself stays")
}

// Red when failed does not count, when there is no bound, or no jitter.
func TestTheWaitForASilentControllerDoublesUpToABound(t *testing.T) {
	now := time.Now()
	c := controller{host: "a"}
	lengths := map[time.Duration]bool{}
	for range 20 {
		var m memory
		want := firstSilence
		for range 12 {
			m.failed(c, now)
			wait := m.silent[c.address()].until.Sub(now)
			require.GreaterOrEqual(t, wait, want*3/4)
			require.LessOrEqual(t, wait, want*5/4)
			want = min(want*2, maxSilence)
		}
		lengths[m.silent[c.address()].until.Sub(now)] = true
	}
	require.Greater(t, len(lengths), 1)
}

func TestTriesAreBounded(t *testing.T) {
	s := &Source{URL: "ldaps://host"}
	for range 100 {
		s.Alternates = append(s.Alternates, "ldaps://host")
	}
	list, err := s.controllers(t.Context(), "")
	require.NoError(t, err)
	require.Len(t, list, maxControllers)
}

func TestSRVRecordsGoByPriorityAndThenByWeight(t *testing.T) {
	record := func(target string, priority, weight uint16) *net.SRV {
		return &net.SRV{Target: target, Priority: priority, Weight: weight}
	}
	list := []*net.SRV{record("last", 20, 65535), record("heavy", 10, 75), record("light", 10, 25), record("never", 10, 0)}
	source := rand.New(rand.NewPCG(1, 2))
	first := map[string]int{}
	for range 10_000 {
		ordered := orderSRV(list, source.IntN)
		require.Len(t, ordered, 4)
		require.Equal(t, "last", ordered[3].Target)
		first[ordered[0].Target]++
	}
	require.InDelta(t, 7500, first["heavy"], 200)
	require.InDelta(t, 2500, first["light"], 200)
	require.InDelta(t, 100, first["never"], 60, "hardly ever, and not never (RFC 2782)")
	require.Empty(t, orderSRV(nil, source.IntN))
}

func TestThePortIsThatOfTheWayToConnect(t *testing.T) {
	for _, c := range []struct {
		port  uint16
		ldaps bool
		want  string
	}{{389, true, "636"}, {389, false, "389"}, {636, true, "636"}, {3389, true, "3389"}, {3389, false, "3389"}, {0, true, "636"}, {0, false, "389"}} {
		require.Equal(t, c.want, discoveredPort(c.port, c.ldaps))
	}
}

func FuzzNetlogon(f *testing.F) {
	f.Add([]byte(Netlogon("Oslo", "Berlin")))
	f.Add([]byte(Netlogon("Oslo", "")))
	f.Add(append([]byte(Netlogon("", ""))[:24], 0xc0, 24, 0xc0, 23, 0))
	f.Fuzz(func(t *testing.T, raw []byte) {
		theirs, ours, err := parseNetlogon(raw)
		if err != nil {
			require.Empty(t, theirs+ours)
		}
		require.LessOrEqual(t, len(ours), len(raw)*len(raw))
	})
}

// The answer that Samba 4.17 gave, with its names pointing back.
func TestSitesAreReadOutOfACompressedAnswer(t *testing.T) {
	raw := append([]byte("\x17\x00\x00\x00\xbd\x11\x00\x00"), make([]byte, 16)...)
	raw = append(raw, "\x04corp\x07example\x03com\x00\xc0\x18\x03dc1\xc0\x18\x04CORP\x00\x03DC1\x00\x00\x17Default-First-Site-Name\x00\xc0\x3e\x05\x00\x00\x00\xff\xff\xff\xff"...)
	theirs, ours, err := parseNetlogon(raw)
	require.NoError(t, err)
	require.Equal(t, []string{"Default-First-Site-Name", "Default-First-Site-Name"}, []string{theirs, ours})
	for n := range raw[:len(raw)-10] {
		_, _, err := parseNetlogon(raw[:n])
		require.Error(t, err)
	}
}
