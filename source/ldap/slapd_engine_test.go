package ldap_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/sink/memory"
	"github.com/adsync/sdk/source/ldap"
)

// asItIs maps every object to itself.
type asItIs struct{}

func (asItIs) Map(o adsync.Object) (adsync.Object, error) { return o, nil }
func (asItIs) Attributes() []string                       { return []string{"cn", "description"} }
func (asItIs) Digest() string                             { return "as it is" }

// mirrored is a target that a job without limits keeps like the directory.
func mirrored(t testing.TB, s *ldap.Source, scope *adsync.Scope) (*adsync.Engine, *memory.Sink) {
	sink, off := memory.New(), adsync.Limit{Off: true}
	sink.Rules = adsync.Schema{Replay: adsync.ReplayByExternalID}
	remove := adsync.LeaverPolicy{OutOfScope: adsync.LeaverDelete, Deleted: adsync.LeaverDelete}
	source := adsync.From("directory", s)
	source[0].Scope = scope
	engine, err := adsync.New(adsync.Job{
		Target: "mirror", Sources: source, Sink: sink, Mapper: asItIs{}, State: adsync.NewMemoryState(), Kinds: []adsync.Kind{adsync.User, adsync.Group},
		Leavers: map[adsync.Kind]adsync.LeaverPolicy{adsync.User: remove, adsync.Group: remove},
		Guard:   adsync.Guard{Leaving: off, MembersRemoved: off, Blanked: off, Updates: off, Creates: off, Adoptions: off},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, engine.Close()) })
	return engine, sink
}

// mirror tells all that stands in the target, by the directory's anchors.
func mirror(sink *memory.Sink) (list []string) {
	anchors := map[adsync.TargetID]string{}
	for _, o := range sink.Objects() {
		anchors[o.ID] = o.Attrs.Get(adsync.AttrExternalID)
	}
	for _, o := range sink.Objects() {
		list = append(list, fmt.Sprintf("%s %s %s %s", anchors[o.ID], o.Kind, o.Attrs.Get("cn"), o.Attrs.Get("description")))
		for _, m := range sink.Members(o.ID) {
			list = append(list, anchors[o.ID]+" has "+anchors[m])
		}
	}
	slices.Sort(list)
	return list
}

// Through the whole engine: a target that was kept by changes alone is the same
// as one that was filled anew.
func TestSlapdThroughTheEngineEqualsANewTarget(t *testing.T) {
	for i, kind := range slapdKinds {
		for _, seed := range chronicles(t, 20+i, 1) {
			t.Run(fmt.Sprintf("%s/%d", kind.name, seed), func(t *testing.T) {
				server, s := slapd(t, append(kind.options, testserver.LDIF(town))...)
				h := newChronicle(t, server, seed)
				h.tidies = kind.tidies
				var scope *adsync.Scope
				s.BaseDNs, scope = scopeByName(seed, server.BaseDN)
				engine, sink := mirrored(t, s, scope)
				for n := range 8 {
					h.happen(1 + h.rand.IntN(8))
					report, err := engine.Run(t.Context())
					require.NoError(t, err)
					whole := n == 0 || report.Outcome == adsync.OutcomeUnsure
					if whole && n > 0 { // a base is empty, and somebody says that it is
						require.NoError(t, engine.AcceptRead(t.Context(), "directory", "Ada Example"))
						report, err = engine.Run(t.Context())
						require.NoError(t, err)
					}
					require.Equal(t, whole, report.Sources[0].Snapshot, report.Sources[0].Why)
					require.Zero(t, report.Sources[0].Missed, "the audit finds nothing")
					other, fresh := mirrored(t, s, scope)
					_, err = other.Run(t.Context())
					require.NoError(t, err)
					require.Equal(t, mirror(fresh), mirror(sink), "after %d events", len(h.told))
				}
			})
		}
	}
}
