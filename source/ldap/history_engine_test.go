package ldap_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/sink/memory"
	"github.com/adsync/sdk/source/ldap"
)

// asIs is a mapping for targets that take what the directory has.
type asIs struct{}

func (asIs) Attributes() []string { return []string{"displayName", "accountEnabled", "manager", "cn"} }
func (asIs) Digest() string       { return "as it is" }
func (asIs) Map(o adsync.Object) (adsync.Object, error) {
	if v := o.Attrs.Get("accountEnabled"); v != "" {
		o.Attrs.Set(adsync.AttrActive, v)
	}
	o.Attrs.Set("accountEnabled")
	return o, nil
}

// whole is the whole way from a directory to a target.
type whole struct {
	sink   *memory.Sink
	engine *adsync.Engine
}

func newWhole(t *testing.T, s *ldap.Source, scope *adsync.Scope, snapshots bool) whole {
	w := whole{sink: memory.New()}
	kind := adsync.KindSchema{Deactivate: true, Delete: true, Attributes: map[string]adsync.AttributeSchema{
		"displayName": {}, "cn": {Naming: true}, "manager": {Reference: true}, adsync.AttrActive: {}, adsync.AttrExternalID: {}, "accountEnabled": {},
	}}
	w.sink.Rules = adsync.Schema{Kinds: map[adsync.Kind]adsync.KindSchema{}, Replay: adsync.ReplayByExternalID}
	for _, k := range []adsync.Kind{adsync.User, adsync.Group, adsync.Contact, adsync.OrganizationalUnit} {
		w.sink.Rules.Kinds[k] = kind
	}
	state := adsync.NewMemoryState()
	t.Cleanup(func() { state.Close() })
	off := adsync.Limit{Off: true}
	var err error
	w.engine, err = adsync.New(adsync.Job{
		Target: "people", Sources: []adsync.SourceConfig{{Name: "ad", Source: s, Scope: scope}}, Sink: w.sink, Mapper: asIs{}, State: state,
		Guard:          adsync.Guard{Leaving: off, UnitLeaving: off, MembersRemoved: off, Blanked: off, Rewritten: off, Updates: off, Creates: off, Adoptions: off},
		CreateInactive: true, Snapshot: snapshots, Audit: 5,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.engine.Close()) })
	return w
}

func (w whole) run(t *testing.T) *adsync.Report {
	t.Helper()
	report, err := w.engine.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%+v", report)
	return report
}

// facts tells what stands in the target, one fact a line. Nobody reads the
// members of a group that left.
func (w whole) facts(inScope map[adsync.Anchor]adsync.Object) (list []string) {
	name := map[adsync.TargetID]string{}
	for _, o := range w.sink.Objects() {
		name[o.ID] = o.Attrs.Get(memory.AttrExternalID)
	}
	for _, o := range w.sink.Objects() {
		for attr, values := range o.Attrs.All() {
			for _, v := range values {
				if n, ok := name[adsync.TargetID(v)]; ok {
					v = n
				}
				list = append(list, fmt.Sprintf("%s %s=%s", name[o.ID], attr, v))
			}
		}
		list = append(list, fmt.Sprintf("%s %s inactive=%v", name[o.ID], o.Kind, o.Inactive))
		for _, m := range w.sink.Members(o.ID) {
			if _, ok := inScope[adsync.Anchor(name[o.ID])]; !ok {
				break
			}
			list = append(list, fmt.Sprintf("%s has member %s", name[o.ID], name[m]))
		}
	}
	slices.Sort(list)
	return list
}

// Through the whole engine, a target that follows the changes ends as one that
// reads everything each time.
func TestFakeThroughTheEngineChangesEndAsFullReadsDo(t *testing.T) {
	for _, way := range []ldap.Delta{ldap.DeltaDirSync, ldap.DeltaUSN} {
		for _, seed := range histories(t, 4) {
			t.Run(fmt.Sprint(way, " ", seed), func(t *testing.T) {
				server, s := fake(t, fakedir.Config{People: 20, DirSyncRound: 6})
				require.NoError(t, server.Change(func(d *fakedir.Changes) error { return d.Remove("OU=Contacts,OU=Company," + server.BaseDN()) }))
				h := newHistory(t, writerOf(t, server), server.BaseDN(), seed)
				s.BaseDNs, s.Delta = []string{h.base()}, way
				changes, full := newWhole(t, s, scopeOf(h, seed), false), newWhole(t, s, scopeOf(h, seed), true)
				h.happen(30)
				for i := range 20 {
					report := changes.run(t)
					require.Zero(t, report.Sources[0].Missed)
					require.Equal(t, i == 0, report.Sources[0].Snapshot, report.Sources[0].Why)
					full.run(t)
					h.told = append(h.told, "     --- read")
					k := newKnown(s, adsync.ReadRequest{Scope: scopeOf(h, seed)})
					k.read(t)
					require.Equal(t, full.facts(k.objects), changes.facts(k.objects), "after %d things", len(h.told))
					h.happen(1 + h.rand.IntN(6))
				}
			})
		}
	}
}
