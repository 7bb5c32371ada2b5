package source

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// StaticSource is a source of objects held in memory. Every read is a snapshot
// of what it holds; it knows no deltas. The zero value holds nothing: its
// snapshot is empty, and says that everybody has left.
//
// The fields are not to be changed while a read is under way. Several reads may
// be.
type StaticSource struct {
	// Objects in the order in which they are given. A scope's units are judged
	// by Object.Container.
	Objects []adsync.Object
	// Members of groups, by the group's anchor.
	Members map[adsync.Anchor][]adsync.Anchor
	// PageSize is the most changes a batch carries, and the most members a
	// change does. Default 500.
	PageSize int
}

var _ adsync.Source = (*StaticSource)(nil)

// Static makes a source of some objects.
func Static(objects ...adsync.Object) *StaticSource { return &StaticSource{Objects: objects} }

// Read gives a snapshot, or just the objects that r.Only names. A cursor is
// answered with CodeGone, since this source gives none; a filter is not
// supported.
func (s *StaticSource) Read(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		read, err := s.begin(r)
		if err != nil {
			yield(adsync.Batch{}, err)
			return
		}
		Pages(ctx, read.page)(yield)
	}
}

// staticRead is one read. Its tokens are "object/member": where the next page
// begins.
type staticRead struct {
	*StaticSource
	request adsync.ReadRequest
	scope   func(adsync.Object) bool
	size    int
	tally   *Tally
}

func (s *StaticSource) begin(r adsync.ReadRequest) (*staticRead, error) {
	if r.Since != "" {
		return nil, adsync.Errorf(adsync.CodeGone, "source: a static source has no cursors; read a snapshot")
	}
	scope, err := s.scope(r.Scope)
	if err != nil {
		return nil, err
	}
	size := s.PageSize
	if size <= 0 {
		size = 500
	}
	return &staticRead{s, r, scope, size, NewTally("static", "objects", r.Attributes)}, nil
}

func (s *staticRead) page(_ context.Context, token string) (Page, error) {
	first, second, _ := strings.Cut(token, "/")
	object, _ := strconv.Atoi(first)
	member, _ := strconv.Atoi(second)
	page := Page{Snapshot: len(s.request.Only) == 0}
	for object < len(s.Objects) && len(page.Changes) < s.size {
		o := s.Objects[object]
		if !s.wanted(o) {
			object++
			continue
		}
		change, next := s.change(o, member)
		page.Changes = append(page.Changes, change)
		if member = next; member == 0 {
			object++
		}
	}
	if object < len(s.Objects) {
		page.Token = strconv.Itoa(object) + "/" + strconv.Itoa(member)
		return page, nil
	}
	if page.Snapshot {
		page.Witness = s.tally.Witness()
	}
	return page, nil
}

func (s *staticRead) wanted(o adsync.Object) bool {
	if len(s.request.Kinds) > 0 && !slices.Contains(s.request.Kinds, o.Kind) {
		return false
	}
	if len(s.request.Only) > 0 && !slices.Contains(s.request.Only, o.Anchor) {
		return false
	}
	return s.scope(o)
}

// change gives an object with its members from number first on, and the number
// of the first one that it leaves to the next change, or 0.
func (s *staticRead) change(o adsync.Object, first int) (adsync.Change, int) {
	if first > 0 {
		members, next := s.members(o, first)
		o = adsync.Object{Kind: o.Kind, Anchor: o.Anchor}
		return adsync.Change{Object: o, Members: members, MembersOnly: true}, next
	}
	o = only(o, s.request.Attributes)
	s.tally.Count(o)
	if o.Kind != adsync.Group {
		return adsync.Change{Object: o}, 0
	}
	members, next := s.members(o, 0)
	return adsync.Change{Object: o, Members: members}, next
}

func (s *staticRead) members(o adsync.Object, first int) (*adsync.MemberChange, int) {
	all := s.Members[o.Anchor]
	end := min(first+s.size, len(all))
	m := &adsync.MemberChange{Reset: first == 0, More: end < len(all), Add: slices.Clone(all[first:end])}
	if m.More {
		return m, end
	}
	return m, 0
}

// only gives the object with the attributes and references asked for.
func only(o adsync.Object, attributes []string) adsync.Object {
	var kept adsync.Attributes
	refs := map[string][]adsync.Anchor{}
	for _, name := range attributes {
		if o.Attrs.Has(name) {
			kept.Set(name, slices.Clone(o.Attrs.Values(name))...)
		}
		for ref, anchors := range o.Refs {
			if strings.EqualFold(ref, name) {
				refs[ref] = slices.Clone(anchors)
			}
		}
	}
	o.Attrs, o.Refs = kept, nil
	if len(refs) > 0 {
		o.Refs = refs
	}
	return o
}
