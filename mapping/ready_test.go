package mapping

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadyMapsLoad(t *testing.T) {
	for name, text := range map[string]string{"active directory": ActiveDirectoryYAML(), "openldap": OpenLDAPYAML()} {
		t.Run(name, func(t *testing.T) {
			m, err := Load([]byte(text))
			require.NoError(t, err)
			require.NotEmpty(t, m.Digest())
			t.Log(m.Attributes())
		})
	}
}
