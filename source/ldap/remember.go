package ldap

import (
	"context"
	"encoding/json"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
)

// rememberedNote is the name of the note that holds a remembered.
const rememberedNote = "controller"

// remembered is what a source keeps of its controllers from one run to the next.
// It is kept together with what the run wrote, or not at all.
type remembered struct {
	Address string    `json:"address"` // of the controller that was read
	Site    string    `json:"site,omitempty"`
	Reached reached   `json:"reached,omitempty"` // how far it was
	At      time.Time `json:"at"`                // by our clock
}

func recall(ctx context.Context, notes adsync.Notes) (r remembered, err error) {
	if notes == nil {
		return remembered{}, nil
	}
	text, ok, err := notes.Get(ctx, rememberedNote)
	if err != nil || !ok {
		return remembered{}, err
	}
	if json.Unmarshal([]byte(text), &r) != nil {
		return remembered{}, nil // of another version
	}
	return r, nil
}

// remember notes, at the end of a whole read, where it was and how far that
// controller had come meanwhile.
func (rd *reading) remember(ctx context.Context) error {
	if rd.req.Notes == nil || len(rd.req.Only) > 0 {
		return nil
	}
	at, err := rd.shown(ctx)
	if err != nil {
		return err
	}
	if len(at) == 0 {
		at = rd.before.Reached // what it does not say, it does not unsay
	}
	text, err := json.Marshal(remembered{Address: rd.c.at.address(), Site: rd.c.src.memory.site(), Reached: at, At: time.Now().UTC()})
	if err != nil {
		return adsync.Errorf(adsync.CodeOther, "ldap: writing down the controller: %w", err)
	}
	return rd.req.Notes.Put(ctx, rememberedNote, string(text))
}

// caughtUp sees that the server has all that was read before, from whichever
// server that was. One that lacks a part of it, because it lags behind the others
// or was restored from a copy, would show people as gone, and as they were, who
// are not.
func (rd *reading) caughtUp(ctx context.Context) error {
	if len(rd.before.Reached) == 0 || protection.Replication.Removed() {
		return nil
	}
	now, err := rd.has(ctx)
	if err != nil {
		return err
	}
	whose := now.lacks(rd.before.Reached)
	if whose == "" {
		return nil
	}
	lag := adsync.Errorf(adsync.CodeUnavailable,
		"ldap: %s has not yet received all that was read from %s on %s (changes made by the server with the id %s are missing, or the account may not read replUpToDateVector): it lags behind, or was restored from a copy; see how replication is doing",
		rd.serverName, rd.before.Address, rd.before.At.Format(time.RFC3339), whose)
	switch {
	case time.Since(rd.before.At) < rd.c.src.lagLimit():
		return lag
	case rd.req.Since != "":
		return adsync.Errorf(adsync.CodeGone, "%w", lag.Err)
	}
	rd.behind = lag.Error()
	return nil
}

func (s *Source) lagLimit() time.Duration {
	if s.LagLimit > 0 {
		return s.LagLimit
	}
	return 24 * time.Hour
}
