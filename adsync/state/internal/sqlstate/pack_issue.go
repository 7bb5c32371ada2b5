package sqlstate

import (
	"maps"
	"slices"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/packed"
)

// issue packs an issue, apart from what names it and the runs that saw it.
func (e *encoder) issue(i *adsync.Issue) {
	e.Byte(byte(i.Kind))
	e.String(i.Name)
	e.String(i.Detail)
	e.Uint(uint64(len(i.Candidates)))
	for _, c := range i.Candidates {
		e.String(string(c.ID))
		e.Byte(byte(c.Kind))
		e.attributes(c.Attrs)
		e.Bool(c.Inactive)
		e.Bool(c.Protected)
		e.Bool(c.Foreign)
	}
	packed.Strings(&e.Writer, i.Others)
	e.Bool(i.Wanted != nil)
	if i.Wanted != nil {
		e.object(i.Wanted)
	}
	e.Byte(byte(i.Left))
}

func (d *decoder) issue(i *adsync.Issue) {
	i.Kind = adsync.Kind(d.Byte())
	i.Name = d.String()
	i.Detail = d.String()
	i.Candidates = list(d, func() (c adsync.Target) {
		c.ID, c.Kind = adsync.TargetID(d.String()), adsync.Kind(d.Byte())
		c.Attrs = d.attributes()
		c.Inactive, c.Protected, c.Foreign = d.Bool(), d.Bool(), d.Bool()
		return c
	})
	i.Others = packed.ReadStrings[adsync.Anchor](d.Reader)
	if d.Bool() {
		i.Wanted = d.object()
	}
	if d.form >= withOrigin {
		i.Left = adsync.Presence(d.Byte())
	}
}

func (e *encoder) object(o *adsync.Object) {
	e.Byte(byte(o.Kind))
	e.String(string(o.Anchor))
	e.String(o.Container)
	e.attributes(o.Attrs)
	e.Uint(uint64(len(o.Refs)))
	for _, name := range slices.Sorted(maps.Keys(o.Refs)) {
		e.String(name)
		packed.Strings(&e.Writer, o.Refs[name])
	}
}

func (d *decoder) object() *adsync.Object {
	o := &adsync.Object{Kind: adsync.Kind(d.Byte()), Anchor: adsync.Anchor(d.String()), Container: d.String()}
	o.Attrs = d.attributes()
	if n := d.Count(2); n > 0 {
		o.Refs = map[string][]adsync.Anchor{}
		for range n {
			name := d.String()
			o.Refs[name] = packed.ReadStrings[adsync.Anchor](d.Reader)
		}
	}
	return o
}

// answer packs an answer, apart from what names it.
func (e *encoder) answer(a *adsync.Answer) {
	e.String(string(a.Verdict))
	e.String(string(a.Target))
	e.String(a.By)
	e.Time(a.At)
}

func (d *decoder) answer(a *adsync.Answer) {
	a.Verdict = adsync.Verdict(d.String())
	a.Target = adsync.TargetID(d.String())
	a.By = d.String()
	a.At = d.Time()
}
