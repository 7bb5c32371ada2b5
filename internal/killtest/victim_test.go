package killtest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
	"github.com/adsync/sdk/adsync/state/postgres"
	"github.com/adsync/sdk/internal/lossysink"
	"github.com/adsync/sdk/sink/localdb"
	postgressink "github.com/adsync/sdk/sink/localdb/postgres"
)

// config tells a program what to do. It travels in an environment variable.
type config struct {
	Dir           string         // for files
	StatePostgres string         // a DSN; empty: SQLite
	SinkPostgres  string         // a DSN; empty with URL: SQLite
	URL           string         // of a lossysink.Server
	Mode          lossysink.Mode // its mode
	Fatal, Pauses []string       // places
	Until         int            // the last day to run
	Lease         time.Duration
	Impatient     bool // do not wait for the lease
	Fault         fault

	owing *hookedBatch // of a program that records first
}

// fault is what a program does wrong, to show that it would be noticed.
type fault string

const (
	faultKeys          fault = "op keys that change after a restart"
	faultRecordedFirst fault = "outcomes recorded before the batch is sent"
	faultCursor        fault = "a cursor that moves before the outcomes are recorded"
)

const victimConfig = "KILLTEST_VICTIM"

// salt makes op keys differ from process to process, where that is the fault.
func (c *config) salt() string {
	if c.Fault != faultKeys {
		return ""
	}
	return "-" + strconv.Itoa(os.Getpid())
}

// TestMain is also the program that is killed.
func TestMain(m *testing.M) {
	text := os.Getenv(victimConfig)
	if text == "" {
		os.Exit(m.Run())
	}
	var c config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // whatever becomes of the test
	defer cancel()
	if err := c.live(ctx); err != nil {
		fmt.Println("ended:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// live runs one day after the other, from the one after that of the cursor.
func (c *config) live(ctx context.Context) error {
	st := &steps{fatal: set(c.Fatal), pauses: set(c.Pauses), tell: func(place string) { fmt.Println(place) }}
	store, err := c.store(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	sink, err := c.sink()
	if err != nil {
		return err
	}
	source := &days{}
	if c.Fault == faultCursor {
		source.early = filepath.Join(c.Dir, "cursor")
	}
	e, err := adsync.New(c.job(hookedStore{store, st, c.Lease}, source, hooked(sink, st, c)))
	if err != nil {
		return err
	}
	for rest := 8; rest > 0; { // what waits on the last day is tried again
		source.today, err = c.advance(ctx, store, e)
		if err != nil {
			return err
		}
		st.day = source.today
		report, err := e.Run(ctx)
		switch {
		case errors.Is(err, adsync.ErrBusy) && !c.Impatient:
			time.Sleep(5 * time.Millisecond) // the lease runs out by the clock alone
			continue
		case adsync.CodeOf(err) == adsync.CodeUnavailable && rest > 1:
			rest--
			continue
		case err != nil:
			return err
		}
		if answered, err := c.settle(ctx, e); err != nil {
			return err
		} else if answered {
			continue
		}
		if dayNow, err := c.day(ctx, store); err != nil {
			return err
		} else if dayNow < c.Until {
			continue
		}
		if rest--; report.Counts.Writes() == 0 && report.Counts.Issues == 0 {
			break
		}
	}
	return e.Close()
}

// settle does what is left to people: they look up whether an object of which
// nobody knows was made, and answer.
func (c *config) settle(ctx context.Context, e *adsync.Engine) (answered bool, err error) {
	if c.owing != nil {
		if err := c.owing.pay(ctx); err != nil {
			return false, err
		}
	}
	for issue, err := range e.Issues(ctx) {
		if err != nil {
			return false, err
		}
		if issue.Code != adsync.IssueUnknown {
			continue
		}
		answer := adsync.Answer{Source: issue.Source, Anchor: issue.Anchor, Verdict: adsync.AnswerCreate, By: "Ada Example"}
		target, found, err := lossysink.Lookup(ctx, c.URL, issue.Anchor)
		if found {
			answer.Verdict, answer.Target = adsync.AnswerLink, target
		}
		if err = errors.Join(err, e.Answer(ctx, answer)); err != nil {
			return false, err
		}
		answered = true
	}
	return answered, nil
}

func (c *config) job(store adsync.StateStore, source adsync.Source, sink adsync.Sink) adsync.Job {
	return adsync.Job{
		Target: "app", Sources: adsync.From("days", source), Mapper: asIs{}, Sink: sink, State: store,
		Kinds: []adsync.Kind{adsync.User, adsync.Group}, LeaseTime: max(c.Lease, 3*time.Second),
		Retry: adsync.Retry{Tries: 6, First: time.Millisecond, Most: 4 * time.Millisecond},
		Guard: adsync.Guard{Updates: adsync.Limit{Off: true}}, Owner: fmt.Sprint("process ", os.Getpid()),
	}
}

func (c *config) store(ctx context.Context) (adsync.StateStore, error) {
	if c.StatePostgres == "" {
		return state.Open(filepath.Join(c.Dir, "state.db"))
	}
	db, err := sql.Open("pgx", c.StatePostgres)
	if err != nil {
		return nil, err
	}
	return postgres.New(ctx, db, "")
}

func (c *config) sink() (adsync.Sink, error) {
	switch {
	case c.URL != "":
		return lossysink.NewSink(c.URL, c.Mode, 25*time.Millisecond), nil
	case c.SinkPostgres != "":
		db, err := sql.Open("pgx", c.SinkPostgres)
		return &localdb.Sink{Postgres: db, Copy: postgressink.Copy}, err
	}
	return &localdb.Sink{Path: filepath.Join(c.Dir, "people.db")}, nil
}

// day gives the day that was read last.
func (c *config) day(ctx context.Context, store adsync.StateStore) (int, error) {
	st, err := store.Open(ctx, "app")
	if err != nil {
		return 0, err
	}
	sources, err := st.Sources(ctx)
	if err != nil || len(sources) == 0 {
		return 0, errors.Join(err, st.Close())
	}
	return dayOf(sources[0].Cursor), st.Close()
}

// advance gives the day of the directory, whose clock is a file and never goes
// back: the day after the one that was read. The directory waits while
// something is to be tried again: who leaves before it is known whether he was
// made would make another story.
func (c *config) advance(ctx context.Context, store adsync.StateStore, e *adsync.Engine) (int, error) {
	read, err := c.day(ctx, store)
	if err != nil {
		return 0, err
	}
	clock := filepath.Join(c.Dir, "today")
	text, _ := os.ReadFile(clock)
	today, _ := strconv.Atoi(string(text))
	for issue, err := range e.Issues(ctx) {
		if err != nil {
			return 0, err
		}
		if issue.Code == adsync.IssueUnknown || issue.Code == adsync.IssueUnavailable {
			return today, nil
		}
	}
	today = max(today, min(read+1, c.Until))
	if err := os.WriteFile(clock+".new", []byte(strconv.Itoa(today)), 0o600); err != nil {
		return 0, err
	}
	return today, os.Rename(clock+".new", clock)
}

func set(list []string) map[string]bool {
	out := map[string]bool{}
	for _, s := range list {
		out[s] = true
	}
	return out
}
