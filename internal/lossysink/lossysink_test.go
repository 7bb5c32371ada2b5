package lossysink

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func create(key string) adsync.Op {
	op := adsync.Op{Key: key, Verb: adsync.Put, Kind: adsync.User, Anchor: "ada"}
	op.Set.Set("logon", "ada@example.com")
	return op
}

// What a create does that comes twice, by the same key and by another.
func TestModesRecogniseWhatTheySay(t *testing.T) {
	for mode, want := range map[Mode][2]int{Keyed: {0, 1}, External: {0, 0}, Searched: {2, 3}, Blind: {2, 3}} {
		s, err := Start(mode, Faults{}, 1)
		require.NoError(t, err)
		defer s.Close()
		sink := NewSink(s.URL, mode, time.Minute)
		for _, key := range []string{"a", "a"} {
			_, err := sink.Apply(t.Context(), create(key))
			require.NoError(t, err)
		}
		require.Equal(t, want[0] > 0, len(s.Twice()) > 0, "%s: %v", mode, s.Twice())
		_, err = sink.Apply(t.Context(), create("b"))
		require.NoError(t, err)
		require.Equal(t, want[1] > 0, len(s.Twice()) > 0, "%s: %v", mode, s.Twice())
		_, finds := sink.(adsync.Finder)
		require.Equal(t, mode != Blind, finds)
	}
}

// A reply that is lost is unavailable, and the op has taken effect.
func TestALostReplyLeavesTheEffect(t *testing.T) {
	s, err := Start(Keyed, Faults{Lost: 1}, 1)
	require.NoError(t, err)
	defer s.Close()
	_, err = NewSink(s.URL, Keyed, time.Minute).Apply(t.Context(), create("a"))
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	require.Equal(t, 1, s.Effects())
	s.Settle()
	require.Len(t, s.Lines(), 1)
}

// Red when the server does what a client has given up.
func TestWhatComesTooLateTakesNoEffect(t *testing.T) {
	for _, mode := range []Mode{Searched, Blind} {
		server, err := Start(mode, Faults{}, 1)
		require.NoError(t, err)
		defer server.Close()
		ask, err := json.Marshal(request{Ops: []adsync.Op{create("a")}, Until: time.Now().Add(-time.Millisecond)})
		require.NoError(t, err)
		resp, err := http.Post(server.URL+"/apply", "application/json", bytes.NewReader(ask))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusGatewayTimeout, resp.StatusCode)
		require.Empty(t, server.objects)
	}
}
