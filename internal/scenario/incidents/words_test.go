package incidents

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/scenario"
)

func TestWords(t *testing.T) {
	left := strings.Repeat("sent deactivate/leave user ada (user-1) active=false: updated\n", 412)
	for name, c := range map[string]struct{ said, came, words string }{
		"deactivated":      {"unsure: nothing\n", "completed: deactivate 412\n" + left, "412 people would have been deactivated"},
		"one":              {"", "sent deactivate/leave user ada (user-1) active=false: updated\n", "1 person would have been deactivated"},
		"only tried":       {"failed: nothing\n", "refused: nothing\nsent deactivate/leave user ada (user-1): denied, no\n", `run would have said "refused: nothing", not "failed: nothing"`},
		"undone":           {left, "", "412 people who left would have stayed active"},
		"members":          {"", "sent members/members group staff (group-1) -user-1 -user-2: updated\n", "2 members would have been taken out of a group"},
		"members not":      {"sent members/members group staff (group-1) +user-1: updated\n", "", "1 member would not have come into a group"},
		"for nothing":      {"", "sent put/update user ada (user-1): unchanged\n", "1 object would have been sent although nothing had changed"},
		"without an end":   {"", "error: context deadline exceeded\n", "the run would never have come to its end"},
		"nothing plain":    {"error: a b c\n", "error: a d c\n", `run would have said "d c", not "b c"`},
		"long, with parts": {"x: short\n", "x: " + strings.Repeat("word ", 5) + "; and " + strings.Repeat("more ", 20), `run would have said "word word word word word", not "short"`},
	} {
		t.Run(name, func(t *testing.T) {
			d := scenario.Difference{Step: scenario.Step{Command: "run", Output: c.said}, Came: c.came}
			require.Equal(t, c.words, Words([]scenario.Difference{d}))
		})
	}
	require.Empty(t, Words(nil))
}

func TestFilesThatLackWhatTheMuseumReads(t *testing.T) {
	good := "# P1. Title.\n# Seen in: a/b#1\n# Here: well\n# Without: witness\n\nrun\n----\n"
	_, err := Read("good.txt", good)
	require.NoError(t, err)
	for _, line := range []string{"# P1. Title.\n", "# Seen in: a/b#1\n", "# Here: well\n", "# Without: witness\n"} {
		_, err := Read("bad.txt", strings.Replace(good, line, "", 1))
		require.ErrorContains(t, err, "bad.txt")
	}
	_, err = Read("bad.txt", good+"\nrun\n")
	require.ErrorContains(t, err, "bad.txt")
}
