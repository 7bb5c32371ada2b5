package ldap_test

import (
	"testing"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// These play what a real server does only now and then, or by mistake.

const (
	isPresent int64 = iota
	isAdded
	isModified
	isDeleted
)

// followed by syncrepl, with four people known.
func followProvider(t *testing.T, refresh func(p *provider, cookie string) *answer) (*provider, *known) {
	p := newProvider(t, 4)
	p.refresh = func(cookie string) *answer { return refresh(p, cookie) }
	k := newKnown(p.source(), adsync.ReadRequest{Attributes: []string{"cn"}})
	k.read(t)
	require.Len(t, k.objects, 4)
	require.NotEmpty(t, k.cursor, k.method.Why)
	return p, k
}

func (k *known) has(n int) bool { _, ok := k.objects[adsync.Anchor(uuidOf(n))]; return ok }

func (k *known) cn(n int) string { return k.objects[adsync.Anchor(uuidOf(n))].Attrs.Get("cn") }

// In a delete phase only those named are gone, whoever else is not mentioned.
// Red when refreshDeletes is taken for its opposite: then the read looks at
// everybody.
func TestSyncreplDeletePhase(t *testing.T) {
	p, k := followProvider(t, func(p *provider, _ string) *answer {
		return &answer{stream: []streamed{p.entryIn(isModified, 0), p.entryIn(isDeleted, 1), idSet(true, 2), newCookie("in the middle")}, controls: []goldap.Control{syncDone(true, "next")}}
	})
	p.put(0, "changed")
	p.take(1)
	p.take(2)
	k.read(t)
	require.NoError(t, k.gone)
	require.False(t, k.snapshot || k.sweep, "what was said is enough")
	require.Equal(t, "changed", k.cn(0))
	require.Len(t, k.objects, 2)
	require.True(t, k.has(3), "not mentioned is unchanged")
	require.Equal(t, 3, k.changes)
}

// After a present phase those who were not named have left, and only then. Red
// when the end of a present phase is taken for that of a delete phase.
func TestSyncreplPresentPhase(t *testing.T) {
	for name, end := range map[string]func() *answer{
		"at the end":            func() *answer { return &answer{controls: []goldap.Control{syncDone(false, "next")}} },
		"before a delete phase": func() *answer { return &answer{controls: []goldap.Control{syncDone(true, "next")}} },
	} {
		t.Run(name, func(t *testing.T) {
			p, k := followProvider(t, func(p *provider, _ string) *answer {
				a := end()
				a.stream = []streamed{idSet(false, 0), p.entryIn(isPresent, 3), idSet(false, 900)}
				if name != "at the end" {
					a.stream = append(a.stream, presentPhaseOver())
				}
				a.stream = append(a.stream, p.entryIn(isAdded, 5))
				if name != "at the end" {
					a.stream = append(a.stream, idSet(true, 3))
					p.take(3)
				}
				return a
			})
			p.take(1)
			p.take(2)
			p.put(5, "new")
			k.read(t)
			require.NoError(t, k.gone)
			require.True(t, k.sweep, "an absence counts only after a look at all")
			require.True(t, k.has(0) && k.has(5))
			require.False(t, k.has(1) || k.has(2))
			require.Equal(t, name == "at the end", k.has(3))
			require.Contains(t, k.method.Why[len(k.method.Why)-1], "syncprov-sessionlog")
		})
	}
}

// A present phase that names everybody needs no look at all.
func TestSyncreplPresentPhaseWithoutAbsentees(t *testing.T) {
	_, k := followProvider(t, func(*provider, string) *answer {
		return &answer{stream: []streamed{idSet(false, 0, 1, 2, 3, 900)}, controls: []goldap.Control{syncDone(false, "next")}}
	})
	k.read(t)
	require.False(t, k.sweep)
	require.Len(t, k.objects, 4)
}

// A refresh that is cut, or ends without saying how, says nothing at all:
// nobody leaves, and the next one starts from the same cookie. Red when the
// Sync Done control is not insisted on, or when a cookie that came in the
// middle is kept.
func TestSyncreplCutInTheMiddleRemovesNobody(t *testing.T) {
	for name, a := range map[string]answer{
		"cut":          {cut: true},
		"no Sync Done": {},
		"busy":         {code: goldap.LDAPResultBusy, said: "busy"},
		"unavailable":  {code: goldap.LDAPResultUnavailable, said: "shutting down"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := true
			p, k := followProvider(t, func(p *provider, _ string) *answer {
				if !broken {
					return &answer{controls: []goldap.Control{syncDone(true, "next")}}
				}
				cut := a
				cut.stream = []streamed{idSet(false, 0), p.entryIn(isDeleted, 1), newCookie("in the middle"), presentPhaseOver()}
				return &cut
			})
			before := k.cursor
			err := k.try(t.Context())
			require.Error(t, err)
			require.NotEqual(t, adsync.CodeGone, adsync.CodeOf(err), "%v", err)
			require.Len(t, k.objects, 4)
			require.Equal(t, before, k.cursor)
			broken = false
			k.read(t)
			require.NoError(t, k.gone)
			require.Len(t, k.objects, 4)
			require.Equal(t, "start", p.cookies[len(p.cookies)-1])
		})
	}
}

// Without a cookie at the end the old one stays: what changed comes once more.
func TestSyncreplWithoutACookieKeepsTheOldOne(t *testing.T) {
	p, k := followProvider(t, func(p *provider, _ string) *answer {
		return &answer{stream: []streamed{p.entryIn(isModified, 0), newCookie("in the middle")}, controls: []goldap.Control{syncDone(true, "")}}
	})
	k.read(t)
	k.read(t)
	require.Equal(t, "start", p.cookies[len(p.cookies)-1])
}

// A server that says somebody was deleted who is still there is not believed.
func TestSyncreplConfirmsDeletions(t *testing.T) {
	_, k := followProvider(t, func(*provider, string) *answer {
		return &answer{stream: []streamed{idSet(true, 0, 1)}, controls: []goldap.Control{syncDone(true, "next")}}
	})
	k.read(t)
	require.Len(t, k.objects, 4)
}

// A server that sends everything anew, since it was reloaded, is understood.
func TestSyncreplReload(t *testing.T) {
	p, k := followProvider(t, func(p *provider, _ string) *answer {
		return &answer{stream: []streamed{p.entryIn(isAdded, 0), p.entryIn(isAdded, 7), p.entryIn(isAdded, 900)}, controls: []goldap.Control{syncDone(false, "next")}}
	})
	for n := 1; n < 4; n++ {
		p.take(n)
	}
	p.put(0, "after the reload")
	p.put(7, "new")
	k.read(t)
	require.Equal(t, "after the reload", k.cn(0))
	require.True(t, k.has(7))
	require.Len(t, k.objects, 2)
}

// What a server cannot go on from asks for a full read, and says why.
func TestSyncreplRefusedCookieAsksForAFullRead(t *testing.T) {
	for code, why := range map[uint16]string{
		goldap.LDAPResultSyncRefreshRequired: "no longer knows",
		goldap.LDAPResultUnwillingToPerform:  "restored or reloaded",
		goldap.LDAPResultSizeLimitExceeded:   "limits",
		goldap.LDAPResultProtocolError:       "cannot read the cookie",
	} {
		p, k := followProvider(t, func(p *provider, _ string) *answer {
			return &answer{stream: []streamed{p.entryIn(isDeleted, 0)}, code: code, said: "refused"}
		})
		p.take(2)
		k.source.LagLimit = 1
		k.read(t)
		require.ErrorContains(t, k.gone, why)
		require.True(t, k.snapshot)
		require.Len(t, k.objects, 3)
	}
}

// A server that is behind is waited for, and not for ever: a full read of it
// would take those who are new for gone.
func TestSyncreplWaitsForAReplicaThatIsBehind(t *testing.T) {
	_, k := followProvider(t, func(*provider, string) *answer {
		return &answer{code: goldap.LDAPResultUnwillingToPerform, said: "consumer state is newer than provider!"}
	})
	err := k.try(t.Context())
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	require.ErrorContains(t, err, "replication")
	k.source.LagLimit = 1
	k.read(t)
	require.ErrorContains(t, k.gone, "restored or reloaded")
}

// A server that no longer offers it leads to the next way down.
func TestSyncreplTakenAwayIsDemoted(t *testing.T) {
	p, k := followProvider(t, nil)
	p.mu.Lock()
	p.root["supportedControl"] = []string{goldap.ControlTypePaging}
	p.mu.Unlock()
	k.read(t)
	require.ErrorContains(t, k.gone, "Sync Request")
	require.True(t, k.snapshot)
	require.NotEmpty(t, k.cursor)
	k.read(t)
	require.Equal(t, "modifytimestamp", k.method.Name)
	require.Contains(t, k.method.Why[0], "syncprov")
}

// An overlay puts the new name of a person into the groups a moment after it was
// changed, and marks no group as changed. If a read comes in between, the next
// one finds the group. Red when renamed entries are not looked for once more.
func TestSyncreplFindsWhatAnOverlayDoesLater(t *testing.T) {
	renamed := true
	p, k := followProvider(t, func(p *provider, _ string) *answer {
		a := &answer{controls: []goldap.Control{syncDone(true, "next")}}
		if renamed {
			a.stream = []streamed{p.entryIn(isModified, 1)}
		}
		return a
	})
	p.group(800, "uid=p1,"+suffix, "uid=p2,"+suffix)
	k.cursor = ""
	k.read(t)
	group := adsync.Anchor(uuidOf(800))
	require.Len(t, k.members[group], 2)

	p.rename(1, "new")
	k.read(t)
	require.NoError(t, k.gone)
	require.Len(t, k.members[group], 1, "nobody bears the old name")

	renamed = false
	p.group(800, "uid=new,"+suffix, "uid=p2,"+suffix)
	k.read(t)
	require.NoError(t, k.gone)
	require.Len(t, k.members[group], 2)
	k.read(t)
	require.Zero(t, k.changes, "and then it is over")
}

// The same for a person who was renamed while the first read began: what is
// noted then is the new name already. Red when a first read of changes believes
// that it knows what was renamed.
func TestSyncreplFindsWhatAnOverlayDoesAfterTheFirstRead(t *testing.T) {
	p := newProvider(t, 4)
	p.group(800, "uid=p1,"+suffix, "uid=p2,"+suffix)
	p.begun = func() { p.rename(1, "new") }
	p.refresh = func(string) *answer {
		return &answer{stream: []streamed{p.entryIn(isModified, 1)}, controls: []goldap.Control{syncDone(true, "next")}}
	}
	k := newKnown(p.source(), adsync.ReadRequest{Attributes: []string{"cn"}})
	k.read(t)
	group := adsync.Anchor(uuidOf(800))
	require.Len(t, k.members[group], 1)
	p.group(800, "uid=new,"+suffix, "uid=p2,"+suffix)
	p.begun = nil
	k.read(t)
	require.NoError(t, k.gone)
	require.Len(t, k.members[group], 2)
}

// A position without the notes that go with it asks for a full read: of those
// whom nobody knows, nobody would be missed.
func TestSyncreplWithoutItsNotesAsksForAFullRead(t *testing.T) {
	p, k := followProvider(t, func(*provider, string) *answer {
		return &answer{stream: []streamed{idSet(false, 1, 2, 3, 900)}, controls: []goldap.Control{syncDone(false, "next")}}
	})
	p.take(0)
	k.request.Notes = &notebook{}
	k.read(t)
	require.ErrorContains(t, k.gone, "notes")
	require.False(t, k.has(0))
}
