package scenario

import (
	"strings"
	"testing"

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
	steps, err := Parse(story)
	require.NoError(t, err)
	require.Len(t, steps, 3)
	require.Equal(t, "source ad", steps[0].Command)
	require.Equal(t, []string{"user ada"}, steps[0].Input)
	require.Equal(t, 7, steps[1].Line)
	require.Equal(t, story, Format(steps))

	loose, err := Parse("\n\n# One person.\n\n\nsource ad\nuser ada\n----\nok\n\n\n\nrun\n----\ncompleted: create 1\nsent put/create user ada: created\n\n\n# The end.\n\n")
	require.NoError(t, err)
	require.Equal(t, story, Format(loose), "one empty line between steps, none behind a story")

	for _, bad := range []string{"run", "run\n\n----\n", "run\nx\n"} {
		_, err := Parse(bad)
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
	steps, err := Parse(strings.Replace(story, "create 1", "create 2", 1))
	require.NoError(t, err)
	differences, err := Play(t.Context(), steps, nil)
	require.NoError(t, err)
	require.Len(t, differences, 1)
	told := differences[0].String()
	require.Contains(t, told, "7: run")
	require.Contains(t, told, "create 2")
	require.Contains(t, told, "create 1")
	require.Equal(t, story, Format(steps), "what came of it takes the place of what was said")
}

func TestCommandsThatAreNotUnderstood(t *testing.T) {
	for _, text := range []string{
		"dance", "source", "source ad\nuser", "source ad\nking ada", "source ad\ngone ada", "source ad\nuser ada title",
		"source ad\nuser \"ada", "target\nuser", "target\nuser t-1 tall", "job\nno such thing", "job\nmissing perhaps", "job\nrequired king x",
		"job\nguard leaving many", "job\nguard sleeping 1", "job\nleaver user", "job\nmerge title perhaps", "sink", "sink kitchen",
		"fault ad", "fault ad tired", "fault ad fails", "fault ad fails loudly", "fault ad cut x", "refuse ada", "refuse ada loudly",
		"apply", "answer ad ada", "advance", "advance far", "advance 1h", "run stop-after=x", "run",
		"patience long", "changes", "changes ad now", "source ad\nuser ada\nnever ada", "ldap", "ldap ad\nway", "ldap ad\ncolour red", "ldap ad\nvalues many",
		"directory ad", "wrong ad none",
	} {
		t.Run(text, func(t *testing.T) {
			steps, err := Parse(text + "\n----\n")
			require.NoError(t, err)
			_, err = Play(t.Context(), steps, nil)
			require.NoError(t, err)
			require.Contains(t, steps[0].Output, "error: ")
		})
	}
}

// A directory that the story starts is cleared away with it, also when its lines
// are not understood.
func TestCommandsThatADirectoryDoesNotUnderstand(t *testing.T) {
	for _, command := range []string{
		"ldap ad", "directory ad dc2", "directory ad\ndance ada", "directory ad\nuser", "directory ad\ngone ada", "directory ad\nrename ada",
		"wrong ad tired", "wrong ad tired 1 2", "wrong ad answer x 1", "wrong ad answer 1 x",
	} {
		t.Run(command, func(t *testing.T) {
			steps, err := Parse("ldap ad\n----\n\n" + command + "\n----\n")
			require.NoError(t, err)
			_, err = Play(t.Context(), steps, nil)
			require.NoError(t, err)
			require.Equal(t, "ok\n", steps[0].Output)
			require.Contains(t, steps[1].Output, "error: ")
		})
	}
}

// Whose ports, days and systems' words differ, tells the same story.
func TestWhatDiffersFromDayToDayIsNotSaid(t *testing.T) {
	w := newWorld(t.Context(), nil)
	require.Equal(t, "read on «then»: connection refused", w.plain("read on 2026-11-21T19:00:00Z: connect: connection refused"))
	require.NoError(t, w.close())
}
