package adsync

import (
	"context"
	"fmt"
	"time"

	"github.com/adsync/sdk/internal/protection"
)

// holds tells whether this handle may write. A lease that ran out and that
// nobody took since is still good.
func (s *memoryState) holds() bool { return s.fence != 0 && s.fence == s.t.fence }

// Acquire takes the lease and raises the fence.
func (s *memoryState) Acquire(ctx context.Context, owner string, ttl time.Duration) error {
	return s.change(ctx, func(t *memoryTarget) error {
		now := time.Now()
		if t.owner != "" && !s.holds() && now.Before(t.until) && !protection.Lease.Removed() {
			return fmt.Errorf("%w: %s holds it until %s", ErrBusy, t.owner, t.until.UTC().Format(time.RFC3339))
		}
		t.fence++
		t.owner, t.until = owner, now.Add(ttl)
		if owner == "" {
			t.owner = "unnamed"
		}
		s.fence = t.fence
		return nil
	})
}

// Renew extends the lease.
func (s *memoryState) Renew(ctx context.Context, ttl time.Duration) error {
	return s.write(ctx, func(t *memoryTarget) error {
		t.until = time.Now().Add(ttl)
		return nil
	})
}

// Release gives the lease up.
func (s *memoryState) Release(ctx context.Context) error {
	return s.change(ctx, func(*memoryTarget) error {
		s.release()
		return nil
	})
}

func (s *memoryState) release() {
	if s.holds() {
		s.t.owner = ""
	}
	s.fence = 0
}
