package scenario

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/adsync/sdk/adsync"
)

// diary is what a source that tells its changes remembers of them.
type diary struct {
	tells   bool // reads after the first show changes only
	sweeps  bool // and name everybody who is still there; nothing else tells who is not
	last    int
	changed map[adsync.Anchor]int
	gone    map[adsync.Anchor]adsync.Kind
}

func newDiary() diary {
	return diary{changed: map[adsync.Anchor]int{}, gone: map[adsync.Anchor]adsync.Kind{}}
}

func (d *diary) note(a adsync.Anchor) {
	d.last++
	d.changed[a] = d.last
}

// doChanges makes a source tell its changes: deletions by name, or, with sweep,
// by naming all who are left.
func (w *world) doChanges(args, _ []string) (string, error) {
	if len(args) == 0 || len(args) > 1 && args[1] != "sweep" {
		return "", errors.New("changes SOURCE [sweep]")
	}
	d := w.source(args[0])
	d.diary.tells, d.diary.sweeps = true, len(args) > 1
	return ok, nil
}

func (d *directory) cursor() adsync.Cursor { return adsync.Cursor(strconv.Itoa(d.diary.last)) }

// readChanges reads what changed since a cursor, two at a time.
func (d *directory) readChanges(_ context.Context, r adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		since, err := strconv.Atoi(string(r.Since))
		if d.fault.resync || err != nil {
			yield(adsync.Batch{}, adsync.Errorf(adsync.CodeGone, "410 Gone, SyncStateNotFound"))
			return
		}
		batches := d.changedSince(since)
		left := d.fault.cut
		for _, b := range batches {
			if left >= 0 && len(b.Seen)+len(b.Changes) > left {
				if d.fault.err != nil {
					yield(adsync.Batch{}, d.fault.err)
				}
				return
			}
			if left -= len(b.Seen) + len(b.Changes); d.fault.cut < 0 {
				left = -1
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

func (d *directory) changedSince(since int) (batches []adsync.Batch) {
	var changes []adsync.Change
	for a, kind := range d.diary.gone {
		if d.diary.changed[a] > since && !d.diary.sweeps {
			changes = append(changes, adsync.Change{Object: adsync.Object{Kind: kind, Anchor: a}, Presence: adsync.Deleted})
		}
	}
	for _, a := range d.order {
		if d.diary.changed[a] > since {
			c := adsync.Change{Object: d.objects[a]}
			if c.Object.Kind == adsync.Group {
				c.Members = &adsync.MemberChange{Reset: true, Add: d.members[a]}
			}
			changes = append(changes, c)
		}
	}
	slices.SortFunc(changes, func(a, b adsync.Change) int {
		return d.diary.changed[a.Object.Anchor] - d.diary.changed[b.Object.Anchor]
	})
	for part := range slices.Chunk(changes, 2) {
		batches = append(batches, adsync.Batch{Changes: part, Sweep: d.diary.sweeps})
	}
	if d.diary.sweeps {
		for part := range slices.Chunk(d.order, 2) {
			batches = append(batches, adsync.Batch{Seen: part, Sweep: true})
		}
	}
	return append(batches, adsync.Batch{Sweep: d.diary.sweeps, Done: true, Next: d.cursor()})
}

// never tells of somebody's deletion whom the source has never shown.
func (d *directory) never(a adsync.Anchor) error {
	if _, known := d.objects[a]; known {
		return fmt.Errorf("the source %s has this object", d.name)
	}
	d.diary.note(a)
	d.diary.gone[a] = adsync.User
	return nil
}
