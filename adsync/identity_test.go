package adsync_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
	"github.com/adsync/sdk/source"
)

// twoSources is a job that knows people from a directory and from the staff
// office, and joins them by their staff number.
type twoSources struct {
	t             *testing.T
	ad, staff     map[int]adsync.Object
	staffDown     error
	officeMembers map[adsync.Anchor][]adsync.Anchor
	sink          *memory.Sink
	store         adsync.StateStore
}

func newTwoSources(t *testing.T) *twoSources {
	return &twoSources{t: t, ad: map[int]adsync.Object{}, staff: map[int]adsync.Object{}, sink: memory.New(), store: adsync.NewMemoryState()}
}

func (w *twoSources) inDirectory(n int, number string) {
	w.ad[n] = object(adsync.User, id(n), map[string]string{
		"logon": number + "@example.com", "email": number + "@example.com",
		"firstName": "Directory", "lastName": "Last", "active": "true", "staffNumber": number,
	})
}

func (w *twoSources) inOffice(n int, number, title string) {
	w.staff[n] = object(adsync.User, adsync.Anchor("staff-"+number), map[string]string{"email": number + "@example.com", "firstName": "Office", "title": title, "staffNumber": number})
}

func listOf(m map[int]adsync.Object, members map[adsync.Anchor][]adsync.Anchor) adsync.Source {
	var objects []adsync.Object
	for n := range 100 {
		if o, ok := m[n]; ok {
			objects = append(objects, o)
		}
	}
	s := source.Static(objects...)
	s.Members = members
	return s
}

func (w *twoSources) run() *adsync.Report {
	w.t.Helper()
	office := listOf(w.staff, w.officeMembers)
	if w.staffDown != nil {
		office = readFunc(func(context.Context, adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
			return func(yield func(adsync.Batch, error) bool) { yield(adsync.Batch{}, w.staffDown) }
		})
	}
	e, err := adsync.New(adsync.Job{
		Target: "app", Sink: w.sink, Mapper: &staffMapper{}, Matcher: plainMatcher{}, State: w.store, Identity: "staffNumber",
		Sources: []adsync.SourceConfig{{Name: "ad", Source: listOf(w.ad, nil)}, {Name: "staff", Source: office}},
	})
	require.NoError(w.t, err)
	defer e.Close()
	report, err := e.Run(w.t.Context())
	require.NoError(w.t, err)
	return report
}

// staffMapper says nothing of being active: the staff office does not know.
type staffMapper struct{ plainMapper }

func (*staffMapper) Attributes() []string {
	return []string{"logon", "email", "firstName", "lastName", "title", "active", "staffNumber", "name"}
}
func (*staffMapper) Digest() string                { return "staff" }
func (*staffMapper) Produces(adsync.Kind) []string { return []string{"staffNumber"} }

func TestOnePersonInTwoSourcesIsOneObject(t *testing.T) {
	w := newTwoSources(t)
	for n, number := range []string{"n0", "n1", "n2", "n3", "n4"} {
		w.inDirectory(n, number)
		w.inOffice(n, number, "Clerk")
	}
	report := w.run()
	require.Equal(t, adsync.OutcomeCompleted, report.Outcome, "%+v", report.Issues)
	require.Equal(t, adsync.Counts{Create: 5}, report.Counts)
	require.Len(t, w.sink.Objects(), 5)
	first := w.sink.Objects()[0]
	require.Equal(t, "Directory", first.Attrs.Get("firstName"), "the first-named source owns what it has")
	require.Equal(t, "Clerk", first.Attrs.Get("title"), "the other gives what the first has not")
	require.Equal(t, adsync.Counts{Unchanged: 5}, w.run().Counts)

	w.inOffice(1, "n1", "Director")
	require.Equal(t, adsync.Counts{Update: 1, Unchanged: 4}, w.run().Counts)
	require.Equal(t, adsync.Counts{Unchanged: 5}, w.run().Counts)
}

func TestALeaverHasLeftWhenGoneFromAllSources(t *testing.T) {
	w := newTwoSources(t)
	for n, number := range []string{"n0", "n1", "n2", "n3", "n4"} {
		w.inDirectory(n, number)
		w.inOffice(n, number, "Clerk")
	}
	w.run()
	delete(w.ad, 2)
	report := w.run()
	require.Zero(t, report.Counts.Deactivate, "the staff office still has them: %+v", report.Counts)
	require.Zero(t, report.Counts.Create)
	require.Len(t, w.sink.Objects(), 5)
	require.Zero(t, w.run().Counts.Writes())

	delete(w.staff, 2)
	require.Equal(t, 1, w.run().Counts.Deactivate)
	require.Zero(t, w.run().Counts.Writes())

	delete(w.staff, 3)
	require.Zero(t, w.run().Counts.Deactivate)
	delete(w.ad, 3)
	require.Equal(t, 1, w.run().Counts.Deactivate)
}

func TestNobodyLeavesWhileASourceThatMayHaveThemIsDown(t *testing.T) {
	w := newTwoSources(t)
	for n, number := range []string{"n0", "n1", "n2", "n3", "n4"} {
		w.inDirectory(n, number)
		w.inOffice(n, number, "Clerk")
	}
	w.inDirectory(5, "n5") // known to the directory only
	w.run()
	delete(w.ad, 1)
	delete(w.ad, 5)
	w.staffDown = adsync.Errorf(adsync.CodeUnavailable, "down: %w", errors.New("no answer"))
	report := w.run()
	require.Equal(t, adsync.OutcomePartial, report.Outcome)
	require.Equal(t, 1, report.Counts.Deactivate, "the one that only the directory had")
	w.staffDown = nil
	require.Zero(t, w.run().Counts.Deactivate)
}

func TestSomebodyNewInTheFirstSourceJoinsTheirObject(t *testing.T) {
	w := newTwoSources(t)
	w.inOffice(1, "n1", "Clerk")
	w.staff[1] = object(adsync.User, "staff-n1", map[string]string{"logon": "n1@example.com", "email": "n1@example.com", "firstName": "Office", "title": "Clerk", "staffNumber": "n1"})
	require.Equal(t, 1, w.run().Counts.Create)
	w.inDirectory(1, "n1")
	report := w.run()
	require.Zero(t, report.Counts.Create)
	require.Len(t, w.sink.Objects(), 1)
	require.Equal(t, "Directory", w.sink.Objects()[0].Attrs.Get("firstName"))
	require.Zero(t, w.run().Counts.Writes())
}

// A group of the second source has its members at once, by the objects that
// the first source made. Red when shared links are recorded with the memberships.
func TestMembersOfTheSecondSourceAreInAtOnce(t *testing.T) {
	w := newTwoSources(t)
	for n, number := range []string{"n0", "n1", "n2"} {
		w.inDirectory(n, number)
		w.inOffice(n, number, "Clerk")
	}
	w.staff[50] = object(adsync.Group, "staff-team", map[string]string{"name": "Team"})
	w.officeMembers = map[adsync.Anchor][]adsync.Anchor{"staff-team": {"staff-n0", "staff-n2"}}
	report := w.run()
	require.Equal(t, adsync.Counts{Create: 4, Members: 2}, report.Counts, "%+v", report.Issues)
	require.Equal(t, adsync.Counts{Unchanged: 4}, w.run().Counts)
}

// The mapping does not read the number, so nobody is joined with anybody: that
// would make two accounts of each person.
func TestAnIdentityThatNobodyHasIsRefused(t *testing.T) {
	w := newTwoSources(t)
	w.inDirectory(1, "n1")
	w.inOffice(1, "office-n1", "Clerk")
	withoutNumber(w.ad)
	withoutNumber(w.staff)
	report := w.run()
	require.Equal(t, adsync.OutcomeRefused, report.Outcome)
	require.Contains(t, report.Findings[0].Text, "nobody in any source has staffNumber")
	require.Empty(t, w.sink.Objects())
}

func withoutNumber(people map[int]adsync.Object) {
	for n, o := range people {
		o.Attrs.Delete("staffNumber")
		people[n] = o
	}
}

// Red when the keys of whoever is ignored are noted all the same.
func TestSomebodyIgnoredStandsInNobodysWayAlsoWithAnIdentity(t *testing.T) {
	w := newTwoSources(t)
	w.inDirectory(1, "n1")
	w.inDirectory(2, "n2")
	w.ad[2].Attrs.Values("email")[0] = "n1@example.com"
	require.Equal(t, 2, w.run().Counts.Conflicts)
	st, err := w.store.Open(t.Context(), "app")
	require.NoError(t, err)
	require.NoError(t, st.PutAnswer(t.Context(), adsync.Answer{Source: "ad", Anchor: id(2), Verdict: adsync.AnswerIgnore}))
	require.NoError(t, st.Close())
	report := w.run()
	require.Equal(t, adsync.Counts{Create: 1, Skipped: 1}, report.Counts)
}
