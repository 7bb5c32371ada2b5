package simtest_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/simtest"
)

// staffOffice is a vendor's source: it lists everybody, whom the directory of the
// world shows, each time it is asked.
type staffOffice struct{ directory *simtest.Directory }

func (s staffOffice) Read(_ context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		if r.Since != "" || len(r.Only) > 0 {
			yield(adsync.Batch{}, adsync.Errorf(adsync.CodeUnsupported, "the staff office lists everybody, and nothing else"))
			return
		}
		batch := adsync.Batch{Snapshot: true, Done: true, Witness: &adsync.Witness{Attributes: map[string]int{}}}
		objects := map[string]int{}
		for _, e := range s.directory.Shown() {
			batch.Changes = append(batch.Changes, changeOf(e))
			objects[e.Unit]++
			for name, values := range e.Attrs.All() {
				batch.Witness.Attributes[name] += min(1, len(values))
			}
		}
		// The witness counts every unit, those that show nothing too: that is how
		// a unit that was lost is told from one that people left.
		for _, unit := range s.directory.Units() {
			batch.Witness.Bases = append(batch.Witness.Bases, adsync.BaseWitness{Name: unit, Readable: true, Objects: objects[unit]})
		}
		yield(batch, nil)
	}
}

func changeOf(e simtest.Entry) adsync.Change {
	switch {
	case e.Unreadable: // it is there, and must not count as gone
		return adsync.Change{Object: e.Object, Problem: errors.New("the file is damaged")}
	case e.Kind == adsync.Group:
		return adsync.Change{Object: e.Object, Members: &adsync.MemberChange{Reset: true, Add: e.Members}}
	}
	return adsync.Change{Object: e.Object}
}

func newStaffOffice(_ *simtest.World, d *simtest.Directory) adsync.Source { return staffOffice{d} }

// A source of one's own, over the made-up directory.
func ExampleRun_source() {
	var t *testing.T // the test's own

	simtest.Run(t, simtest.Options{Seeds: 60, Source: newStaffOffice})
}
