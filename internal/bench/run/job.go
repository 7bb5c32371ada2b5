package main

import (
	"database/sql"
	"path/filepath"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
	"github.com/adsync/sdk/mapping"
	"github.com/adsync/sdk/match"
	"github.com/adsync/sdk/sink/localdb"
	"github.com/adsync/sdk/sink/localdb/postgres"
	"github.com/adsync/sdk/source/ldap"
)

// extent is how much a run reads.
type extent int

const (
	changesOnly extent = iota
	changesAndSweep
	everything
)

func source(s setting, read extent) *ldap.Source {
	from := &ldap.Source{URL: s.url, BaseDNs: []string{s.base}, CAFile: s.ca, Delta: ldap.Delta(s.delta), PageSize: s.page}
	if from.Anonymous = s.bind == ""; !from.Anonymous {
		from.Bind, from.Password = s.bind, ldap.SecretFile(s.password)
	}
	if read == changesAndSweep {
		from.SweepEvery = time.Nanosecond
	}
	return from
}

func mapper(s setting) adsync.Mapper {
	if s.ad {
		return mapping.ActiveDirectory(mapping.Parameter("domain", "example.com"))
	}
	return mapping.OpenLDAP()
}

// engine opens the job on the row's folder: the state tells it what the row
// before it did.
func engine(s setting, read extent) (_ *adsync.Engine, closeAll func(), err error) {
	target, closeTarget, err := sink(s)
	if err != nil {
		return nil, nil, err
	}
	store, err := state.Open(filepath.Join(s.dir, "state.db"))
	if err != nil {
		closeTarget()
		return nil, nil, err
	}
	e, err := adsync.New(adsync.Job{
		Target:         "bench",
		Sources:        adsync.From("directory", source(s, read)),
		Sink:           target,
		Mapper:         mapper(s),
		Matcher:        match.Local(),
		State:          store,
		Kinds:          []adsync.Kind{adsync.User},
		CreateInactive: true, // some are disabled
		Snapshot:       read == everything,
	})
	if err != nil {
		store.Close()
		closeTarget()
		return nil, nil, err
	}
	return e, func() { e.Close(); store.Close(); closeTarget() }, nil
}

// sink is the target, and what closes its pool of connections.
func sink(s setting) (*localdb.Sink, func(), error) {
	if s.postgres == "" {
		return &localdb.Sink{Path: filepath.Join(s.dir, "target.db")}, func() {}, nil
	}
	dsn, err := readDSN(s.postgres, "")
	if err != nil {
		return nil, nil, err
	}
	pool, err := sql.Open("pgx", dsn.String())
	if err != nil {
		return nil, nil, err
	}
	return &localdb.Sink{Postgres: pool, Copy: postgres.Copy}, func() { pool.Close() }, nil
}
