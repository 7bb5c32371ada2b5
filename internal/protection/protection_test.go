package protection_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/protection"
)

func TestAProtectionIsTakenOutAndPutBack(t *testing.T) {
	require.False(t, protection.Guard.Removed())
	restore, err := protection.Remove(protection.Guard.Name())
	require.NoError(t, err)
	require.True(t, protection.Guard.Removed())
	require.False(t, protection.Witness.Removed(), "and no other")
	restore()
	require.False(t, protection.Guard.Removed())
}

func TestAProtectionThatIsNotThereIsAnError(t *testing.T) {
	_, err := protection.Remove("luck")
	require.ErrorContains(t, err, "luck")
}

// Two of one name could not be told apart: only the first would be taken out.
func TestEachProtectionHasANameOfItsOwnAndSaysWhatIsLostWithoutIt(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range protection.All() {
		require.NotEmpty(t, p.What(), p.Name())
		require.False(t, seen[p.Name()], p.Name())
		seen[p.Name()] = true
	}
	require.Greater(t, len(seen), 20)
}
