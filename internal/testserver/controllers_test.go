package testserver

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTwoControllersShareWhatIsReplicatedAndNothingElse(t *testing.T) {
	first, second := Controllers(t, 20)
	require.NotEqual(t, first.HostName, second.HostName)
	unit := "OU=Lag," + first.BaseDN
	first.Modify(t, "dn: "+unit+"\nobjectClass: organizationalUnit\n")
	has := func(c *Controller) bool {
		conn := dial(t, c.URL, trusting(t, c.CAFile))
		require.NoError(t, conn.Bind(c.SyncUser, c.SyncPassword))
		require.Len(t, find(t, conn, "OU=People,OU=Company,"+c.BaseDN, "(objectClass=user)", "cn"), 20)
		return len(find(t, conn, c.BaseDN, "(ou=Lag)", "ou")) == 1
	}
	require.True(t, has(first))
	require.False(t, has(second), "nothing flows by itself")
	second.Replicate(t, first)
	require.True(t, has(second))
	first.Stop(t)
	require.False(t, listens(first.Address))
	first.Start(t)
	require.True(t, has(first))
	second.Modify(t, "dn: "+unit+"\nchangetype: delete\n")
	first.Replicate(t, second)
	require.False(t, has(first))
}
