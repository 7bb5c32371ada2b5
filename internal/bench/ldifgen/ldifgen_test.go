package main

import (
	"bufio"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(c config, what func(*config, *bufio.Writer)) string {
	var out strings.Builder
	w := bufio.NewWriter(&out)
	what(&c, w)
	w.Flush()
	return out.String()
}

var small = config{n: 500, groups: 3, members: 10, ous: 4, descLen: 40, seed: 1, base: "dc=example,dc=com", ad: true}

func TestTheSameSettingsGiveTheSameBytes(t *testing.T) {
	first := write(small, (*config).writeTree)
	require.Equal(t, first, write(small, (*config).writeTree))
	other := small
	other.seed = 2
	require.NotEqual(t, first, write(other, (*config).writeTree))
}

func TestTheTreeHoldsWhatWasAskedFor(t *testing.T) {
	tree := write(small, (*config).writeTree)
	require.Equal(t, 500, strings.Count(tree, "objectClass: inetOrgPerson\n"))
	require.Equal(t, 3, strings.Count(tree, "objectClass: groupOfNames\n"))
	require.Equal(t, 30, strings.Count(tree, "\nmember: "))
	require.Equal(t, 6, strings.Count(tree, "objectClass: organizationalUnit\n"))
	require.Contains(t, tree, "dn: uid=u0000499,ou=Unit03,ou=People,dc=example,dc=com\n")
}

func TestChangesTouchDifferentPersonsOfTheTree(t *testing.T) {
	c := small
	c.changes = 50
	changes, tree := write(c, (*config).writeChanges), write(small, (*config).writeTree)
	seen := make(map[string]bool)
	for line := range strings.Lines(changes) {
		if strings.HasPrefix(line, "dn: ") {
			require.Contains(t, tree, line)
			seen[line] = true
		}
	}
	require.Len(t, seen, 50)
}

func TestRandomUUIDsChangeNothingElse(t *testing.T) {
	random := small
	random.randomUUID = true
	seen, rest := make(map[string]bool), new(strings.Builder)
	for line := range strings.Lines(write(random, (*config).writeTree)) {
		if strings.HasPrefix(line, "entryUUID: ") {
			require.Regexp(t, `^entryUUID: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$`, line)
			seen[line] = true
			continue
		}
		rest.WriteString(line)
	}
	require.Len(t, seen, 503)
	require.Equal(t, write(small, (*config).writeTree), rest.String())
}
