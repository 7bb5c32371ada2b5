package incidents

import (
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/scenario"
)

var rewrite = flag.Bool("rewrite", false, "write what came of the incidents into their files")

// Every incident is green, and red with its fault: so says the same file, played
// twice. Red when the protection that a file names is not the one that keeps its
// story safe.
func TestEveryIncidentIsGreenAndIsRedWithItsFault(t *testing.T) {
	list, err := All()
	require.NoError(t, err)
	for _, i := range list {
		t.Run(i.ID(), func(t *testing.T) {
			steps, differences, err := i.Play(t.Context(), false)
			require.NoError(t, err)
			if *rewrite {
				require.NoError(t, os.WriteFile(i.File, []byte(scenario.Format(steps)), 0o644))
				i.Steps, differences = steps, nil
			}
			for _, d := range differences {
				t.Errorf("%s:%s", i.File, d)
			}
			_, differences, err = i.Play(t.Context(), true)
			require.NoError(t, err)
			require.NotEmpty(t, differences, "without %s nothing goes wrong", i.Without)
			t.Logf("%s: %s", i.ID(), Words(differences))
		})
	}
}

func TestTheMuseumIsComplete(t *testing.T) {
	list, err := All()
	require.NoError(t, err)
	numbers := []int{}
	for _, i := range list {
		numbers = append(numbers, i.Number)
		p, err := i.Protection()
		require.NoError(t, err)
		require.NotEmpty(t, p.What())
		for _, thread := range i.Threads {
			require.Regexp(t, `^[\w.-]+(/[\w.-]+)?#\d+$`, thread)
		}
		require.LessOrEqual(t, len(i.Title), 60, "it has to fit into a table")
		require.True(t, slices.ContainsFunc(i.Steps, func(s scenario.Step) bool { return s.Command != "" }))
	}
	for n := range 21 {
		require.Equal(t, n+1, numbers[n])
	}
}
