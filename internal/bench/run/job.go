package main

import (
	"path/filepath"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
	"github.com/adsync/sdk/mapping"
	"github.com/adsync/sdk/match"
	"github.com/adsync/sdk/sink/localdb"
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
	from := &ldap.Source{URL: s.url, BaseDNs: []string{s.base}, CAFile: s.ca, Delta: ldap.Delta(s.delta)}
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
	store, err := state.Open(filepath.Join(s.dir, "state.db"))
	if err != nil {
		return nil, nil, err
	}
	e, err := adsync.New(adsync.Job{
		Target:         "bench",
		Sources:        adsync.From("directory", source(s, read)),
		Sink:           &localdb.Sink{Path: filepath.Join(s.dir, "target.db")},
		Mapper:         mapper(s),
		Matcher:        match.Local(),
		State:          store,
		Kinds:          []adsync.Kind{adsync.User},
		CreateInactive: true, // some are disabled
		Snapshot:       read == everything,
	})
	if err != nil {
		store.Close()
		return nil, nil, err
	}
	return e, func() { e.Close(); store.Close() }, nil
}
