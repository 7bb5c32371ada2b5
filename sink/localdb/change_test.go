package localdb_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/localdb"
)

// An entry in an index is written anew with every statement that names its
// columns, so that the mark of a row that has it is left out.
//
// Red when an update always writes the mark.
func TestAnUpdateNamesTheMarkOnlyWhereItIsMissing(t *testing.T) {
	s := opened(t, newSQLite(t))
	ada := must(t, s, put("a1", "", "logon", "ada@example.com", "title", "Engineer"))
	bob := must(t, s, put("b1", "", "logon", "bob@example.com", "title", "Engineer"))
	require.NoError(t, localdb.Exec(t.Context(), s, `CREATE TRIGGER named BEFORE UPDATE OF external_id, source ON accounts
		BEGIN SELECT RAISE(ABORT, 'the mark was named'); END`))
	r := must(t, s, put("a1", ada.Target, "title", "Manager", "city", "Lund"))
	require.Equal(t, adsync.Receipt{Target: ada.Target, Outcome: adsync.Updated}, r)
	require.Equal(t, "Manager", list(t, s, adsync.User)[0].Attrs.Get("title"))
	require.Equal(t, "Engineer", list(t, s, adsync.User)[1].Attrs.Get("title"), "others stay as they are")

	_, err := s.Apply(t.Context(), put("c1", bob.Target, "title", "Manager"))
	require.Error(t, err, "here it is missing")
}
