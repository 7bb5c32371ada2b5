package ldap_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// allChanged has everybody of a provider changed; asked counts how often the
// server was asked what became of some.
func allChanged(t *testing.T, n int) (r adsync.ReadRequest, p *provider, asked *atomic.Int32) {
	p, asked = newProvider(t, n), &atomic.Int32{}
	k := newKnown(p.source(), adsync.ReadRequest{Attributes: []string{"cn"}})
	k.read(t)
	require.NotEmpty(t, k.cursor)
	p.refresh = func(string) *answer {
		a := &answer{controls: []goldap.Control{syncDone(true, "next")}}
		for i := range n {
			a.stream = append(a.stream, p.entryIn(isModified, i))
		}
		return a
	}
	p.hook = func(q *search) *answer {
		if strings.Contains(q.filter, "entryUUID=") {
			asked.Add(1)
		}
		return p.answer(q)
	}
	r = k.request
	r.Since = k.cursor
	return r, p, asked
}

// Red when a batch is handed on before the server is asked for the next.
func TestTheServerWorksOnTheNextWhileABatchIsTaken(t *testing.T) {
	r, p, asked := allChanged(t, 250)
	batches, changes := 0, 0
	for b, err := range p.source().Read(t.Context(), r) {
		require.NoError(t, err)
		if changes += len(b.Changes); len(b.Changes) > 0 && changes < 250 {
			batches++
			require.Eventually(t, func() bool { return int(asked.Load()) > batches }, 5*time.Second, time.Millisecond)
		}
	}
	require.Equal(t, 250, changes)
	require.Equal(t, 2, batches)
}

// Red when who leaves the loop meanwhile is not heard.
func TestWhoLeavesWhileTheServerWorksOnTheNextGetsNoMore(t *testing.T) {
	r, p, asked := allChanged(t, 350)
	for b, err := range p.source().Read(t.Context(), r) {
		require.NoError(t, err)
		if len(b.Changes) > 0 {
			break
		}
	}
	require.LessOrEqual(t, asked.Load(), int32(2))
}
