package ldap

import (
	"maps"
	"slices"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// witness counts what a read saw, so that the engine can tell an emptied
// directory from a lost right.
type witness struct {
	rd       *reading
	counts   map[string]int
	asked    []int    // by attribute asked for, beside counts
	has      []string // of the object under way
	bases    []adsync.BaseWitness
	canaries map[string]adsync.Canary // by folded unit
	units    map[string]*adsync.UnitWitness
}

func newWitness(rd *reading) *witness {
	w := &witness{rd: rd, counts: map[string]int{}, canaries: map[string]adsync.Canary{}, units: map[string]*adsync.UnitWitness{}, asked: make([]int, len(rd.want.asked))}
	for _, name := range rd.want.asked {
		w.counts[name] = 0
	}
	if rd.wants(adsync.Group) {
		w.counts["member"] = 0
	}
	for _, b := range rd.bases {
		// A base that cannot be read has ended the read before.
		w.bases = append(w.bases, adsync.BaseWitness{Name: b.dn.String(), Readable: true})
	}
	for _, u := range rd.units.list {
		if !u.deselect {
			w.units[u.dn.Folded()] = &adsync.UnitWitness{Unit: u.dn.String(), Attributes: map[string]int{}}
		}
	}
	return w
}

func (w *witness) count(name string) { w.counts[name]++ }

func (w *witness) saw(base int, dn directory.DN, c adsync.Change) {
	w.bases[base].Objects++
	has := w.has[:0]
	for i, name := range w.rd.want.asked {
		if c.Object.Attrs.Has(name) || len(c.Object.Refs[name]) > 0 {
			w.asked[i]++
			has = append(has, name)
		}
	}
	w.has = has
	unit := w.rd.units.unitOf(dn, w.rd.bases[base].dn)
	if u := w.units[unit.Folded()]; u != nil && c.Object.Kind != adsync.OrganizationalUnit {
		u.Objects++
		for _, name := range has {
			u.Attributes[name]++
		}
	}
	if c.Object.Kind == adsync.User && c.Problem == nil && len(has) > 0 {
		w.canary(unit, c.Object.Anchor, has)
	}
}

// canary keeps one person of each unit: the one with the smallest anchor, so
// that it stays the same from run to run while that person is there.
func (w *witness) canary(unit directory.DN, a adsync.Anchor, has []string) {
	if old, ok := w.canaries[unit.Folded()]; ok && old.Anchor <= a {
		return
	}
	w.canaries[unit.Folded()] = adsync.Canary{Unit: unit.String(), Anchor: a, Attributes: slices.Clone(has)}
}

func (w *witness) result() *adsync.Witness {
	if !w.rd.out.snapshot && !w.rd.out.sweep {
		return nil
	}
	counts := maps.Clone(w.counts)
	for i, name := range w.rd.want.asked {
		counts[name] += w.asked[i]
	}
	out := &adsync.Witness{Identity: w.rd.boundAs, Server: w.rd.serverName, Bases: w.bases, Attributes: counts, Behind: w.rd.behind}
	if w.rd.out.sweep {
		out.Attributes = nil // a sweep asks for none
	}
	for _, unit := range sortedKeys(w.canaries) {
		out.Canaries = append(out.Canaries, w.canaries[unit])
	}
	for _, unit := range sortedKeys(w.units) {
		out.Units = append(out.Units, *w.units[unit])
	}
	return out
}
