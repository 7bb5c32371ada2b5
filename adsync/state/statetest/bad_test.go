package statetest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state/statetest"
)

// faults are stores that are wrong in one way each, and the checks that have
// to notice: those and no others.
var faults = []struct {
	name string
	bend func(ctx context.Context) func(*bent)
	want []string
}{
	{"a lease that all can have", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.acquire = func(owner string, ttl time.Duration) error { return b.State.Acquire(ctx, owner, time.Nanosecond) }
		}
	}, []string{"lease/busy while held"}},
	{"no fence for records", func(ctx context.Context) func(*bent) {
		var holder adsync.State
		return func(b *bent) {
			b.acquire = func(owner string, ttl time.Duration) error {
				if owner == "second" {
					holder = b.State
				}
				return b.State.Acquire(ctx, owner, ttl)
			}
			b.record = func(r adsync.Record) error {
				err := b.State.Record(ctx, r)
				if errors.Is(err, adsync.ErrFenced) {
					return holder.Record(ctx, r)
				}
				return err
			}
		}
	}, []string{"fence/Record"}},
	{"scans in no order", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.scan = func(ctx context.Context, source string, digestsOnly bool) iter.Seq2[adsync.Link, error] {
				return list(ctx, b.State.Scan(ctx, source, digestsOnly), func(l []adsync.Link) []adsync.Link {
					if len(l) == 5 {
						slices.Reverse(l)
					}
					return l
				})
			}
		}
	}, []string{"links/scan order", "anchors/any text"}},
	{"digests forgotten in digest scans", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.scan = func(ctx context.Context, source string, digestsOnly bool) iter.Seq2[adsync.Link, error] {
				return list(ctx, b.State.Scan(ctx, source, digestsOnly), func(l []adsync.Link) []adsync.Link {
					for i := range l {
						if digestsOnly {
							l[i].Digest = adsync.Digest{}
						}
					}
					return l
				})
			}
		}
	}, []string{"links/digests only"}},
	{"instants cut to the second", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.record = func(r adsync.Record) error {
				r.Links = slices.Clone(r.Links)
				for i := range r.Links {
					r.Links[i].Due = r.Links[i].Due.Truncate(time.Second)
				}
				return b.State.Record(ctx, r)
			}
		}
	}, []string{"links/round trip", "links/digests only", "links/due", "values/times are in UTC", "values/far times"}},
	{"find asks for one key only", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.find = func(source string, keys []adsync.LinkKey) ([]adsync.Link, error) {
				return b.State.Find(ctx, source, keys[:min(1, len(keys))])
			}
		}
	}, []string{"links/find order", "links/find a thousand"}},
	{"blank values dropped", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.record = func(r adsync.Record) error {
				r.Links = slices.Clone(r.Links)
				for i := range r.Links {
					a := r.Links[i].Applied.Clone()
					a.Delete("cleared")
					r.Links[i].Applied = a
				}
				return b.State.Record(ctx, r)
			}
		}
	}, []string{"values/blank is not absent"}},
	{"two anchors under one key", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.record = func(r adsync.Record) error {
				for _, l := range r.Links {
					r.Unlinked = append(slices.Clone(r.Unlinked), adsync.LinkRef{Source: l.Source, Key: l.Key})
				}
				return b.State.Record(ctx, r)
			}
		}
	}, []string{"anchors/a collision of keys is an error", "record/all or nothing", "links/count after a record that failed"}},
	{"always the first links for a sample", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.sample = func(source string, n int) (first []adsync.Link, err error) {
				for l, err := range b.State.Scan(ctx, source, false) {
					if err != nil || len(first) >= n {
						return first, err
					}
					first = append(first, l)
				}
				return first, nil
			}
		}
	}, []string{"links/sample", "links/sample of many"}},
	{"a sample that misses what lies close together", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.sample = func(source string, n int) ([]adsync.Link, error) {
				list, err := b.State.Sample(ctx, source, n)
				return slices.DeleteFunc(list, func(l adsync.Link) bool { return l.Key[0] == 0x40 && l.Key[1] == 0 && l.Key[7] != 0 }), err
			}
		}
	}, []string{"links/sample of many"}},
	{"a sample of active links only", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.sample = func(source string, n int) ([]adsync.Link, error) {
				list, err := b.State.Sample(ctx, source, n)
				return slices.DeleteFunc(list, func(l adsync.Link) bool { return l.State != adsync.LinkActive }), err
			}
		}
	}, []string{"links/sample"}},
	{"a number of links that only grows", func(ctx context.Context) func(*bent) {
		counts := map[adsync.Kind]adsync.LinkCount{}
		return func(b *bent) {
			b.record = func(r adsync.Record) error {
				err := b.State.Record(ctx, r)
				for _, l := range r.Links {
					if c := counts[l.Kind]; err == nil {
						c.Add(l.State, 1)
						counts[l.Kind] = c
					}
				}
				return err
			}
			b.count = func() (map[adsync.Kind]adsync.LinkCount, error) { return counts, nil }
		}
	}, []string{"links/count", "links/count of what is written again"}},
	{"a number of links that counts what failed", func(ctx context.Context) func(*bent) {
		failed := 0
		return func(b *bent) {
			b.record = func(r adsync.Record) error {
				err := b.State.Record(ctx, r)
				if err != nil {
					failed += len(r.Links)
				}
				return err
			}
			b.count = func() (map[adsync.Kind]adsync.LinkCount, error) {
				counts, err := b.State.Count(ctx)
				if c, ok := counts[adsync.User]; ok {
					c.Active += failed
					counts[adsync.User] = c
				}
				return counts, err
			}
		}
	}, []string{"links/count after a record that failed"}},
	{"memberships of members in order of groups", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.of = func(source string, members []adsync.LinkKey) iter.Seq2[adsync.Membership, error] {
				return list(ctx, b.State.ScanMembers(ctx, source), func(l []adsync.Membership) []adsync.Membership {
					return slices.DeleteFunc(l, func(m adsync.Membership) bool { return !slices.Contains(members, m.Member) })
				})
			}
		}
	}, []string{"members/of some members", "members/many by member"}},
	{"memberships of the first member only", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.of = func(source string, members []adsync.LinkKey) iter.Seq2[adsync.Membership, error] {
				return b.State.MembershipsOf(ctx, source, members[:min(1, len(members))])
			}
		}
	}, []string{"members/of some members", "members/many by member"}},
	{"the held plan and not what was begun", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.held = func() ([]adsync.RunInfo, error) {
				list, err := b.State.Held(ctx)
				return slices.DeleteFunc(list, func(info adsync.RunInfo) bool { return info.State == adsync.RunApplying }), err
			}
		}
	}, []string{"runs/held"}},
	{"all memberships wait", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.waiting = func(source string) iter.Seq2[adsync.Membership, error] { return b.State.ScanMembers(ctx, source) }
		}
	}, []string{"members/that wait", "members/many by member"}},
	{"unlinking leaves memberships", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.record = func(r adsync.Record) error {
				if len(r.Unlinked) == 1 && len(r.Links)+len(r.Joined) == 0 {
					for m, err := range b.State.ScanMembers(ctx, r.Unlinked[0].Source) {
						if err == nil {
							r.Joined = append(r.Joined, adsync.MembershipOf{Source: r.Unlinked[0].Source, Membership: m})
						}
					}
				}
				return b.State.Record(ctx, r)
			}
		}
	}, []string{"members/unlinking takes them along"}},
	{"waiting members not told apart", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.scanMembers = func(source string) iter.Seq2[adsync.Membership, error] {
				return list(ctx, b.State.ScanMembers(ctx, source), func(l []adsync.Membership) []adsync.Membership {
					for i := range l {
						l[i].Waiting = false
					}
					return l
				})
			}
		}
	}, []string{"members/order", "members/many", "members/unlinking takes them along", "record/removes before it writes"}},
	{"half a record on error", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.record = func(r adsync.Record) error {
				err := b.State.Record(ctx, r)
				if adsync.CodeOf(err) == adsync.CodeConflict {
					err = errors.Join(err, b.State.PutIssues(ctx, r.Issues))
				}
				return err
			}
		}
	}, []string{"record/all or nothing"}},
	{"records in any order", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.record = func(r adsync.Record) error {
				for info, err := range b.State.History(ctx) {
					if err == nil && info.ID == r.Run {
						r.Batch = info.Recorded
					}
				}
				return b.State.Record(ctx, r)
			}
		}
	}, []string{"record/starts where the last ended", "crash/between target and record"}},
	{"planning runs left lying", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.begin = func(started time.Time) (int64, error) {
				for info, err := range b.State.History(ctx) {
					if err == nil && info.State == adsync.RunPlanning {
						info.State = adsync.RunSuperseded
						if err := b.State.Save(ctx, info); err != nil {
							return 0, err
						}
					}
				}
				return b.State.Begin(ctx, started)
			}
		}
	}, []string{"runs/begin drops what was left in planning", "crash/while planning"}},
	{"several held plans", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.save = func(info adsync.RunInfo) error {
				var held []adsync.RunInfo
				for r, err := range b.State.History(ctx) {
					if err == nil && r.State == adsync.RunSealed && r.ID != info.ID && info.State == adsync.RunSealed {
						held = append(held, r)
					}
				}
				err := b.State.Save(ctx, info)
				for _, r := range held {
					r.State = adsync.RunApplying
					err = errors.Join(err, b.State.Save(ctx, r))
				}
				return err
			}
		}
	}, []string{"runs/sealing supersedes", "runs/held"}},
	{"progress overwritten by save", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.save = func(info adsync.RunInfo) error {
				for n := 0; info.State == adsync.RunApplying && n < info.Recorded-1; n++ {
					if err := b.State.Record(ctx, adsync.Record{Run: info.ID, Batch: n + 1}); err != nil {
						return err
					}
				}
				return b.State.Save(ctx, info)
			}
		}
	}, []string{"runs/save leaves the progress alone"}},
	{"cursors moved in a step of their own", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.finish = func(info adsync.RunInfo, sources []adsync.SourceState, keep int) error {
				first := info
				first.State = adsync.RunEnded // what is pending is dropped with the first step
				return errors.Join(b.State.Save(ctx, first), b.State.Finish(ctx, info, sources, keep))
			}
		}
	}, []string{
		"finish/only ended runs", "finish/notes move with the cursor", "finish/removed notes go with the cursor",
		"notes/scan", "notes/many", "notes/many that nobody asks for", "notes/many of a plan that is held", "notes/dropped", "crash/recorded and not finished",
	}},
	{"plans kept for ever", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.finish = func(info adsync.RunInfo, sources []adsync.SourceState, keep int) error {
				return b.State.Finish(ctx, info, sources, 1000)
			}
		}
	}, []string{"finish/old plans are dropped", "finish/old witnesses are dropped", "finish/names go with the plans"}},
	{"the first batch once more", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.batches = func(run int64, from int) iter.Seq2[adsync.PlanBatch, error] {
				return b.State.Batches(ctx, run, min(from, 1))
			}
		}
	}, []string{"plans/batches from a number on"}},
	{"a field of an op lost", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.addBatches = func(run int64, list []adsync.PlanBatch) error {
				list = slices.Clone(list)
				for i := range list {
					list[i].Ops = slices.Clone(list[i].Ops)
					for j := range list[i].Ops {
						list[i].Ops[j].Part = 0
					}
				}
				return b.State.AddBatches(ctx, run, list)
			}
		}
	}, []string{"plans/round trip"}},
	{"since made new", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.putIssues = func(issues []adsync.Issue) error {
				for _, i := range issues {
					if err := b.State.Resolve(ctx, []adsync.IssueRef{{Source: i.Source, Anchor: i.Anchor, Code: i.Code}}); err != nil {
						return err
					}
				}
				return b.State.PutIssues(ctx, issues)
			}
		}
	}, []string{"issues/since is kept"}},
	{"all codes resolved for one", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.resolve = func(refs []adsync.IssueRef) error {
				refs = slices.Clone(refs)
				for i := range refs {
					refs[i].Code = ""
				}
				return b.State.Resolve(ctx, refs)
			}
		}
	}, []string{"issues/resolve"}},
	{"a new secret each time", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			n := byte(0)
			b.secret = func() ([]byte, error) {
				n++
				return append(make([]byte, 31), n), nil
			}
		}
	}, []string{"store/secret"}},
	{"one room of notes for all sources", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.notes = func(_ string, run int64) adsync.Notes { return b.State.Notes("ad", run) }
		}
	}, []string{"finish/notes move with the cursor", "notes/visible at once to their run", "notes/many that nobody asks for", "notes/dropped"}},
	{"notes that nobody can drop", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.dropNotes = func(_ string, run int64) error { return b.State.DropNotes(ctx, "nobody", run) }
		}
	}, []string{"notes/dropped"}},
	{"the notes of all sources dropped for one", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.dropNotes = func(_ string, run int64) error {
				return errors.Join(b.State.DropNotes(ctx, "ad", run), b.State.DropNotes(ctx, "hr", run))
			}
		}
	}, []string{"notes/dropped"}},
	{"lasting notes dropped with the pending ones", func(ctx context.Context) func(*bent) {
		return func(b *bent) {
			b.dropNotes = func(source string, run int64) error {
				err := b.State.DropNotes(ctx, source, run)
				for note := range b.State.Notes(source, run).Scan(ctx, "") {
					err = errors.Join(err, b.State.Notes(source, run).Put(ctx, note.Name, ""))
				}
				return err
			}
		}
	}, []string{"notes/dropped"}},
}

func TestTheKitFindsEachFaultAndNoOther(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var failed []string
			for _, c := range statetest.Checks() {
				ctx := t.Context()
				store := &bentStore{adsync.NewMemoryState(), f.bend(ctx)}
				if wrong := c.Try(ctx, store, nil); len(wrong) > 0 {
					failed = append(failed, c.Name)
				}
			}
			require.ElementsMatch(t, f.want, failed)
		})
	}
}

func TestAGoodStorePassesOutsideATest(t *testing.T) {
	for _, c := range statetest.Checks() {
		require.Empty(t, c.Try(t.Context(), adsync.NewMemoryState(), nil), c.Name)
	}
}
