package ldap

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
)

// attempt is what asking one controller came to.
type attempt struct {
	to  controller
	err error
}

// String says who was asked, and what came of it.
func (a attempt) String() string {
	return a.to.address() + ": " + strings.TrimSuffix(strings.TrimPrefix(a.err.Error(), "ldap: "), ".")
}

// maxRounds is how often the controllers are gone through before a read begins.
const maxRounds = 3

// firstPause is the wait before the second round; the next is twice as long.
var firstPause = time.Second

// connect finds a controller that answers and that is ready, in the order of
// controllers. Only one that does not answer sends it to the next: refused
// credentials are refused everywhere, and asking again would lock the account.
// Once a read has begun it stays where it is.
func (s *Source) connect(ctx context.Context, preferred string, ready func(context.Context, *conn) error) (*conn, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	var list []controller
	began := time.Now()
	for round := 1; ; round++ {
		c, err := s.connectOnce(ctx, &list, preferred, ready)
		switch {
		case err == nil:
			return c, nil
		case ctx.Err() != nil:
			return nil, ended(ctx, "connecting")
		case adsync.CodeOf(err) != adsync.CodeUnavailable:
			return nil, err
		}
		// Waiting out dead hosts once is enough; what refuses at once may be starting.
		if round == maxRounds || time.Since(began) > s.dialTimeout() {
			return nil, err
		}
		if !sleep(ctx, jitter(doubled(firstPause, round, s.dialTimeout()))) {
			return nil, ended(ctx, "connecting")
		}
	}
}

// connectOnce goes through the controllers once. It makes the list of them when
// there is none yet.
func (s *Source) connectOnce(ctx context.Context, list *[]controller, preferred string, ready func(context.Context, *conn) error) (c *conn, err error) {
	if len(*list) == 0 {
		if *list, err = s.controllers(ctx, preferred); err != nil {
			return nil, err
		}
	}
	var tried []attempt
	for _, to := range *list {
		c, err := s.try(ctx, to, preferred == "", ready)
		switch {
		case err == nil:
			c.before = tried
			return c, nil
		case errors.Is(err, errOtherSite):
			*list = nil
			return s.connectOnce(ctx, list, preferred, ready)
		case ctx.Err() != nil || !tryNext(err):
			return nil, err
		}
		s.memory.failed(to, time.Now())
		tried = append(tried, attempt{to, err})
	}
	return nil, s.unanswered(tried)
}

// errOtherSite: a controller told us our site, and is of another.
var errOtherSite = errors.New("ldap: the controller is of another site")

// try connects to one controller and sees that it is ready. free says that we are
// bound to none by an earlier run.
func (s *Source) try(ctx context.Context, to controller, free bool, ready func(context.Context, *conn) error) (*conn, error) {
	c, err := s.connectTo(ctx, to)
	if err != nil {
		return nil, err
	}
	if s.learnSite(ctx, c) && free {
		c.close()
		return nil, errOtherSite
	}
	if err := ready(ctx, c); err != nil {
		c.close()
		return nil, err
	}
	s.memory.answered(c.at)
	return c, nil
}

func tryNext(err error) bool {
	code := adsync.CodeOf(err)
	return code == adsync.CodeUnavailable || code == adsync.CodeUnauthenticated && protection.RefusedCredentials.Removed()
}

// unanswered says what was tried, in which order, and what to do.
func (s *Source) unanswered(tried []attempt) error {
	if len(tried) == 1 && s.Domain == "" {
		return tried[0].err
	}
	var b strings.Builder
	for i, a := range tried {
		fmt.Fprintf(&b, " %d. %s.", i+1, a)
	}
	whose := "these servers"
	if s.Domain != "" {
		whose = "the controllers of " + s.Domain
	}
	return &adsync.Error{Code: adsync.CodeUnavailable, Err: &unansweredError{
		text: fmt.Sprintf("ldap: none of %s can be read; tried, in this order:%s Nothing was read; once one of them can be read, the next run goes on where the last one ended", whose, b.String()),
		why:  tried,
	}}
}

// passedOver says, for the report, why this controller is read and not one before
// it.
func (c *conn) passedOver() (lines []string) {
	for _, a := range c.before {
		lines = append(lines, "not read from "+a.String())
	}
	return lines
}

// unansweredError keeps the causes for errors.Is and errors.As.
type unansweredError struct {
	text string
	why  []attempt
}

func (e *unansweredError) Error() string { return e.text }

func (e *unansweredError) Unwrap() []error {
	list := make([]error, len(e.why))
	for i, a := range e.why {
		list[i] = a.err
	}
	return list
}

// sleep waits, and gives false when the context ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
