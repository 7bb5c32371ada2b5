package localdb

import (
	"context"
	"fmt"
	"iter"

	"github.com/adsync/sdk/adsync"
)

// pageSize is how many rows are held at a time.
const pageSize = 1000

// List gives the objects of a kind in the order of their keys, page by page:
// between pages nothing is held, and others may write.
func (s *Sink) List(ctx context.Context, kind adsync.Kind) iter.Seq2[adsync.Target, error] {
	return func(yield func(adsync.Target, error) bool) {
		l := s.layouts[kind]
		if l == nil {
			yield(adsync.Target{}, adsync.Errorf(adsync.CodeUnsupported, "localdb: there is no table for %s", kind))
			return
		}
		last, more := "", true
		for more {
			var page []adsync.Target
			err := s.with(ctx, func(db *session) (err error) {
				page, last, err = l.page(db, last)
				return err
			})
			if more = len(page) > 0; !give(ctx, page, err, yield) {
				return
			}
		}
	}
}

// give hands a page on. It tells whether the list goes on.
func give(ctx context.Context, page []adsync.Target, err error, yield func(adsync.Target, error) bool) bool {
	for _, t := range page {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			break
		}
		if !yield(t, nil) {
			return false
		}
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		yield(adsync.Target{}, fmt.Errorf("localdb: the list was cut short: %w", err))
		return false
	}
	return true
}

// page gives the rows that follow a key, and the last one's key.
func (l *layout) page(db *session, after string) ([]adsync.Target, string, error) {
	condition, args := "1 = 1", []any{}
	if after != "" {
		condition, args = l.key+" > $1", []any{after}
	}
	page, err := l.targets(db, fmt.Sprintf("%s ORDER BY %s LIMIT %d", condition, l.key, pageSize), args...)
	if err != nil {
		return nil, after, db.broken(err)
	}
	if len(page) > 0 {
		after, _ = l.keyOf(page[len(page)-1].ID)
	}
	return page, after, nil
}

// pages goes through the whole table until do says no.
func (l *layout) pages(ctx context.Context, db *session, do func([]adsync.Target) bool) error {
	last := ""
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("localdb: the search was cut short: %w", err)
		}
		page, after, err := l.page(db, last)
		if err != nil || len(page) == 0 || !do(page) {
			return err
		}
		last = after
	}
}
