package scenario

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source"
)

// directory is a source whose objects, and whose faults, the story changes.
type directory struct {
	name    string
	order   []adsync.Anchor
	objects map[adsync.Anchor]adsync.Object
	members map[adsync.Anchor][]adsync.Anchor
	outside map[adsync.Anchor]bool
	fault   fault
	diary   diary
}

// fault is what goes wrong in a read.
type fault struct {
	err     error                  // the read ends with it, after cut changes
	cut     int                    // the read ends without Done after so many changes; -1: it does not
	nothing bool                   // success with no entries: a lost right
	base    string                 // the base is not readable, says the witness
	resync  bool                   // the position of the last read is not taken back
	without string                 // an attribute that the account may no longer read
	broken  map[adsync.Anchor]bool // objects that cannot be read
}

func newDirectory(name string) *directory {
	return &directory{
		name: name, objects: map[adsync.Anchor]adsync.Object{}, members: map[adsync.Anchor][]adsync.Anchor{},
		outside: map[adsync.Anchor]bool{}, fault: fault{cut: -1}, diary: newDiary(),
	}
}

func (d *directory) put(o adsync.Object) {
	if _, known := d.objects[o.Anchor]; !known {
		d.order = append(d.order, o.Anchor)
	}
	d.objects[o.Anchor] = o
	d.diary.note(o.Anchor)
	delete(d.outside, o.Anchor)
}

func (d *directory) remove(a adsync.Anchor) error {
	o, known := d.objects[a]
	if !known {
		return fmt.Errorf("the source %s has no such object", d.name)
	}
	d.diary.note(a)
	d.diary.gone[a] = o.Kind
	delete(d.objects, a)
	d.order = slices.DeleteFunc(d.order, func(other adsync.Anchor) bool { return other == a })
	return nil
}

// Read reads pages of two, so that a story can end in the middle.
func (d *directory) Read(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	if r.Since != "" && d.diary.tells && len(r.Only) == 0 {
		return d.readChanges(ctx, r)
	}
	s := d.static()
	return func(yield func(adsync.Batch, error) bool) {
		left := d.fault.cut
		for b, err := range s.Read(ctx, r) {
			if err == nil {
				b.Changes = d.bend(b)
				if b.Done && d.diary.tells {
					b.Next = d.cursor()
				}
				if left >= 0 && len(b.Changes) >= left {
					b.Changes, b.Done, b.Witness = b.Changes[:left], false, nil
					if yield(b, nil) && d.fault.err != nil {
						yield(adsync.Batch{}, d.fault.err)
					}
					return
				}
				left -= len(b.Changes)
				if left < 0 {
					left = -1
				}
			}
			if !yield(b, err) {
				return
			}
		}
	}
}

// static is the directory as its reads show it.
func (d *directory) static() *source.StaticSource {
	s := &source.StaticSource{PageSize: 2, Members: d.members}
	for _, a := range d.order {
		o := d.objects[a]
		if d.fault.without != "" {
			o.Attrs = o.Attrs.Clone()
			o.Attrs.Delete(d.fault.without)
		}
		s.Objects = append(s.Objects, o)
	}
	if d.fault.nothing {
		s.Objects = nil
	}
	return s
}

// ExplainScope looks at single objects, with the same faults.
func (d *directory) ExplainScope(ctx context.Context, r adsync.ReadRequest, value string) ([]adsync.Sighting, error) {
	if d.fault.err != nil {
		return nil, d.fault.err
	}
	found, err := d.static().ExplainScope(ctx, r, value)
	for i := range found {
		if a := found[i].Change.Object.Anchor; d.outside[a] {
			found[i].Change.Presence = adsync.OutOfScope
			found[i].Left = append(found[i].Left, "the story put it out of scope")
		} else if d.fault.broken[a] {
			found[i].Change.Problem = adsync.Errorf(adsync.CodeDenied, "the directory does not show what it is")
		}
	}
	return found, err
}

// bend gives a batch's changes, and its witness, as the faults make them.
func (d *directory) bend(b adsync.Batch) []adsync.Change {
	if b.Witness != nil && d.fault.base != "" {
		b.Witness.Bases[0].Readable, b.Witness.Bases[0].Problem = false, d.fault.base
	}
	for i := range b.Changes {
		c := &b.Changes[i]
		switch {
		case d.outside[c.Object.Anchor]:
			*c = adsync.Change{Object: adsync.Object{Kind: c.Object.Kind, Anchor: c.Object.Anchor}, Presence: adsync.OutOfScope}
		case d.fault.broken[c.Object.Anchor]:
			*c = adsync.Change{
				Object:  adsync.Object{Kind: c.Object.Kind, Anchor: c.Object.Anchor},
				Problem: adsync.Errorf(adsync.CodeInvalid, "a value is not UTF-8"),
			}
		}
	}
	return b.Changes
}
