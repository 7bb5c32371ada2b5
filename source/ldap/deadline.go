package ldap

import (
	"context"
	"errors"
	"time"

	"github.com/adsync/sdk/adsync"
)

// errReadTimeout is the cause of a context that ReadTimeout ended.
var errReadTimeout = errors.New("the read took longer than ReadTimeout")

// withinReadTimeout bounds a whole read: a server that gives a little, and then
// a little more, keeps within every bound of a page.
func (s *Source) withinReadTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.readTimeout(), errReadTimeout)
}

// ended says why a context ended while something was done.
func ended(ctx context.Context, doing string) error {
	if cause := context.Cause(ctx); errors.Is(cause, errReadTimeout) {
		return adsync.Errorf(adsync.CodeUnavailable, "ldap: %s: %w, and nothing of it counts; see why the server is slow, raise ReadTimeout, or read less by narrowing BaseDNs", doing, cause)
	}
	return adsync.Errorf(adsync.CodeIncomplete, "ldap: %s was cancelled: %w", doing, ctx.Err())
}

func (s *Source) readTimeout() time.Duration {
	if s.ReadTimeout > 0 {
		return s.ReadTimeout
	}
	return 6 * time.Hour
}
