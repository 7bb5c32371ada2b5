package ldap

import (
	"slices"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

func numbered(n byte) [16]byte { return [16]byte{15: n} }

// message is what a server sends in a refresh.
type message struct {
	entry    *entry
	controls []goldap.Control
}

func entryOf(n byte, state goldap.ControlSyncStateState) message {
	return message{&entry{dn: "cn=" + string('a'+rune(n)) + ",dc=example,dc=com"}, []goldap.Control{&goldap.ControlSyncState{State: state, EntryUUID: numbered(n), Cookie: []byte("in the middle")}}}
}

func setOf(deleted bool, list ...byte) message {
	set := &goldap.ControlSyncInfoSyncIdSet{RefreshDeletes: deleted, Cookie: []byte("in the middle")}
	for _, n := range list {
		set.SyncUUIDs = append(set.SyncUUIDs, numbered(n))
	}
	return message{nil, []goldap.Control{&goldap.ControlSyncInfo{SyncIdSet: set}}}
}

func doneWith(deletes bool, cookie string) message {
	return message{nil, []goldap.Control{&goldap.ControlSyncDone{RefreshDeletes: deletes, Cookie: []byte(cookie)}}}
}

var (
	deletePhaseOver  = message{nil, []goldap.Control{&goldap.ControlSyncInfo{RefreshDelete: &goldap.ControlSyncInfoRefreshDelete{Cookie: []byte("in the middle")}}}}
	presentPhaseOver = message{nil, []goldap.Control{&goldap.ControlSyncInfo{RefreshPresent: &goldap.ControlSyncInfoRefreshPresent{Cookie: []byte("in the middle")}}}}
	newCookie        = message{nil, []goldap.Control{&goldap.ControlSyncInfo{NewCookie: &goldap.ControlSyncInfoNewCookie{Cookie: []byte("in the middle")}}}}
	referral         = message{}
)

// What the phases of a refresh mean (RFC 4533, sections 1.3 and 3.3). Red when
// refreshDeletes is read the other way round, when the end of a present phase
// is not noticed, or when a cookie in the middle is taken for the last one.
func TestRefreshPhases(t *testing.T) {
	const add, modify, present, del = goldap.SyncStateAdd, goldap.SyncStateModify, goldap.SyncStatePresent, goldap.SyncStateDelete
	for name, c := range map[string]struct {
		sent          []message
		changed, gone []byte
		stay          []byte
		absent        bool
		cookie        string
	}{
		"nothing changed, and nobody is gone": {sent: []message{doneWith(true, "")}},
		"an empty content":                    {sent: []message{doneWith(false, "c")}, absent: true, cookie: "c"},
		"first content":                       {sent: []message{entryOf(1, add), entryOf(2, add), doneWith(false, "c")}, changed: []byte{1, 2}, absent: true, cookie: "c"},
		"delete phase":                        {sent: []message{entryOf(1, modify), entryOf(2, del), setOf(true, 3, 4), newCookie, doneWith(true, "c")}, changed: []byte{1}, gone: []byte{2, 3, 4}, cookie: "c"},
		"present phase":                       {sent: []message{setOf(false, 1, 2), entryOf(3, present), entryOf(4, modify), referral, doneWith(false, "c")}, changed: []byte{4}, stay: []byte{1, 2, 3}, absent: true, cookie: "c"},
		"present, then delete phase":          {sent: []message{setOf(false, 1, 2), presentPhaseOver, setOf(true, 2), entryOf(5, add), doneWith(true, "c")}, changed: []byte{5}, gone: []byte{2}, stay: []byte{1, 2}, absent: true, cookie: "c"},
		"delete, then present phase":          {sent: []message{setOf(true, 2), deletePhaseOver, setOf(false, 1), doneWith(false, "c")}, gone: []byte{2}, stay: []byte{1}, absent: true, cookie: "c"},
		"deleted and back":                    {sent: []message{setOf(true, 2), entryOf(2, add), doneWith(true, "c")}, changed: []byte{2}, cookie: "c"},
		"deleted, and then there after all":   {sent: []message{setOf(true, 2), setOf(false, 2), doneWith(false, "c")}, stay: []byte{2}, absent: true, cookie: "c"},
		"no cookie at the end":                {sent: []message{newCookie, entryOf(1, modify), doneWith(true, "")}, changed: []byte{1}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRefresh(func(e *entry) *sighting { return &sighting{called: called{dn: e.dn}} })
			for _, m := range c.sent {
				require.False(t, r.done)
				require.NoError(t, r.take(m.entry, m.controls))
			}
			require.True(t, r.done)
			var changed, gone, stay []byte
			for uuid, seen := range r.touched {
				if seen == nil {
					gone = append(gone, uuid[15])
				} else {
					changed = append(changed, uuid[15])
				}
			}
			for _, uuid := range r.present {
				stay = append(stay, uuid[15])
			}
			slices.Sort(changed)
			slices.Sort(gone)
			require.Equal(t, c.changed, changed)
			require.Equal(t, c.gone, gone)
			require.Equal(t, c.stay, stay)
			require.Equal(t, c.absent, r.absent)
			require.Equal(t, c.cookie, string(r.cookie))
		})
	}
}

// What cannot be told is no answer.
func TestRefreshRefusesWhatCannotBeTold(t *testing.T) {
	nothing := func(*entry) *sighting { return &sighting{} }
	r := newRefresh(nothing)
	err := r.take(&entry{dn: "cn=a"}, nil)
	require.Equal(t, adsync.CodeGone, adsync.CodeOf(err), "no Sync State")
	m := entryOf(1, 4)
	require.Equal(t, adsync.CodeIncomplete, adsync.CodeOf(r.take(m.entry, m.controls)), "no such state")
	m = doneWith(true, "c")
	require.NoError(t, r.take(m.entry, m.controls))
	require.Equal(t, adsync.CodeIncomplete, adsync.CodeOf(r.take(m.entry, m.controls)), "after the end")
}

// Beyond a bound a full read is asked for, and memory stays bounded.
func TestRefreshOfEverythingAsksForAFullRead(t *testing.T) {
	r := newRefresh(func(*entry) *sighting { return &sighting{} })
	var err error
	for n := 0; err == nil && n <= maxTouched; n++ {
		err = r.touch(key{byte(n), byte(n >> 8), byte(n >> 16)}, nil)
	}
	require.Equal(t, adsync.CodeGone, adsync.CodeOf(err))
	require.Len(t, r.touched, maxTouched)
}

// A server that does not come to an end is left.
func TestRefreshWithoutEndIsGivenUp(t *testing.T) {
	before := maxPresent
	maxPresent = 10
	defer func() { maxPresent = before }()
	r := newRefresh(nil)
	m := setOf(false, 1, 2, 3, 4)
	require.NoError(t, r.take(m.entry, m.controls))
	require.NoError(t, r.take(m.entry, m.controls))
	require.Equal(t, adsync.CodeGone, adsync.CodeOf(r.take(m.entry, m.controls)))
}

// Whatever a server puts into the controls of a refresh, the answer is an error
// or a refresh that holds together: no panic, nothing done without Sync Done,
// and nobody both gone and changed.
func FuzzSyncControl(f *testing.F) {
	value := func(p *ber.Packet) string { return string(p.Bytes()) }
	state := ber.NewSequence("")
	state.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, 1, ""))
	state.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "0123456789abcdef", ""))
	done := ber.NewSequence("")
	done.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "rid=000,csn=x", ""))
	done.AppendChild(ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, true, ""))
	set := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
	set.AppendChild(ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, true, ""))
	ids := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
	ids.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "0123456789abcdef", ""))
	set.AppendChild(ids)
	for _, c := range []*goldap.ControlString{
		goldap.NewControlString(goldap.ControlTypeSyncState, false, value(state)),
		goldap.NewControlString(goldap.ControlTypeSyncDone, false, value(done)),
		goldap.NewControlString(goldap.ControlTypeSyncInfo, false, value(set)),
		goldap.NewControlString(goldap.ControlTypeSyncInfo, false, "\x80\x03abc"),
		goldap.NewControlString(goldap.ControlTypeSyncInfo, false, "\xa2\x00"),
	} {
		f.Add(c.Encode().Bytes(), true)
		f.Add(c.Encode().Bytes(), false)
	}
	f.Fuzz(func(t *testing.T, sent []byte, onEntry bool) {
		packet, err := ber.DecodePacketErr(sent)
		if err != nil {
			return
		}
		control, err := goldap.DecodeControl(packet)
		if err != nil {
			return // the library ends the search with this error
		}
		r := newRefresh(func(*entry) *sighting { return &sighting{} })
		var e *entry
		if onEntry {
			e = &entry{dn: "cn=a"}
		}
		err = r.take(e, []goldap.Control{control})
		_, isDone := control.(*goldap.ControlSyncDone)
		require.Equal(t, isDone && !onEntry, r.done)
		_, isState := control.(*goldap.ControlSyncState)
		if onEntry && !isState {
			require.Error(t, err)
		}
	})
}
