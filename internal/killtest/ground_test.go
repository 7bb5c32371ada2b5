package killtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/lossysink"
	"github.com/adsync/sdk/internal/testserver"
	"github.com/adsync/sdk/sink/localdb"
)

// ground is where state and target are kept.
type ground struct {
	name  string
	state string // sqlite, postgres
	sink  string // sqlite, postgres, or a mode of lossysink
}

func grounds() (all []ground) {
	for _, sink := range []string{"sqlite", "postgres", string(lossysink.Keyed), string(lossysink.External), string(lossysink.Searched), string(lossysink.Blind)} {
		for _, state := range []string{"sqlite", "postgres"} {
			all = append(all, ground{fmt.Sprintf("state in %s, target %s", state, sink), state, sink})
		}
	}
	return all
}

func (g ground) overHTTP() bool { return g.sink != "sqlite" && g.sink != "postgres" }

// place is a ground made ready for one story: empty databases, a server.
type place struct {
	config
	t      *testing.T
	server *lossysink.Server
}

// lossy is how the server behaves.
var lossy = lossysink.Faults{Lost: 0.06, Late: 0.06, Busy: 0.06, Wait: 35 * time.Millisecond}

func (g ground) ready(t *testing.T, seed uint64) *place {
	t.Helper()
	p := &place{t: t, config: config{Dir: t.TempDir(), Until: lastDay, Lease: 60 * time.Millisecond}}
	if g.state == "postgres" {
		p.StatePostgres = database(t)
	}
	if g.overHTTP() {
		server, err := lossysink.Start(lossysink.Mode(g.sink), lossy, seed)
		require.NoError(t, err)
		t.Cleanup(func() { server.Close() })
		p.server, p.URL, p.Mode = server, server.URL, lossysink.Mode(g.sink)
		return p
	}
	if g.sink == "postgres" {
		p.SinkPostgres = database(t)
	}
	p.logEffects()
	return p
}

// database gives the DSN of a database of its own.
func database(t *testing.T) string {
	t.Helper()
	dsn, err := url.Parse(testserver.Postgres(t))
	require.NoError(t, err)
	return dsn.String()
}

// people opens the target, where it is a database.
func (p *place) people(use func(db *sql.DB, s *localdb.Sink)) {
	p.t.Helper()
	sink, err := p.sink()
	require.NoError(p.t, err)
	s := sink.(*localdb.Sink)
	ctx := context.Background()
	require.NoError(p.t, s.Open(ctx))
	defer s.Close()
	db := s.Postgres
	if db == nil {
		db, err = sql.Open("sqlite", filepath.Join(p.Dir, "people.db"))
		require.NoError(p.t, err)
	}
	defer db.Close()
	use(db, s)
}

// logEffects lets the database write down what happens to its rows.
func (p *place) logEffects() {
	p.people(func(db *sql.DB, _ *localdb.Sink) {
		statements := sqliteLog
		if p.SinkPostgres != "" {
			statements = postgresLog
		}
		for _, s := range statements {
			_, err := db.Exec(s)
			require.NoError(p.t, err, s)
		}
	})
}

const personNow = `coalesce(new.logon, '') || ' ' || coalesce(new.email, '') || ' ' || coalesce(new.first_name, '') || ' ' || coalesce(new.last_name, '') || ' ' ||
	coalesce(new.display_name, '') || ' ' || coalesce(new.title, '') || ' ' || new.active || ' ' || (new.manager_id IS NOT NULL)`

var personBefore = strings.ReplaceAll(personNow, "new.", "old.")

var sqliteLog = []string{
	`CREATE TABLE effects (what TEXT NOT NULL)`,
	`CREATE TRIGGER a_new AFTER INSERT ON accounts BEGIN INSERT INTO effects VALUES ('made ' || new.external_id || ' ' || ` + personNow + `); END`,
	`CREATE TRIGGER a_set AFTER UPDATE ON accounts WHEN ` + personNow + ` <> ` + personBefore + ` AND new.email IS NOT NULL AND old.email IS NOT NULL
		BEGIN INSERT INTO effects VALUES ('set ' || new.external_id || ' ' || ` + personNow + `); END`,
	`CREATE TRIGGER g_new AFTER INSERT ON "groups" BEGIN INSERT INTO effects VALUES ('made ' || new.external_id || ' ' || new.name); END`,
	`CREATE TRIGGER g_set AFTER UPDATE ON "groups" WHEN new.name <> old.name BEGIN INSERT INTO effects VALUES ('set ' || new.external_id || ' ' || new.name); END`,
	`CREATE TRIGGER m_new AFTER INSERT ON memberships BEGIN INSERT INTO effects SELECT 'joined ' || g.external_id || ' ' || a.external_id FROM "groups" g, accounts a WHERE g.id = new.group_id AND a.id = new.account_id; END`,
	`CREATE TRIGGER m_old AFTER DELETE ON memberships BEGIN INSERT INTO effects SELECT 'parted ' || g.external_id || ' ' || a.external_id FROM "groups" g, accounts a WHERE g.id = old.group_id AND a.id = old.account_id; END`,
}

var postgresLog = []string{
	`CREATE TABLE effects (what TEXT NOT NULL)`,
	`CREATE FUNCTION a_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF TG_OP = 'INSERT' THEN INSERT INTO effects VALUES ('made ' || new.external_id || ' ' || ` + personNow + `);
		ELSIF ` + personNow + ` <> ` + personBefore + ` AND new.email IS NOT NULL AND old.email IS NOT NULL THEN
			INSERT INTO effects VALUES ('set ' || new.external_id || ' ' || ` + personNow + `);
		END IF; RETURN NULL; END $$`,
	`CREATE TRIGGER a_log AFTER INSERT OR UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION a_log()`,
	`CREATE FUNCTION g_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF TG_OP = 'INSERT' THEN INSERT INTO effects VALUES ('made ' || new.external_id || ' ' || new.name);
		ELSIF new.name <> old.name THEN INSERT INTO effects VALUES ('set ' || new.external_id || ' ' || new.name);
		END IF; RETURN NULL; END $$`,
	`CREATE TRIGGER g_log AFTER INSERT OR UPDATE ON "groups" FOR EACH ROW EXECUTE FUNCTION g_log()`,
	`CREATE FUNCTION m_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF TG_OP = 'INSERT' THEN INSERT INTO effects SELECT 'joined ' || g.external_id || ' ' || a.external_id FROM "groups" g, accounts a WHERE g.id = new.group_id AND a.id = new.account_id;
		ELSE INSERT INTO effects SELECT 'parted ' || g.external_id || ' ' || a.external_id FROM "groups" g, accounts a WHERE g.id = old.group_id AND a.id = old.account_id;
		END IF; RETURN NULL; END $$`,
	`CREATE TRIGGER m_log AFTER INSERT OR DELETE ON memberships FOR EACH ROW EXECUTE FUNCTION m_log()`,
}

// effects lists what happened to the rows, in no order.
func (p *place) effects() (list []string) {
	p.people(func(db *sql.DB, _ *localdb.Sink) {
		rows, err := db.Query("SELECT what FROM effects ORDER BY what")
		require.NoError(p.t, err)
		defer rows.Close()
		for rows.Next() {
			var what string
			require.NoError(p.t, rows.Scan(&what))
			list = append(list, what)
		}
		require.NoError(p.t, rows.Err())
	})
	return list
}

// target shows the whole target, objects named by their anchors.
func (p *place) target() (lines []string) {
	if p.server != nil {
		return p.server.Lines()
	}
	p.people(func(_ *sql.DB, s *localdb.Sink) {
		names := map[string]string{}
		var all []adsync.Target
		for _, kind := range []adsync.Kind{adsync.User, adsync.Group} {
			for t, err := range s.List(context.Background(), kind) {
				require.NoError(p.t, err)
				names[string(t.ID)] = t.Attrs.Get(adsync.AttrExternalID)
				all = append(all, t)
			}
		}
		for _, t := range all {
			line := fmt.Sprintf("%s %s inactive=%v", t.Kind, names[string(t.ID)], t.Inactive)
			for name, values := range t.Attrs.All() {
				if name == "manager" && len(values) == 1 {
					values = []string{names[values[0]]}
				}
				line += fmt.Sprintf(" %s=%q", name, values)
			}
			var members []string
			if t.Kind == adsync.Group {
				for m, err := range s.ListMembers(context.Background(), t.ID) {
					require.NoError(p.t, err)
					members = append(members, names[string(m)])
				}
			}
			slices.Sort(members)
			lines = append(lines, line+" members="+strings.Join(members, ","))
		}
	})
	slices.Sort(lines)
	return lines
}

// remembered shows what the state holds, apart from counters of attempts.
func (p *place) remembered() (lines []string) {
	ctx := context.Background()
	store, err := p.store(ctx)
	require.NoError(p.t, err)
	defer store.Close()
	st, err := store.Open(ctx, "app")
	require.NoError(p.t, err)
	defer st.Close()
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for l, err := range st.Scan(ctx, "days", false) {
		require.NoError(p.t, err)
		applied, err := l.Applied.MarshalJSON()
		require.NoError(p.t, err)
		unfinished := l.Digest.IsZero() && p.server == nil // what was tried again is looked at again by the next full read
		add("link %s %s left=%v unfinished=%v %s", l.Anchor, l.State, l.Left, unfinished, applied)
	}
	for m, err := range st.ScanMembers(ctx, "days") {
		require.NoError(p.t, err)
		add("member %s %s waits=%v", m.Group, m.Member, m.Waiting)
	}
	for n, err := range st.Notes("days", 0).Scan(ctx, "") {
		require.NoError(p.t, err)
		add("note %s %s", n.Name, n.Value)
	}
	sources, err := st.Sources(ctx)
	require.NoError(p.t, err)
	for _, s := range sources {
		add("source %s at %s", s.Name, s.Cursor)
	}
	for i, err := range st.ListIssues(ctx) {
		require.NoError(p.t, err)
		add("issue %s %s %s", i.Anchor, i.Code, i.Attr)
	}
	held, err := st.Held(ctx)
	require.NoError(p.t, err)
	add("%d plans are held or begun", len(held))
	counts, err := st.Count(ctx)
	require.NoError(p.t, err)
	add("links %+v", counts)
	return lines
}
