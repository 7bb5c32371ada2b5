package ldif

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
	"github.com/adsync/sdk/source"
)

// maxBytes bounds the values of a batch.
const maxBytes = 1 << 20

// Read gives the objects of the file: a snapshot when Expect is set and met,
// else additions and changes only. A cursor is answered with CodeGone, since a
// file gives none; a filter in the scope is not supported. Objects outside the
// scope are given as such where that can be told for sure.
func (s *Source) Read(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		rd := &reading{source: s, request: r, size: orDefault(s.PageSize, 500)}
		source.Pages(ctx, rd.page, rd.close)(yield)
	}
}

// reading is one read: the survey, and then the pass over the objects.
type reading struct {
	source  *Source
	request adsync.ReadRequest
	size    int

	survey    *survey
	pass      *pass
	selection *directory.Selection
	units     directory.Units
	chosen    map[hash16]bool // anchors in the scope's groups; nil for all
	snapshot  bool
	tally     *source.Tally
	reported  map[hash16]bool // anchors whose problem was given
	waiting   []adsync.Change // made, and not given yet
	over      bool
}

func (rd *reading) close() {
	if rd.pass != nil {
		rd.pass.close()
	}
}

func (rd *reading) page(ctx context.Context, _ string) (source.Page, error) {
	if rd.survey == nil {
		if err := rd.begin(ctx); err != nil {
			return source.Page{}, err
		}
	}
	page := source.Page{Snapshot: rd.snapshot}
	for bytes := 0; len(page.Changes) < rd.size && bytes < maxBytes; {
		if err := rd.advance(); err != nil {
			return source.Page{}, err
		}
		if len(rd.waiting) == 0 {
			break
		}
		bytes += sizeOf(rd.waiting[0])
		page.Changes = append(page.Changes, rd.waiting[0])
		rd.waiting = rd.waiting[1:]
	}
	// Whether this is the last page shows only when the next change is looked for.
	if err := rd.advance(); err != nil {
		return source.Page{}, err
	}
	if len(rd.waiting) > 0 {
		page.Token = rd.token()
	} else if rd.snapshot {
		page.Witness = rd.tally.Witness()
	}
	return page, nil
}

// begin checks the request and makes the first pass.
func (rd *reading) begin(ctx context.Context) (err error) {
	s, r := rd.source, rd.request
	if r.Since != "" {
		return adsync.Errorf(adsync.CodeGone, "ldif: a file has no cursors; read it as a whole")
	}
	var scope adsync.Scope
	if r.Scope != nil {
		scope = *r.Scope
	}
	if scope.Filter != "" {
		return adsync.Errorf(adsync.CodeUnsupported, "ldif: a file is not filtered; export what is wanted, or select units or groups")
	}
	if rd.units, err = directory.SelectUnits(scope.Units); err != nil {
		return err
	}
	survey, err := s.survey(ctx, len(scope.Groups) > 0)
	if err != nil {
		return err
	}
	if len(scope.Groups) > 0 {
		if rd.chosen, err = survey.closure(scope.Groups); err != nil {
			return err
		}
		survey.groups = nil
	}
	rd.selection = directory.Select(r.Attributes, directory.References(s.References...), directory.Binaries(s.Binaries...))
	rd.snapshot = !s.Expect.isZero() && survey.unnamed == 0 && len(r.Only) == 0
	rd.tally = source.NewTally("ldif", s.name(), r.Attributes)
	rd.reported = map[hash16]bool{}
	rd.pass, err = s.pass(ctx)
	rd.survey = survey
	return err
}

// advance makes changes of further entries until one waits or the file ends.
func (rd *reading) advance() error {
	for len(rd.waiting) == 0 && !rd.over {
		e, err := rd.pass.next()
		if errors.Is(err, io.EOF) {
			rd.over = true
			return rd.pass.changed(rd.survey.checksum)
		}
		if err != nil {
			return err
		}
		rd.waiting = rd.changes(rd.waiting[:0:0], e)
	}
	return nil
}

func (rd *reading) wanted(kind adsync.Kind, anchor adsync.Anchor) bool {
	r := rd.request
	return (len(r.Kinds) == 0 || slices.Contains(r.Kinds, kind)) && (len(r.Only) == 0 || slices.Contains(r.Only, anchor))
}

// inScope leaves units in, whatever is selected, so that the tree stays whole.
func (rd *reading) inScope(kind adsync.Kind, anchor adsync.Anchor, name directory.DN) bool {
	if kind == adsync.OrganizationalUnit {
		return true
	}
	return rd.units.Contain(name.Parent()) && (rd.chosen == nil || rd.chosen[hashOf(string(anchor))])
}

// sizeOf estimates what a change takes in a batch.
func sizeOf(c adsync.Change) int {
	n := 100
	for name, values := range c.Object.Attrs.All() {
		n += len(name)
		for _, v := range values {
			n += len(v)
		}
	}
	if c.Members != nil {
		n += 40 * len(c.Members.Add)
	}
	return n
}
