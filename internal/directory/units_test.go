package directory

import (
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/stretchr/testify/require"
)

func TestNearestUnitDecides(t *testing.T) {
	in, out := false, true
	unit := func(name string, deselect bool) adsync.Unit { return adsync.Unit{DN: name, Deselect: deselect} }
	for _, c := range []struct {
		name  string
		units []adsync.Unit
		entry string
		want  bool
	}{
		{"nothing selected", nil, "CN=a,OU=x,DC=e", true},
		{"selected", []adsync.Unit{unit("OU=x,DC=e", in)}, "CN=a,OU=X,DC=E", true},
		{"the unit itself", []adsync.Unit{unit("OU=x,DC=e", in)}, "OU=x,DC=e", true},
		{"elsewhere", []adsync.Unit{unit("OU=x,DC=e", in)}, "CN=a,OU=y,DC=e", false},
		{"above", []adsync.Unit{unit("OU=x,DC=e", in)}, "CN=a,DC=e", false},
		{"deselected below", []adsync.Unit{unit("OU=x,DC=e", in), unit("OU=z,OU=x,DC=e", out)}, "CN=a,OU=q,OU=z,OU=x,DC=e", false},
		{"selected again", []adsync.Unit{unit("DC=e", in), unit("OU=x,DC=e", out), unit("OU=z,OU=x,DC=e", in)}, "CN=a,OU=z,OU=x,DC=e", true},
		{"only deselected, elsewhere", []adsync.Unit{unit("OU=x,DC=e", out)}, "CN=a,OU=y,DC=e", true},
		{"only deselected, there", []adsync.Unit{unit("OU=x,DC=e", out)}, "CN=a,OU=x,DC=e", false},
		{"a name that ends alike", []adsync.Unit{unit("OU=x,DC=e", in)}, `CN=a\,OU=x,DC=e`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := SelectUnits(c.units)
			require.NoError(t, err)
			require.Equal(t, c.want, u.Contain(dn(t, c.entry)))
		})
	}
	_, err := SelectUnits([]adsync.Unit{unit("nonsense", in)})
	require.ErrorContains(t, err, "nonsense")
	_, err = SelectUnits([]adsync.Unit{unit("OU=x", in), unit("ou=X", out)})
	require.ErrorContains(t, err, "both")
}
