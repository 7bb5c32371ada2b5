package source

import (
	"strings"

	"github.com/adsync/sdk/adsync"
)

// Tally counts what a read of one base gives, for the witness of a snapshot.
type Tally struct {
	identity string
	base     adsync.BaseWitness
	counts   map[string]int
}

// NewTally begins to count. Identity is the account as which the source reads,
// base what it reads, attributes those asked for.
func NewTally(identity, base string, attributes []string) *Tally {
	t := &Tally{identity, adsync.BaseWitness{Name: base, Readable: true}, make(map[string]int, len(attributes))}
	for _, name := range attributes {
		t.counts[strings.ToLower(name)] = 0
	}
	return t
}

// Count takes one object into account.
func (t *Tally) Count(o adsync.Object) {
	t.base.Objects++
	for name, values := range o.Attrs.All() {
		t.seen(name, len(values))
	}
	for name, anchors := range o.Refs {
		t.seen(name, len(anchors))
	}
}

func (t *Tally) seen(name string, values int) {
	if values > 0 {
		t.counts[strings.ToLower(name)]++
	}
}

// Witness gives what was counted, attributes by their names in lower case.
func (t *Tally) Witness() *adsync.Witness {
	return &adsync.Witness{Identity: t.identity, Bases: []adsync.BaseWitness{t.base}, Attributes: t.counts}
}
