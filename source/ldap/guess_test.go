package ldap_test

import (
	"strings"
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// between has something happen after the server has shown what changed, and
// before it is asked what that is now.
func between(t *testing.T, happen func(p *provider)) (searches []string, k *known) {
	p, k := followProvider(t, func(p *provider, _ string) *answer {
		a := &answer{stream: []streamed{p.entryIn(isModified, 0), p.entryIn(isModified, 1)}, controls: []goldap.Control{syncDone(true, "next")}}
		happen(p)
		return a
	})
	p.put(0, "changed")
	p.hook = func(q *search) *answer {
		if strings.Contains(q.filter, "entryUUID=") {
			searches = append(searches, q.filter)
		}
		return p.answer(q)
	}
	k.read(t)
	require.NoError(t, k.gone)
	require.Equal(t, "changed", k.cn(0))
	return searches, k
}

// Who is where the server has just shown it is not looked for.
//
// Red when everybody is located before being read.
func TestWhoWasJustShownIsReadAndNotLookedFor(t *testing.T) {
	searches, k := between(t, func(*provider) {})
	require.Len(t, searches, 1)
	require.Contains(t, searches[0], "inetOrgPerson")
	require.Empty(t, k.problems)
	require.Equal(t, 2, k.changes)
}

// From where somebody was a moment ago nothing follows for who is not there: the
// server does not say that it was deleted.
//
// Red when who does not come is not looked for again.
func TestWhoWasJustShownAndIsNotThereIsLookedFor(t *testing.T) {
	_, k := between(t, func(p *provider) { p.take(1) })
	require.ErrorContains(t, k.problems[adsync.Anchor(uuidOf(1))], "cannot see it")
	require.True(t, k.has(1))
}

// Red when who is found again is not read again.
func TestWhoBecameSomethingElseSinceItWasShownIsReadAsThat(t *testing.T) {
	_, k := between(t, func(p *provider) { p.group(1, "uid=p2,"+suffix) })
	require.Empty(t, k.problems)
	require.Equal(t, adsync.Group, k.objects[adsync.Anchor(uuidOf(1))].Kind)
	require.Len(t, k.members[adsync.Anchor(uuidOf(1))], 1)
}
