package acceptance

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
	"github.com/adsync/sdk/sink/localdb"
	"github.com/adsync/sdk/source"
)

// passing passes objects on as they are.
type passing struct{}

func (passing) Map(o adsync.Object) (adsync.Object, error) { return o, nil }
func (passing) Attributes() []string {
	return []string{"logon", "displayName", "title", "active", "name", "manager"}
}
func (passing) Digest() string { return "1" }

// company is a made-up directory with a state and a database on disk. Every step
// opens both anew, as a program does that is started again.
type company struct {
	t                *testing.T
	people           *source.StaticSource
	database, memory string
}

func newCompany(t *testing.T, people int) *company {
	dir := t.TempDir()
	c := &company{t: t, people: source.Static(), database: filepath.Join(dir, "target.db"), memory: filepath.Join(dir, "state.db")}
	var members []adsync.Anchor
	for n := range people {
		anchor := adsync.Anchor(fmt.Sprintf("00000000-0000-4000-8000-%012d", n))
		o := adsync.Object{Kind: adsync.User, Anchor: anchor, Container: fmt.Sprintf("OU=Team %d,DC=example,DC=com", n/20)}
		o.Attrs.Set("logon", fmt.Sprintf("user%d@example.com", n))
		o.Attrs.Set("displayName", fmt.Sprintf("User %d Example", n))
		o.Attrs.Set("title", "Clerk")
		o.Attrs.Set("active", "true")
		if n > 0 {
			o.Refs = map[string][]adsync.Anchor{"manager": {members[0]}}
		}
		c.people.Objects = append(c.people.Objects, o)
		members = append(members, anchor)
	}
	staff := adsync.Object{Kind: adsync.Group, Anchor: "11111111-0000-4000-8000-000000000000"}
	staff.Attrs.Set("name", "Staff")
	c.people.Objects = append(c.people.Objects, staff)
	c.people.Members = map[adsync.Anchor][]adsync.Anchor{staff.Anchor: members}
	return c
}

func (c *company) with(do func(context.Context, *adsync.Engine)) {
	c.t.Helper()
	store, err := state.Open(c.memory)
	require.NoError(c.t, err)
	engine, err := adsync.New(adsync.Job{
		Target: "people", Sources: adsync.From("ad", c.people), Mapper: passing{}, State: store, Sink: &localdb.Sink{Path: c.database},
		Guard: adsync.Guard{Creates: adsync.Limit{Off: true}},
	})
	require.NoError(c.t, err)
	do(c.t.Context(), engine)
	require.NoError(c.t, engine.Close())
	require.NoError(c.t, store.Close())
}

func (c *company) run() (report *adsync.Report) {
	c.with(func(ctx context.Context, e *adsync.Engine) {
		var err error
		report, err = e.Run(ctx)
		require.NoError(c.t, err)
	})
	return report
}

// byHand changes the database as somebody with a query tool would.
func (c *company) byHand(statements ...string) {
	c.t.Helper()
	db, err := sql.Open("sqlite", c.database)
	require.NoError(c.t, err)
	defer db.Close()
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(c.t, err, s)
	}
}

// What is on disk on both sides is compared, found to be changed, and put right
// under the guard.
func TestADatabaseThatWasChangedByHandIsFoundAndPutRight(t *testing.T) {
	c := newCompany(t, 200)
	require.Equal(t, adsync.OutcomeCompleted, c.run().Outcome)
	verify := func(o adsync.VerifyOptions) (report *adsync.VerifyReport) {
		c.with(func(ctx context.Context, e *adsync.Engine) {
			var err error
			report, err = e.Verify(ctx, o)
			require.NoError(t, err)
		})
		return report
	}
	report := verify(adsync.VerifyOptions{})
	require.Zero(t, report.Count(), "%+v", report.Differences)
	require.Equal(t, []int{201, 1, 200}, []int{report.Objects, report.Groups, report.Members})

	c.byHand(
		"UPDATE accounts SET title = 'Boss' WHERE logon = 'user1@example.com'",
		"UPDATE accounts SET title = NULL WHERE logon = 'user2@example.com'",
		"UPDATE accounts SET manager_id = (SELECT id FROM accounts WHERE logon = 'user5@example.com') WHERE logon = 'user3@example.com'",
		"UPDATE accounts SET active = 0 WHERE logon = 'user4@example.com'",
		"DELETE FROM memberships WHERE account_id = (SELECT id FROM accounts WHERE logon = 'user6@example.com')",
	)
	report = verify(adsync.VerifyOptions{Repair: true})
	require.Equal(t, []int{0, 4, 0, 1}, []int{report.Missing, report.Changed, report.Foreign, report.MissingMembers}, "%+v", report.Differences)
	require.Empty(t, report.Refused)
	c.with(func(ctx context.Context, e *adsync.Engine) {
		applied, err := e.Apply(ctx, report.Plan)
		require.NoError(t, err)
		require.Equal(t, 5, applied.Counts.Writes(), "%+v", applied.Counts)
	})
	require.Zero(t, verify(adsync.VerifyOptions{}).Count())
	require.Zero(t, c.run().Counts.Writes())
}

// The day outlives the process, and so does where everybody was.
func TestTheGuardRemembersOnDisk(t *testing.T) {
	c := newCompany(t, 400)
	c.run()
	gone := func(from, to int) {
		kept := c.people.Objects[:0:0]
		for i, o := range c.people.Objects {
			if i < from || i >= to {
				kept = append(kept, o)
			}
		}
		c.people.Objects = kept
	}
	gone(100, 108)
	require.Equal(t, 8, c.run().Counts.Deactivate)
	gone(100, 103) // of the same team
	report := c.run()
	require.Equal(t, adsync.OutcomeRefused, report.Outcome)
	f := report.Findings[0]
	require.Equal(t, "unit-leaving", f.Rule)
	require.Equal(t, "OU=Team 5,DC=example,DC=com", f.Unit)
	require.Equal(t, []int{3, 8, 10, 20}, []int{f.Count, f.Before, f.Limit, f.Of})
	gone(103, 120) // and of others
	report = c.run()
	require.Equal(t, adsync.OutcomeRefused, report.Outcome)
	require.Equal(t, "leaving", report.Findings[0].Rule)
	require.Equal(t, []int{20, 8, 20, 400}, []int{report.Findings[0].Count, report.Findings[0].Before, report.Findings[0].Limit, report.Findings[0].Of})
}
