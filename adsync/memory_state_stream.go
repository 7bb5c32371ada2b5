package adsync

import (
	"context"
	"iter"
	"time"
)

// stream gives what load finds, one copy at a time. Nothing is loaded before
// the consumer asks; a context cancelled on the way is an error.
func stream[T any](ctx context.Context, load func() ([]T, error), clone func(T) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		list, err := load()
		for _, item := range list {
			if err = ctx.Err(); err != nil {
				break
			}
			if !yield(clone(item), nil) {
				return
			}
		}
		if err != nil {
			yield(none, err)
		}
	}
}

// plainTime is the instant as a durable store gives it back: in UTC and
// without the reading of the monotonic clock.
func plainTime(t time.Time) time.Time { return t.Round(0).UTC() }
