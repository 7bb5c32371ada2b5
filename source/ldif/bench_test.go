package ldif_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldif"
	"github.com/stretchr/testify/require"
)

// BenchmarkRead reads 20,000 people: twice through the file.
func BenchmarkRead(b *testing.B) {
	const people = 20_000
	file := filepath.Join(b.TempDir(), "people.ldif")
	f, err := os.Create(file)
	require.NoError(b, err)
	for i := range people {
		fmt.Fprintf(f, "dn: CN=User %d,OU=Department %d,OU=People,DC=example,DC=com\nobjectClass: top\nobjectClass: person\nobjectClass: user\n"+
			"cn: User %d\ngivenName: Given\nsn: Name %d\nmail: user%d@example.com\nentryUUID: 00000001-0000-4000-8000-%012d\n"+
			"manager: CN=User %d,OU=Department %d,OU=People,DC=example,DC=com\ndescription: something said about user %d\n\n",
			i, i%40, i, i, i, i, i/8, i/8%40, i)
	}
	require.NoError(b, f.Close())
	info, err := os.Stat(file)
	require.NoError(b, err)
	b.SetBytes(info.Size())
	b.ReportAllocs()
	s := &ldif.Source{File: file, Expect: ldif.Expect{Entries: people}}
	for b.Loop() {
		n := 0
		for batch, err := range s.Read(b.Context(), adsync.ReadRequest{Attributes: []string{"cn", "givenName", "sn", "mail", "manager", "description"}}) {
			require.NoError(b, err)
			n += len(batch.Changes)
		}
		require.Equal(b, people, n)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/people, "µs/entry")
}
