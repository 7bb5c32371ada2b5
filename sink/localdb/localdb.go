// Package localdb is a target in an SQL database: accounts, contacts, groups,
// memberships and organizational units in SQLite or PostgreSQL.
//
//	&localdb.Sink{Path: "people.db"}                          // a SQLite file with tables of its own
//	&localdb.Sink{Postgres: pool}                             // the same tables in PostgreSQL
//	&localdb.Sink{Postgres: pool, Copy: postgres.Copy}        // and new rows by COPY; see package postgres
//	&localdb.Sink{Postgres: pool, Tables: mine}               // tables that are there already
//
// Without Tables it makes and migrates tables of its own. With Tables it writes
// to a customer's tables and never changes their definition; Check says what
// they lack.
//
// A batch is one transaction. An object is recognised by the external id, the
// anchor and the source's name, that stands in its row. A logon or an e-mail
// address that is taken is a conflict of that op alone. The id of an object is
// its kind and the key of its row, such as "user:12".
//
// It is no state store: what a job remembers between runs lives in a database of
// its own, so that a target can be restored, or read by others, without it. The
// driver of SQLite is part of the package; that of PostgreSQL is the caller's.
package localdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/adsync/sdk/adsync"
)

// Sink writes to a database. Set either Path or Postgres. The fields are not
// changed after Open.
type Sink struct {
	// Path of a SQLite file. It is made, readable by its owner only, when it is
	// not there.
	Path string
	// Postgres is the caller's pool of connections to PostgreSQL, by any driver
	// of database/sql. With tables of our own, batches are sent over two of them
	// at a time. Close leaves it open.
	Postgres *sql.DB
	// Copy sends new rows to PostgreSQL with COPY, which costs the server less than
	// statements do; package localdb/postgres has it for pgx. Only rows of our own
	// tables are sent so. Nil: by statements.
	Copy CopyFunc
	// Tables are a customer's own tables, by kind. Nil: tables of our own.
	Tables map[adsync.Kind]Table
	// Members says where the members of groups stand, by kind of member. Only
	// together with Tables.
	Members map[adsync.Kind]MemberTable

	engine  engine
	layouts map[adsync.Kind]*layout
	members map[adsync.Kind]MemberTable
}

var (
	_ adsync.BatchSink    = (*Sink)(nil)
	_ adsync.Describer    = (*Sink)(nil)
	_ adsync.Finder       = (*Sink)(nil)
	_ adsync.Lister       = (*Sink)(nil)
	_ adsync.MemberLister = (*Sink)(nil)
	_ adsync.Checker      = (*Sink)(nil)
	_ adsync.Validator    = (*Sink)(nil)
	_ adsync.Opener       = (*Sink)(nil)
)

// Validate judges the configuration, without opening anything.
func (s *Sink) Validate() error {
	var faults []error
	if (s.Path == "") == (s.Postgres == nil) {
		faults = append(faults, errors.New("localdb: set either Path or Postgres"))
	}
	if s.Copy != nil && s.Postgres == nil {
		faults = append(faults, errors.New("localdb: Copy belongs to Postgres, which is not set"))
	}
	if s.Tables == nil && s.Members != nil {
		faults = append(faults, errors.New("localdb: Members belongs to Tables, which is not set"))
	}
	for _, kind := range kindsOf(s.Tables) {
		for _, err := range s.Tables[kind].faults() {
			faults = append(faults, fmt.Errorf("localdb: Tables[%s]: %w", kind, err))
		}
	}
	for _, kind := range kindsOf(s.Members) {
		for _, err := range s.memberFaults(kind) {
			faults = append(faults, fmt.Errorf("localdb: Members[%s]: %w", kind, err))
		}
	}
	return errors.Join(faults...)
}

// Open connects to the database and, without Tables, makes or migrates the
// tables.
func (s *Sink) Open(ctx context.Context) error {
	if err := s.Validate(); err != nil {
		return err
	}
	e, err := s.connect(ctx)
	if err != nil {
		return err
	}
	if err := s.prepare(ctx, e); err != nil {
		return errors.Join(err, e.close())
	}
	return nil
}

func (s *Sink) prepare(ctx context.Context, e engine) error {
	if s.Tables == nil {
		if err := e.migrate(ctx); err != nil {
			return err
		}
	}
	if err := e.start(ctx); err != nil {
		return err
	}
	s.use(e)
	if s.Tables != nil {
		return nil
	}
	if err := s.with(ctx, s.fillKeys); err != nil {
		s.engine = nil
		return err
	}
	return nil
}

func (s *Sink) connect(ctx context.Context) (engine, error) {
	if s.Postgres != nil {
		return &postgres{db: s.Postgres}, nil
	}
	return openSQLite(ctx, s.Path)
}

// use takes the engine, and the tables as they were configured.
func (s *Sink) use(e engine) {
	tables, members := s.Tables, s.Members
	if tables == nil {
		tables, members = ownTables(), ownMembers()
	}
	s.engine, s.members, s.layouts = e, members, map[adsync.Kind]*layout{}
	for kind, t := range tables {
		s.layouts[kind] = newLayout(kind, t)
	}
}

// Close closes a SQLite file; the caller's pool stays open.
func (s *Sink) Close() error {
	if s.engine == nil {
		return nil
	}
	e := s.engine
	s.engine = nil
	return e.close()
}

// with lends a session on the database.
func (s *Sink) with(ctx context.Context, do func(*session) error) error {
	if s.engine == nil {
		return errors.New("localdb: the sink is not open; call Open first")
	}
	return s.engine.with(ctx, do)
}
