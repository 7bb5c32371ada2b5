package statetest_test

import (
	"context"
	"iter"
	"time"

	"github.com/adsync/sdk/adsync"
)

// bent is a good state with some methods replaced.
type bent struct {
	adsync.State
	scan        func(ctx context.Context, source string, digestsOnly bool) iter.Seq2[adsync.Link, error]
	find        func(source string, keys []adsync.LinkKey) ([]adsync.Link, error)
	acquire     func(owner string, ttl time.Duration) error
	begin       func(started time.Time) (int64, error)
	save        func(adsync.RunInfo) error
	finish      func(adsync.RunInfo, []adsync.SourceState, int) error
	addBatches  func(int64, []adsync.PlanBatch) error
	batches     func(int64, int) iter.Seq2[adsync.PlanBatch, error]
	record      func(adsync.Record) error
	putIssues   func([]adsync.Issue) error
	resolve     func([]adsync.IssueRef) error
	secret      func() ([]byte, error)
	notes       func(string, int64) adsync.Notes
	dropNotes   func(string, int64) error
	scanMembers func(string) iter.Seq2[adsync.Membership, error]
	sample      func(string, int) ([]adsync.Link, error)
	count       func() (map[adsync.Kind]adsync.LinkCount, error)
	of          func(string, []adsync.LinkKey) iter.Seq2[adsync.Membership, error]
	held        func() ([]adsync.RunInfo, error)
	waiting     func(string) iter.Seq2[adsync.Membership, error]
}

func (b *bent) Scan(ctx context.Context, source string, digestsOnly bool) iter.Seq2[adsync.Link, error] {
	if b.scan == nil || ctx.Err() != nil {
		return b.State.Scan(ctx, source, digestsOnly)
	}
	return b.scan(ctx, source, digestsOnly)
}

func (b *bent) Find(ctx context.Context, source string, keys []adsync.LinkKey) ([]adsync.Link, error) {
	if b.find == nil || ctx.Err() != nil {
		return b.State.Find(ctx, source, keys)
	}
	return b.find(source, keys)
}

func (b *bent) Acquire(ctx context.Context, owner string, ttl time.Duration) error {
	if b.acquire == nil {
		return b.State.Acquire(ctx, owner, ttl)
	}
	return b.acquire(owner, ttl)
}

func (b *bent) Begin(ctx context.Context, started time.Time) (int64, error) {
	if b.begin == nil || ctx.Err() != nil {
		return b.State.Begin(ctx, started)
	}
	return b.begin(started)
}

func (b *bent) Save(ctx context.Context, info adsync.RunInfo) error {
	if b.save == nil || ctx.Err() != nil {
		return b.State.Save(ctx, info)
	}
	return b.save(info)
}

func (b *bent) Finish(ctx context.Context, info adsync.RunInfo, sources []adsync.SourceState, keep int) error {
	if b.finish == nil || ctx.Err() != nil {
		return b.State.Finish(ctx, info, sources, keep)
	}
	return b.finish(info, sources, keep)
}

func (b *bent) AddBatches(ctx context.Context, run int64, list []adsync.PlanBatch) error {
	if b.addBatches == nil || ctx.Err() != nil {
		return b.State.AddBatches(ctx, run, list)
	}
	return b.addBatches(run, list)
}

func (b *bent) Batches(ctx context.Context, run int64, from int) iter.Seq2[adsync.PlanBatch, error] {
	if b.batches == nil || ctx.Err() != nil {
		return b.State.Batches(ctx, run, from)
	}
	return b.batches(run, from)
}

func (b *bent) Record(ctx context.Context, r adsync.Record) error {
	if b.record == nil || ctx.Err() != nil {
		return b.State.Record(ctx, r)
	}
	return b.record(r)
}

func (b *bent) PutIssues(ctx context.Context, issues []adsync.Issue) error {
	if b.putIssues == nil || ctx.Err() != nil {
		return b.State.PutIssues(ctx, issues)
	}
	return b.putIssues(issues)
}

func (b *bent) Resolve(ctx context.Context, refs []adsync.IssueRef) error {
	if b.resolve == nil || ctx.Err() != nil {
		return b.State.Resolve(ctx, refs)
	}
	return b.resolve(refs)
}

func (b *bent) Secret(ctx context.Context) ([]byte, error) {
	if b.secret == nil || ctx.Err() != nil {
		return b.State.Secret(ctx)
	}
	return b.secret()
}

func (b *bent) Notes(source string, run int64) adsync.Notes {
	if b.notes == nil {
		return b.State.Notes(source, run)
	}
	return b.notes(source, run)
}

func (b *bent) DropNotes(ctx context.Context, source string, run int64) error {
	if b.dropNotes == nil || ctx.Err() != nil {
		return b.State.DropNotes(ctx, source, run)
	}
	return b.dropNotes(source, run)
}

func (b *bent) ScanMembers(ctx context.Context, source string) iter.Seq2[adsync.Membership, error] {
	if b.scanMembers == nil || ctx.Err() != nil {
		return b.State.ScanMembers(ctx, source)
	}
	return b.scanMembers(source)
}

func (b *bent) Sample(ctx context.Context, source string, n int) ([]adsync.Link, error) {
	if b.sample == nil || ctx.Err() != nil {
		return b.State.Sample(ctx, source, n)
	}
	return b.sample(source, n)
}

func (b *bent) Count(ctx context.Context) (map[adsync.Kind]adsync.LinkCount, error) {
	if b.count == nil || ctx.Err() != nil {
		return b.State.Count(ctx)
	}
	return b.count()
}

func (b *bent) Held(ctx context.Context) ([]adsync.RunInfo, error) {
	if b.held == nil || ctx.Err() != nil {
		return b.State.Held(ctx)
	}
	return b.held()
}

func (b *bent) MembershipsOf(ctx context.Context, source string, members []adsync.LinkKey) iter.Seq2[adsync.Membership, error] {
	if b.of == nil || ctx.Err() != nil {
		return b.State.MembershipsOf(ctx, source, members)
	}
	return b.of(source, members)
}

func (b *bent) WaitingMembers(ctx context.Context, source string) iter.Seq2[adsync.Membership, error] {
	if b.waiting == nil || ctx.Err() != nil {
		return b.State.WaitingMembers(ctx, source)
	}
	return b.waiting(source)
}

// bentStore bends every handle it gives.
type bentStore struct {
	adsync.StateStore
	bend func(*bent)
}

func (s *bentStore) Open(ctx context.Context, target string) (adsync.State, error) {
	st, err := s.StateStore.Open(ctx, target)
	if err != nil {
		return nil, err
	}
	b := &bent{State: st}
	s.bend(b)
	return b, nil
}

// list gives a changed stream.
func list[T any](ctx context.Context, stream iter.Seq2[T, error], change func([]T) []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var all []T
		for item, err := range stream {
			if err != nil {
				yield(item, err)
				return
			}
			all = append(all, item)
		}
		for _, item := range change(all) {
			err := ctx.Err()
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}
