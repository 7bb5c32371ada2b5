package ldif_test

import (
	"os"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldif"
	"github.com/stretchr/testify/require"
)

func FuzzSource(f *testing.F) {
	company, err := os.ReadFile(companyFile)
	require.NoError(f, err)
	f.Add(string(company), 8)
	f.Add("dn: CN=g\nobjectClass: group\nentryUUID: g\nmember: CN=g\n\n", 0)
	f.Fuzz(func(t *testing.T, text string, entries int) {
		s := content(text)
		s.PageSize, s.Expect = 2, ldif.Expect{Entries: max(entries, 0)}
		got := read(t, s, adsync.ReadRequest{})
		if got.err == nil && !got.done {
			t.Fatal("a read without an error that is not done")
		}
		if got.err == nil && s.Expect.Entries == 0 && (got.snapshot || got.reset) {
			t.Fatal("a file of which nothing is expected takes something away")
		}
	})
}
