package ldap

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkReadEverybody is two rows of `make bench`, each in a process of its
// own: everybody read by each of the two readers, every value looked at. The
// environment says what is read: BENCH_LDAP_URL, BENCH_LDAP_BASE,
// BENCH_LDAP_FILTER, BENCH_LDAP_PAGE and BENCH_LDAP_ASK, with commas.
func BenchmarkReadEverybody(b *testing.B) {
	if os.Getenv("BENCH_LDAP_URL") == "" {
		b.Skip("BENCH_LDAP_URL names no server")
	}
	b.Run("own", readEverybody)
	b.Run("go-ldap", func(b *testing.B) {
		ByGoLDAP(b)
		readEverybody(b)
	})
}

// readEverybody reports what it saw, as the other readers of the bench do.
func readEverybody(b *testing.B) {
	b.ReportAllocs()
	var seen tally
	for b.Loop() {
		seen = readOnce(b)
	}
	b.ReportMetric(seen.entries, "entries")
	b.ReportMetric(seen.values, "values")
	b.ReportMetric(seen.bytes, "bytes")
}

type tally struct{ entries, values, bytes float64 }

func readOnce(b *testing.B) (seen tally) {
	s := &Source{URL: os.Getenv("BENCH_LDAP_URL"), Anonymous: true, AllowInsecure: true}
	host, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "ldap://"), ":")
	c, err := s.connectTo(b.Context(), controller{host: host, port: port})
	require.NoError(b, err)
	defer c.close()
	size, err := strconv.Atoi(os.Getenv("BENCH_LDAP_PAGE"))
	require.NoError(b, err)
	everybody := query{
		base: os.Getenv("BENCH_LDAP_BASE"), scope: 2, filter: os.Getenv("BENCH_LDAP_FILTER"),
		attrs: strings.Split(os.Getenv("BENCH_LDAP_ASK"), ","), pageSize: size, brief: true,
	}
	for page, err := range c.search(b.Context(), everybody) {
		require.NoError(b, err)
		seen.add(page)
	}
	return seen
}

func (t *tally) add(page []entry) {
	for i := range page {
		t.entries++
		for _, a := range page[i].attrs {
			for _, v := range a.Values {
				t.values, t.bytes = t.values+1, t.bytes+float64(len(v))
			}
		}
	}
}
