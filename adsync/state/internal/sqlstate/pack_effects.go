package sqlstate

import "github.com/adsync/sdk/adsync"

// effects packs what a run did, as the guard counts it.
func (e *encoder) effects(x adsync.Effects) {
	e.Bool(x.First)
	e.Uint(uint64(len(x.Kinds)))
	for _, k := range x.Kinds {
		e.Byte(byte(k.Kind))
		e.numbers(k.Deactivate, k.Delete, k.Create, k.Update, k.Adopt)
	}
	e.Uint(uint64(len(x.Attributes)))
	for _, a := range x.Attributes {
		e.Byte(byte(a.Kind))
		e.String(a.Name)
		e.numbers(a.Blanked, a.Rewritten)
	}
	e.Uint(uint64(len(x.Units)))
	for _, u := range x.Units {
		e.String(u.Source)
		e.Byte(byte(u.Kind))
		e.String(u.Unit)
		e.numbers(u.Leaving)
	}
	e.Uint(uint64(len(x.Groups)))
	for _, g := range x.Groups {
		e.String(g.Source)
		hash(e, g.Group)
		e.String(g.Name)
		e.numbers(g.Removed)
	}
}

func (e *encoder) numbers(list ...int) {
	for _, n := range list {
		e.Int(int64(n))
	}
}

func (d *decoder) effects() (x adsync.Effects) {
	x.First = d.Bool()
	x.Kinds = list(d, func() adsync.KindEffects {
		return adsync.KindEffects{Kind: adsync.Kind(d.Byte()), Deactivate: d.number(), Delete: d.number(), Create: d.number(), Update: d.number(), Adopt: d.number()}
	})
	x.Attributes = list(d, func() adsync.AttributeEffects {
		return adsync.AttributeEffects{Kind: adsync.Kind(d.Byte()), Name: d.String(), Blanked: d.number(), Rewritten: d.number()}
	})
	x.Units = list(d, func() adsync.UnitEffects {
		return adsync.UnitEffects{Source: d.String(), Kind: adsync.Kind(d.Byte()), Unit: d.String(), Leaving: d.number()}
	})
	x.Groups = list(d, func() adsync.GroupEffects {
		return adsync.GroupEffects{Source: d.String(), Group: readHash[adsync.LinkKey](d), Name: d.String(), Removed: d.number()}
	})
	return x
}

func (d *decoder) number() int { return int(d.Int()) }
