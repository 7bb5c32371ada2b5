package localdb

import (
	"context"

	"github.com/adsync/sdk/adsync"
)

// maxBatch is how many ops one transaction takes.
const maxBatch = 500

// Schema gives the tables' columns as attributes. Besides a logon, an account
// of our own tables needs nothing: what else is required is the job's to say.
func (s *Sink) Schema(ctx context.Context) (adsync.Schema, error) {
	out := adsync.Schema{
		Kinds:    map[adsync.Kind]adsync.KindSchema{},
		MaxBatch: maxBatch,
		InFlight: s.atOnce(),
		Replay:   adsync.ReplayByExternalID,
		Swap:     adsync.SwapAtomic,
	}
	for kind, l := range s.layouts {
		out.Kinds[kind] = l.schema()
		if l.ExternalID == "" {
			out.Replay = adsync.ReplayNone
		}
	}
	if g, ok := out.Kinds[adsync.Group]; ok {
		g.MemberKinds = kindsOf(s.members)
		out.Kinds[adsync.Group] = g
	}
	return out, ctx.Err()
}

// atOnce is how many batches may be under way: one is written while the next is
// made ready and the one before is recorded. SQLite's single connection takes
// them in turn. Two connections are what database/sql keeps open to PostgreSQL
// unless told otherwise; more would be made anew all the time. In a customer's
// tables a value is looked for and then written, which batches side by side could
// both do.
func (s *Sink) atOnce() int {
	if s.Tables != nil {
		return 1
	}
	return 2
}

func (l *layout) schema() adsync.KindSchema {
	attrs := map[string]adsync.AttributeSchema{}
	for _, a := range l.attrs {
		attrs[a.name] = adsync.AttributeSchema{
			Required: a.Required, MaxLength: a.Length, CreateOnly: a.CreateOnly, Unique: a.Unique,
			Multi: a.List, Reference: a.Refers != 0, Naming: a.Naming,
		}
	}
	if l.Active != "" {
		attrs[adsync.AttrActive] = adsync.AttributeSchema{MaxLength: len("false")}
	}
	if l.ExternalID != "" {
		attrs[AttrExternalID] = adsync.AttributeSchema{ReadOnly: true, CaseExact: true}
	}
	return adsync.KindSchema{Attributes: attrs, Deactivate: l.Active != "", Delete: !l.NoDelete}
}
