package adsync

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// startOf gives the cursor to read from, and why it is a snapshot where a
// cursor is there.
func (p *planner) startOf(s *sourceRead) (Cursor, string) {
	since := p.now.Sub(s.before.Full)
	switch {
	case s.before.Cursor == "" && s.before.Run != 0 && !s.before.Snapshot:
		return "", "the last read was not believed, or was found to have missed changes"
	case s.before.Cursor == "":
		return "", ""
	case p.job.Snapshot:
		return "", "the job asks for a full read"
	case p.job.Identity != "":
		return "", "objects of several sources are joined, which needs all of them"
	case s.before.Config != s.config:
		return "", "mapping, schema, policies or scope changed"
	case p.job.FullEvery > 0 && s.before.Full.IsZero():
		return "", "no full comparison is remembered"
	case p.job.FullEvery > 0 && since >= p.job.FullEvery:
		return "", fmt.Sprintf("the last full comparison was %s ago, and one is due every %s", days(since), days(p.job.FullEvery))
	case since < 0:
		return "", "the clock was set back behind the last full comparison"
	}
	return s.before.Cursor, ""
}

func days(d time.Duration) string {
	if d >= 48*time.Hour {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return d.Round(time.Minute).String()
}

// sourceConfig changes with whatever decides which objects of a source are
// wanted, and what they should look like: a cursor taken under another one says
// nothing of the objects that the change brings in or leaves out.
func sourceConfig(config Digest, scope *Scope) string {
	text, err := json.Marshal(scope)
	if err != nil {
		panic(fmt.Sprintf("adsync: a scope has no JSON form: %v", err)) // it holds strings and flags only
	}
	sum := sha256.Sum256(append(config[:], text...))
	return Digest(sum[:16]).text()
}

// movesOn tells whether the next read starts behind this one, so that it does
// not show again what this run leaves undone.
func (p *planner) movesOn(s *sourceRead) bool {
	return s.index == nil || s.next != "" && p.job.Identity == "" && !p.job.Snapshot
}
