package acceptance

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
	"github.com/adsync/sdk/match"
	"github.com/adsync/sdk/sink/localdb"
)

// synchronisation is one job between a real directory and a database. Every
// run opens everything anew, as a program that is started each time does.
type synchronisation struct {
	t      *testing.T
	dir    string
	source adsync.Source
	mapper adsync.Mapper
	scope  *adsync.Scope
}

func newSynchronisation(t *testing.T, source adsync.Source, mapper adsync.Mapper, units ...adsync.Unit) *synchronisation {
	return &synchronisation{t: t, dir: t.TempDir(), source: source, mapper: mapper, scope: &adsync.Scope{Units: units}}
}

// with gives an engine for as long as do needs it.
func (s *synchronisation) with(do func(e *adsync.Engine)) {
	s.t.Helper()
	store, err := state.Open(filepath.Join(s.dir, "state.db"))
	require.NoError(s.t, err)
	defer store.Close()
	e, err := adsync.New(adsync.Job{
		Target:   "people",
		Sources:  []adsync.SourceConfig{{Name: "directory", Source: s.source, Scope: s.scope}},
		Mapper:   s.mapper,
		Matcher:  match.Local(),
		Sink:     &localdb.Sink{Path: filepath.Join(s.dir, "people.db")},
		State:    store,
		Required: map[adsync.Kind][]string{adsync.User: {"firstName", "lastName", "email", "logon"}},
	})
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, e.Close()) }()
	do(e)
}

// outcome is a run with everything that it said.
type outcome struct {
	*adsync.Report
	planned adsync.Counts
	sources []adsync.SourceReport // as the plan says
	ops     []adsync.PlannedOp
	issues  map[adsync.Anchor][]adsync.Issue
}

// run plans, notes the plan, applies it, and wants it to do what it said.
func (s *synchronisation) run() (out outcome) {
	s.t.Helper()
	out.issues = map[adsync.Anchor][]adsync.Issue{}
	s.with(func(e *adsync.Engine) {
		plan, err := e.Plan(s.t.Context())
		require.NoError(s.t, err)
		require.Empty(s.t, plan.Refused())
		out.planned, out.sources = plan.Report().Counts, plan.Report().Sources
		for op, err := range plan.Ops(s.t.Context()) {
			require.NoError(s.t, err)
			out.ops = append(out.ops, op)
		}
		out.Report, err = e.Apply(s.t.Context(), plan.ID())
		require.NoError(s.t, err)
		for issue, err := range e.Issues(s.t.Context()) {
			require.NoError(s.t, err)
			out.issues[issue.Anchor] = append(out.issues[issue.Anchor], issue)
		}
	})
	require.Equal(s.t, out.planned, out.Counts, "what the plan said")
	return out
}

// settled wants a run that has nothing to do.
func (s *synchronisation) settled() outcome {
	s.t.Helper()
	again := s.run()
	require.Zero(s.t, again.Counts.Writes(), "%+v", again.Counts)
	require.Empty(s.t, again.ops)
	return again
}

// intents counts ops by what they are for.
func (o outcome) intents() map[string]int {
	out := map[string]int{}
	for _, op := range o.ops {
		out[op.Intent.String()]++
	}
	return out
}

// codes lists what is wrong with an object, as "code attribute".
func (o outcome) codes(a adsync.Anchor) []string {
	var out []string
	for _, i := range o.issues[a] {
		out = append(out, string(i.Code)+" "+i.Attr)
	}
	return out
}

// query reads rows of texts from the target.
func (s *synchronisation) query(text string, args ...any) [][]string {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "people.db")+"?mode=ro")
	require.NoError(s.t, err)
	defer db.Close()
	rows, err := db.QueryContext(s.t.Context(), text, args...)
	require.NoError(s.t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(s.t, err)
	var out [][]string
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(s.t, rows.Scan(into...))
		row := make([]string, len(columns))
		for i := range values {
			row[i] = values[i].String
		}
		out = append(out, row)
	}
	require.NoError(s.t, rows.Err())
	return out
}

// column reads the first column only.
func (s *synchronisation) column(text string, args ...any) []string {
	s.t.Helper()
	var out []string
	for _, row := range s.query(text, args...) {
		out = append(out, row[0])
	}
	return out
}

// account is a person in the target.
type account struct {
	active                                           bool
	logon, sam, first, last, display, email, manager string // manager is an external id
	phone, department, street                        string
}

// accounts gives the people of the target, by external id.
func (s *synchronisation) accounts() map[adsync.Anchor]account {
	s.t.Helper()
	out := map[adsync.Anchor]account{}
	for _, r := range s.query(`SELECT a.external_id, a.active, a.logon, a.sam_name, a.first_name, a.last_name, a.display_name, a.email,
		m.external_id, a.phone, a.department, a.street FROM accounts a LEFT JOIN accounts m ON m.id = a.manager_id`) {
		out[adsync.Anchor(r[0])] = account{
			active: r[1] == "1", logon: r[2], sam: r[3], first: r[4], last: r[5], display: r[6], email: r[7],
			manager: r[8], phone: r[9], department: r[10], street: r[11],
		}
	}
	return out
}

// members gives the external ids of a group's members of one kind, the group
// being named by its name.
func (s *synchronisation) members(group string, kind adsync.Kind) []string {
	s.t.Helper()
	from := map[adsync.Kind]string{
		adsync.User:    `memberships m JOIN accounts o ON o.id = m.account_id`,
		adsync.Contact: `contact_memberships m JOIN contacts o ON o.id = m.contact_id`,
		adsync.Group:   `group_memberships m JOIN "groups" o ON o.id = m.member_group_id`,
	}[kind]
	return s.column(`SELECT o.external_id FROM `+from+` JOIN "groups" g ON g.id = m.group_id WHERE g.name = ?`, group)
}
