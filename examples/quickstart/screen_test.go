package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
)

func TestTheScreenSaysWhatHappensNext(t *testing.T) {
	dir := t.TempDir()
	plan := quickstart(t, "-dir", dir, "-plan").exits(0).out
	require.Contains(t, plan, "RESULT planned: this was the plan; nothing was written.\n  Run again without -plan to apply it.")
	first := quickstart(t, "-dir", dir).exits(0).out
	require.Regexp(t, `RESULT conflicts: wrote \d+ create, \d+ members\.\n  Run it again: there is nothing to do\.\n  This was run 2; -revert 2 undoes it, under the guard\.`, first)
	require.Contains(t, quickstart(t, "-dir", dir, "-revert", "2", "-plan").exits(codeRefused).out, "To undo run 2 is more than the guard lets pass.")
	second := quickstart(t, "-dir", dir).exits(0).out
	require.Contains(t, second, "RESULT conflicts: there was nothing to do.\n  With -change a day passes")
	changed := quickstart(t, "-dir", dir, "-change").exits(0).out
	for _, line := range []string{"(has left)", "(is disabled)", " → ", "update", "rename", "deactivate"} {
		require.Contains(t, changed, line)
	}
}

// Names of files and values of the directory are not cut: they are longer than
// a line at times.
func TestLinesFitATerminal(t *testing.T) {
	out := quickstart(t, "-dir", t.TempDir(), "-change").exits(0).out
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "target ") || strings.HasPrefix(line, "remembered ") {
			continue
		}
		require.LessOrEqual(t, utf8.RuneCountInString(line), 79, line)
	}
}

func TestDirectoryTextIsEscaped(t *testing.T) {
	o := startOwn(t)
	require.NoError(t, o.Change(func(c *fakedir.Changes) error {
		return c.Add("CN=temp,"+o.PeopleDN(), "user", map[string][]string{
			"sAMAccountName": {"temp"}, "sn": {"x"},
			"displayName": {"\x1b[31mred\u202ealert\u0007"}, "title": {"\x1b]0;owned\x07"},
		})
	}))
	out := quickstart(t, o.flags(t.TempDir())...).exits(0).out
	for _, mark := range []string{"\x1b", "\u202e", "\a"} {
		require.NotContains(t, out, mark)
	}
	require.Equal(t, `\u001b[31mred\u202ealert\u0007 ünï 𠮷`, printable("\x1b[31mred\u202ealert\u0007 ünï 𠮷"))
	require.Equal(t, `a\u000ab\u2028\ufffd`, printable("a\nb\u2028\xff"))
	require.Equal(t, "one\n\\u0009two", printableLines("one\n\ttwo"))
}

func TestProgressIsForTerminalsOnly(t *testing.T) {
	var out, err bytes.Buffer
	s := newScreen(&options{json: true}, &out, &err)
	s.progress(adsync.Progress{Stage: "read", Done: 5})
	require.Empty(t, err.String(), "a file is no terminal")

	s.live = true
	s.progress(adsync.Progress{Stage: "read", Done: 5})
	s.progress(adsync.Progress{Stage: "apply", Done: 5, Total: 10})
	s.progressDone()
	require.Equal(t, "\r\x1b[Kread: 5\r\x1b[Kapply: 5 of 10\r\x1b[K", err.String())
	require.Empty(t, out.String())
}

func TestWrapping(t *testing.T) {
	text := wrapped("  ", strings.Repeat("word ", 40))
	for line := range strings.Lines(text) {
		require.Regexp(t, `^  word`, line)
		require.LessOrEqual(t, len(strings.TrimSpace(line)), screenWidth)
	}
	require.Equal(t, 40, strings.Count(text, "word"))
	long := strings.Repeat("x", 100)
	require.Equal(t, long+"\nend", wrapped("", long+" end"), "a word is not broken")
	require.Empty(t, wrapped("  ", ""))
}

func TestAnObjectWithSeveralFaultsIsShownOnce(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&options{}, &out, &out)
	missing := func(anchor, attr string) adsync.Issue {
		return adsync.Issue{Anchor: adsync.Anchor(anchor), Name: "Name of " + anchor, Code: adsync.IssueRequiredMissing, Attr: attr}
	}
	shared := adsync.Issue{Anchor: "c", Name: "Ada", Code: adsync.IssueSourceDuplicate, Attr: "email", Others: []adsync.Anchor{"d"}}
	other := adsync.Issue{Anchor: "d", Name: "Bob", Code: adsync.IssueSourceDuplicate, Attr: "email", Others: []adsync.Anchor{"c"}}
	s.issues(&adsync.Report{Counts: adsync.Counts{Quarantined: 2, Conflicts: 2}, Issues: []adsync.Issue{
		missing("a", "email"), missing("a", "lastName"), missing("b", "logon"), shared, other,
	}})
	require.Equal(t, 1, strings.Count(out.String(), "Name of a"))
	require.Contains(t, out.String(), "    Name of a: lacks email, lastName\n    Name of b: lacks logon\n")
	require.Contains(t, out.String(), "    Ada: has the same email as Bob\n    Bob: has the same email as Ada\n")
}

func TestAFaultOfSeveralLinesKeepsThem(t *testing.T) {
	for _, live := range []bool{false, true} {
		var err bytes.Buffer
		s := &screen{err: &err, live: live}
		s.fault(errors.New("the job cannot run, 2 faults:\n  - set CAFile\n  - \x1b[31mred "+strings.Repeat("long ", 20)), codeConfiguration)
		require.Regexp(t, `^quickstart: the job cannot run, 2 faults:\n *- set -ca\n *- \\u001b\[31mred long`, err.String())
		require.Equal(t, live, strings.Count(err.String(), "\n") > 3)
	}
}
