package main

import (
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
	"github.com/adsync/sdk/match"
	"github.com/adsync/sdk/sink/localdb"
)

// leaseTime is how long a killed run keeps others from the target.
const leaseTime = 5 * time.Second

// targetName is what the state calls the target.
const targetName = "quickstart"

// newJob composes the synchronisation: what to read, how to map and match it,
// where to write, where to remember, and by which policies.
func newJob(d *directory, f *folder, show *screen) (adsync.Job, func() error, error) {
	remembered, err := state.Open(f.state())
	if err != nil {
		return adsync.Job{}, nil, err
	}
	job := adsync.Job{
		Target:   targetName,
		Sources:  adsync.From("directory", d.source),
		Mapper:   d.mapper,
		Matcher:  match.Local(),
		Sink:     &localdb.Sink{Path: f.target()},
		State:    remembered,
		Required: map[adsync.Kind][]string{adsync.User: {"firstName", "lastName", "email", "logon"}},
		// People who lack one of these are kept aside until the directory is
		// completed. This line would stop the run at the first of them instead:
		//	OnMissing: adsync.Halt,
		Guard:     guardOf(show),
		LeaseTime: leaseTime,
		Progress:  show.progress,
	}
	return job, remembered.Close, nil
}

// guardOf gives the limits: the defaults for a directory of one's own. The days
// of a made-up one last as long as a command takes, so that many of them fall
// into the guard's 24 hours, and what leaves in one is little enough.
func guardOf(show *screen) adsync.Guard {
	if show.own {
		return adsync.Guard{}
	}
	month := adsync.Limit{Count: 100, Percent: 60}
	return adsync.Guard{Leaving: month, UnitLeaving: month, MembersRemoved: month}
}
