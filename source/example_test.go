package source_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source"
	"github.com/adsync/sdk/source/sourcetest"
)

// StaffOffice is a whole source of one's own: a staff office that lists people
// by the number of their last change, three at a time.
type StaffOffice struct {
	people  []adsync.Object // in order of their last change
	changes []int
}

var _ adsync.Source = (*StaffOffice)(nil)

// Read gives everybody, or, since a cursor, those who changed after it.
func (s *StaffOffice) Read(ctx context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return source.Pages(ctx, func(_ context.Context, token string) (source.Page, error) {
		if r.Scope != nil || len(r.Only) > 0 {
			return source.Page{}, adsync.Errorf(adsync.CodeUnsupported, "the staff office selects nobody; leave the scope empty")
		}
		since, err := strconv.Atoi("0" + string(r.Since))
		if err != nil || since > s.last() {
			return source.Page{}, adsync.Errorf(adsync.CodeGone, "the staff office does not know the cursor")
		}
		return s.page(r, since, len(token)), nil
	})
}

func (s *StaffOffice) page(r adsync.ReadRequest, since, from int) source.Page {
	page := source.Page{Snapshot: r.Since == "", Next: adsync.Cursor(strconv.Itoa(s.last()))}
	wanted := len(r.Kinds) == 0 || slices.Contains(r.Kinds, adsync.User)
	for i, o := range s.people {
		if !wanted || s.changes[i] <= since || i < from {
			continue
		}
		if len(page.Changes) == 3 {
			page.Token, page.Next = fmt.Sprintf("%*s", i, ""), ""
			break
		}
		page.Changes = append(page.Changes, adsync.Change{Object: only(o, r.Attributes)})
	}
	return page
}

func (s *StaffOffice) last() int { return s.changes[len(s.changes)-1] }

// only leaves out what was not asked for.
func only(o adsync.Object, names []string) adsync.Object {
	var asked adsync.Attributes
	for _, name := range names {
		if o.Attrs.Has(name) {
			asked.Set(name, o.Attrs.Values(name)...)
		}
	}
	o.Attrs = asked
	return o
}

func office() *StaffOffice {
	s := &StaffOffice{}
	for n, name := range []string{"Ada", "Grace", "Emmy", "Lise", "Rosalind", "Hedy", "Mary"} {
		o := adsync.Object{Kind: adsync.User, Anchor: adsync.Anchor(fmt.Sprint("staff-", n))}
		o.Attrs.Set("givenName", name)
		s.people, s.changes = append(s.people, o), append(s.changes, 10+n)
	}
	return s
}

func TestTheExampleKeepsTheContract(t *testing.T) {
	sourcetest.Run(t, func(*testing.T) adsync.Source { return office() }, sourcetest.Attributes("givenName"))
}

// A source that answers page by page, with a cursor for the next read. It is
// proved by sourcetest.Run(t, func(*testing.T) adsync.Source { return office() },
// sourcetest.Attributes("givenName")).
func ExamplePages_cursor() {
	for _, since := range []adsync.Cursor{"", "14"} {
		request := adsync.ReadRequest{Since: since, Attributes: []string{"givenName"}}
		for batch, err := range office().Read(context.Background(), request) {
			for _, c := range batch.Changes {
				fmt.Print(c.Object.Attrs.Get("givenName"), " ")
			}
			fmt.Println(batch.Snapshot, batch.Done, batch.Next, err)
		}
	}
	// Output:
	// Ada Grace Emmy true false  <nil>
	// Lise Rosalind Hedy true false  <nil>
	// Mary true true 16 <nil>
	// Hedy Mary false true 16 <nil>
}

// A tally counts what a read gave, for the witness by which the engine judges
// whether a smaller directory is true.
func ExampleTally() {
	tally := source.NewTally("sync@example.com", "staff", []string{"givenName", "sn"})
	for _, o := range office().people {
		tally.Count(o)
	}
	witness := tally.Witness()
	fmt.Println(witness.Bases[0].Name, witness.Bases[0].Objects, witness.Attributes["givenname"], witness.Attributes["sn"])
	// Output:
	// staff 7 7 0
}
