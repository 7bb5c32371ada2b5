package placeholder

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyParametersThatStandOnceAndInOrderLoseTheirNumbers(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT 1":                                    "SELECT 1",
		"VALUES ($1, $2, $3)":                         "VALUES (?, ?, ?)",
		"a = $1 AND b = $2 OR c = $1":                 "",
		"a = $2 AND b = $1":                           "",
		"a IN ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)":       "a IN (?,?,?,?,?,?,?,?,?,?)",
		"a = $12":                                     "",
		`"col$1" = $1 AND b = '$2' AND "it""s$" = $2`: `"col$1" = ? AND b = '$2' AND "it""s$" = ?`,
		"a = $x": "",
		"a = $":  "",
	} {
		if want == "" {
			want = query
		}
		require.Equal(t, want, Unnumbered(query))
	}
}
