package scenario

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

const story = `# One person.
source ad
user ada
----
ok

run
----
completed: create 1
sent put/create user ada: created

# The end.
`

func TestFilesReadAndWriteTheSame(t *testing.T) {
	steps, err := parse(story)
	require.NoError(t, err)
	require.Len(t, steps, 3)
	require.Equal(t, "source ad", steps[0].command)
	require.Equal(t, []string{"user ada"}, steps[0].input)
	require.Equal(t, 7, steps[1].line)
	require.Equal(t, story, format(steps))

	loose, err := parse("\n\n# One person.\n\n\nsource ad\nuser ada\n----\nok\n\n\n\nrun\n----\ncompleted: create 1\nsent put/create user ada: created\n\n\n# The end.\n\n")
	require.NoError(t, err)
	require.Equal(t, story, format(loose), "one empty line between steps, none behind a story")

	for _, bad := range []string{"run", "run\n\n----\n", "run\nx\n"} {
		_, err := parse(bad)
		require.ErrorContains(t, err, "line 1")
	}
}

func TestWords(t *testing.T) {
	got, err := words(`user ada  displayName="Ada, Countess" title=`)
	require.NoError(t, err)
	require.Equal(t, []string{"user", "ada", "displayName=Ada, Countess", "title="}, got)
	_, err = words(`a "b`)
	require.Error(t, err)
}

func TestStepThatComesOutAnotherWayIsToldWithItsLine(t *testing.T) {
	steps, err := parse(strings.Replace(story, "create 1", "create 2", 1))
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		faults := play(t, steps)
		require.Len(t, faults, 1)
		require.Contains(t, faults[0], "7: run")
		require.Contains(t, faults[0], "create 2")
		require.Contains(t, faults[0], "create 1")
	})
	require.Equal(t, story, format(steps), "what came of it takes the place of what was said")
}

func TestCommandsThatAreNotUnderstood(t *testing.T) {
	for _, text := range []string{
		"dance", "source", "source ad\nuser", "source ad\nking ada", "source ad\ngone ada", "source ad\nuser ada title",
		"source ad\nuser \"ada", "target\nuser", "target\nuser t-1 tall", "job\nno such thing", "job\nmissing perhaps", "job\nrequired king x",
		"job\nguard leaving many", "job\nguard sleeping 1", "job\nleaver user", "job\nmerge title perhaps", "sink", "sink kitchen",
		"fault ad", "fault ad tired", "fault ad fails", "fault ad fails loudly", "fault ad cut x", "refuse ada", "refuse ada loudly",
		"apply", "answer ad ada", "advance", "advance far", "run stop-after=x", "run",
	} {
		t.Run(text, func(t *testing.T) {
			steps, err := parse(text + "\n----\n")
			require.NoError(t, err)
			play(t, steps)
			require.Contains(t, steps[0].output, "error: ")
		})
	}
}
