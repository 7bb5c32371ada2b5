package wire

import (
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

// piped is a connection in made-up time: whoever writes waits for the reader.
func piped(t *testing.T, limits Limits, serve func(*peer)) *Conn {
	here, there := net.Pipe()
	c := New(here, limits)
	c.last = 0
	var served sync.WaitGroup
	served.Go(func() { serve(&peer{t, there}) })
	t.Cleanup(func() {
		there.Close()
		c.Close()
		served.Wait()
	})
	return c
}

// Red when the deadline is not set, or is not that of the request's sending.
func TestAServerThatDoesNotAnswerInTime(t *testing.T) {
	for _, ahead := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c := piped(t, Limits{Time: time.Minute, Bytes: 1 << 20}, func(p *peer) {
				id, _ := p.asked()
				for range 3 {
					time.Sleep(25 * time.Second)
					if _, err := p.Write(message(id, entry("cn=a"))); err != nil {
						return
					}
				}
			})
			start := time.Now()
			r := search(t, c)
			if ahead {
				r.Ahead()
			}
			answer, err := r.Wait(t.Context())
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			require.Empty(t, answer)
			require.Equal(t, time.Minute, time.Since(start), "whatever came meanwhile")
		})
	}
}

// A request that waited long does not shorten the time of a later one, and a
// deadline is not felt when nothing is asked.
func TestEachRequestHasItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := piped(t, Limits{Time: time.Minute, Bytes: 1 << 20}, func(p *peer) {
			for range 3 {
				id, _ := p.asked()
				time.Sleep(50 * time.Second)
				p.done(id)
			}
		})
		for range 3 {
			r := search(t, c)
			r.Ahead()
			time.Sleep(time.Hour)
			_, err := r.Wait(t.Context())
			require.NoError(t, err)
		}
	})
}

// The first of two deadlines holds, also when the later request is waited for.
func TestTheFirstDeadlineHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := piped(t, Limits{Time: time.Minute, Bytes: 1 << 20}, func(p *peer) {
			p.asked()
			p.asked()
		})
		start := time.Now()
		first := search(t, c)
		first.Ahead()
		time.Sleep(30 * time.Second)
		_, err := search(t, c).Wait(t.Context())
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(start))
	})
}

// A request that was given up leaves its deadline behind.
func TestAnAbandonedRequestIsNotOverdue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := piped(t, Limits{Time: time.Minute, Bytes: 1 << 20}, func(p *peer) {
			p.asked()
			p.asked() // to abandon it
			id, _ := p.asked()
			time.Sleep(45 * time.Second)
			p.done(id)
		})
		first := search(t, c)
		first.Ahead()
		time.Sleep(30 * time.Second)
		first.Abandon()
		_, err := search(t, c).Wait(t.Context())
		require.NoError(t, err)
	})
}

// The deadline of a request that was answered is not felt by another that is
// still waited for.
func TestAnAnsweredRequestTakesItsDeadlineWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := piped(t, Limits{Time: time.Minute, Bytes: 1 << 20}, func(p *peer) {
			first, _ := p.asked()
			second, _ := p.asked()
			p.done(first)
			time.Sleep(45 * time.Second)
			p.done(second)
		})
		first := search(t, c)
		time.Sleep(30 * time.Second)
		_, err := search(t, c).Wait(t.Context())
		require.NoError(t, err)
		_, err = first.Wait(t.Context())
		require.NoError(t, err)
	})
}

// early wakes its first reader before any deadline, as happens when a deadline
// was moved while it passed.
type early struct {
	net.Conn
	once sync.Once
}

func (e *early) Read(p []byte) (n int, err error) {
	e.once.Do(func() { err = os.ErrDeadlineExceeded })
	if err != nil {
		return 0, err
	}
	return e.Conn.Read(p)
}

func TestADeadlineThatIsNobodysIsPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := piped(t, Limits{Time: time.Minute, Bytes: 1 << 20}, func(p *peer) {
			id, _ := p.asked()
			p.done(id)
		})
		c.socket = &early{Conn: c.socket}
		c.reader = ber.NewReader(c.socket, 1<<20)
		_, err := search(t, c).Wait(t.Context())
		require.NoError(t, err)
	})
}

// A stream is bounded by the message, in time and in size.
func TestAStreamMayBeLargerThanItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := piped(t, Limits{Time: time.Minute, Bytes: 2 << 10}, func(p *peer) {
			id, _ := p.asked()
			for range 8 {
				_, _ = p.Write(big(id))
				time.Sleep(50 * time.Second)
			}
		})
		r, err := c.Stream(everybody(t))
		require.NoError(t, err)
		seen := 0
		_, err = r.Each(t.Context(), func(Event) error {
			seen++
			return nil
		})
		require.Equal(t, 8, seen)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded, "the end never came")
	})
}
