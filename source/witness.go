package source

import (
	"strings"

	"github.com/adsync/sdk/adsync"
)

// witness counts what a read of one base gave.
type witness struct {
	identity string
	base     adsync.BaseWitness
	counts   map[string]int
}

func newWitness(identity, base string) *witness {
	return &witness{identity, adsync.BaseWitness{Name: base, Readable: true}, map[string]int{}}
}

// Count takes one object into account.
func (w *witness) Count(o adsync.Object) {
	w.base.Objects++
	for name, values := range o.Attrs.All() {
		if len(values) > 0 {
			w.counts[strings.ToLower(name)]++
		}
	}
	for name, anchors := range o.Refs {
		if len(anchors) > 0 {
			w.counts[strings.ToLower(name)]++
		}
	}
}

// Witness gives what was counted.
func (w *witness) Witness() *adsync.Witness {
	return &adsync.Witness{Identity: w.identity, Bases: []adsync.BaseWitness{w.base}, Attributes: w.counts}
}
