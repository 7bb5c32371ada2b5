package fakedir_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
)

// TestFirstAnswerTellsWhatWasTakenAwayMeanwhile is red when a first answer of
// many rounds does not take back what one of them had shown. What was gone
// before it began is not told.
func TestFirstAnswerTellsWhatWasTakenAwayMeanwhile(t *testing.T) {
	for _, flags := range []int64{0, incremental} {
		s := start(t, fakedir.Config{People: 1, DirSyncRound: 40})
		ada, group := "CN=Ada,"+s.BaseDN(), "CN=Apollo,"+s.BaseDN()
		alter(t, s, func(d *fakedir.Changes) error {
			require.NoError(t, d.Add(ada, "user", map[string][]string{"mail": {"ada@example.com"}, "title": {"x"}}))
			require.NoError(t, d.Set(ada, "title"))
			require.NoError(t, d.Add(group, "group", map[string][]string{"member": {ada}}))
			for i := range 60 {
				require.NoError(t, d.Add(fmt.Sprintf("CN=Contact %d,%s", i, s.BaseDN()), "contact", nil))
			}
			return nil
		})
		c := bound(t, s)
		told := []string{}
		shown := false
		var cookie []byte
		for more := true; more; {
			list, next, goesOn, err := round(c, request(s.BaseDN(), "(|(cn=Ada)(cn=Apollo))", "mail", "title", "member"), flags, cookie)
			require.NoError(t, err)
			if len(list) > 0 && !shown {
				shown = true
				alter(t, s, func(d *fakedir.Changes) error {
					require.NoError(t, d.Set(ada, "mail"))
					return d.Unlink(group, "member", ada)
				})
			}
			told = append(told, lines(list)...)
			cookie, more = next, goesOn
		}
		want := []string{"CN=Ada mail=ada@example.com", "CN=Apollo member=" + ada, "CN=Ada mail=", "CN=Apollo member="}
		if flags == incremental {
			want = []string{"CN=Ada mail=ada@example.com", "CN=Apollo member;range=1-1=" + ada, "CN=Ada mail=", "CN=Apollo member;range=0-0=" + ada}
		}
		require.Equal(t, want, told)
	}
}
