package localdb_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/localdb"
)

func TestMembersAreListedPageByPageWhoeverAddedThem(t *testing.T) {
	s := &localdb.Sink{Path: filepath.Join(t.TempDir(), "people.db")}
	require.NoError(t, s.Open(t.Context()))
	defer s.Close()
	put := func(kind adsync.Kind, anchor, attr, value string) adsync.TargetID {
		full := adsync.MakeAttributes(adsync.Attribute{Name: attr, Values: []string{value}})
		r, err := s.Apply(t.Context(), adsync.Op{Key: anchor, Verb: adsync.Put, Intent: adsync.IntentCreate, Kind: kind, Source: "ad", Anchor: adsync.Anchor(anchor), Set: full, Full: full})
		require.NoError(t, err)
		return r.Target
	}
	group := put(adsync.Group, "g", "name", "team")
	want := []adsync.TargetID{put(adsync.Contact, "c", "displayName", "A contact")}
	var ops []adsync.TargetID
	for n := range 1100 {
		name := string(rune('a'+n%26)) + string(rune('a'+n/26%26)) + string(rune('a'+n/676))
		ops = append(ops, put(adsync.User, "u"+name, "logon", name))
	}
	want = append(want, ops...)
	_, err := s.Apply(t.Context(), adsync.Op{Key: "m", Verb: adsync.Members, Intent: adsync.IntentMembers, Kind: adsync.Group, Source: "ad", Anchor: "g", Target: group, Add: want})
	require.NoError(t, err)

	var got []adsync.TargetID
	for id, err := range s.ListMembers(t.Context(), group) {
		require.NoError(t, err)
		got = append(got, id)
	}
	slices.Sort(want)
	slices.Sort(got)
	require.Equal(t, want, got)
	for _, err := range s.ListMembers(t.Context(), "user:1") {
		require.Equal(t, adsync.CodeNotFound, adsync.CodeOf(err))
	}
}
