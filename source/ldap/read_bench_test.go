//go:build unix

package ldap

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkReadEverybody reads all people of a server that
// internal/bench/slapd.sh started (BENCH_LDAP_URL), by each of the two readers
// and, where BENCH_LDAP_C is the program made of internal/bench/read.c, in C.
// The figure to look at is us-CPU/entry, of this process alone.
func BenchmarkReadEverybody(b *testing.B) {
	url := os.Getenv("BENCH_LDAP_URL")
	if url == "" {
		b.Skip("BENCH_LDAP_URL names no server")
	}
	if program := os.Getenv("BENCH_LDAP_C"); program != "" {
		b.Run("C", func(b *testing.B) {
			eachRead(b, syscall.RUSAGE_CHILDREN, func() int { return readInC(b, program, url) })
		})
	}
	b.Run("own", func(b *testing.B) { eachRead(b, syscall.RUSAGE_SELF, func() int { return readHere(b, url) }) })
	b.Run("go-ldap", func(b *testing.B) {
		ByGoLDAP(b)
		eachRead(b, syscall.RUSAGE_SELF, func() int { return readHere(b, url) })
	})
}

const (
	benchBase   = "ou=People,dc=example,dc=com"
	benchFilter = "(objectClass=inetOrgPerson)"
)

func eachRead(b *testing.B, who int, read func() int) {
	entries, before := 0, cpu(b, who)
	b.ReportAllocs()
	for b.Loop() {
		entries += read()
	}
	b.ReportMetric(float64((cpu(b, who)-before).Microseconds())/float64(entries), "us-CPU/entry")
	b.ReportMetric(float64(entries)/float64(b.N), "entries")
}

func cpu(b *testing.B, who int) time.Duration {
	var use syscall.Rusage
	require.NoError(b, syscall.Getrusage(who, &use))
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func readInC(b *testing.B, program, url string) (entries int) {
	said, err := exec.Command(program, url, benchBase, benchFilter, "500").Output()
	require.NoError(b, err)
	_, err = fmt.Sscanf(string(said), "%d entries", &entries)
	require.NoError(b, err)
	return entries
}

// readHere looks at every value, as the C program does.
func readHere(b *testing.B, url string) (entries int) {
	s := &Source{URL: url, Anonymous: true, AllowInsecure: true}
	host := strings.TrimPrefix(url, "ldap://")
	host, port, _ := strings.Cut(host, ":")
	c, err := s.connectTo(b.Context(), controller{host: host, port: port})
	require.NoError(b, err)
	defer c.close()
	values, size := 0, 0
	for page, err := range c.search(b.Context(), query{base: benchBase, scope: 2, filter: benchFilter, pageSize: 500, brief: true}) {
		require.NoError(b, err)
		for i := range page {
			entries++
			for _, a := range page[i].attrs {
				for _, v := range a.Values {
					values, size = values+1, size+len(v)
				}
			}
		}
	}
	return entries
}
