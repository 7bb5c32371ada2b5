package ldap

import (
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap/internal/ber"
	"github.com/adsync/sdk/source/ldap/internal/wire"
)

// slow is a connection on which a read that is woken gives bytes all the same.
type slow struct {
	net.Conn
	woken chan struct{}
	gives int
}

func (s *slow) Read([]byte) (int, error) {
	<-s.woken
	return s.gives, os.ErrDeadlineExceeded
}

func (s *slow) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		close(s.woken)
	}
	return nil
}

// The connection changes hands when nobody reads any more, and not at all when
// the one who had it took something along. Red when giveBack does not wait, or
// does not look.
func TestAConnectionChangesHandsBetweenMessages(t *testing.T) {
	for gives, want := range map[int]error{0: nil, 3: errStrayed} {
		l := &loan{Conn: &slow{woken: make(chan struct{}), gives: gives}}
		var reading sync.WaitGroup
		begun := make(chan struct{})
		reading.Go(func() {
			close(begun)
			n, err := l.Read(make([]byte, 10))
			if n > 0 {
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			}
		})
		<-begun
		for l.reading.TryLock() { // until it waits
			runtime.Gosched()
			l.reading.Unlock()
		}
		require.NoError(t, l.Close())
		require.ErrorIs(t, l.giveBack(), want)
		reading.Wait()
		_, err := l.Read(make([]byte, 10))
		require.ErrorIs(t, err, net.ErrClosed, "and go-ldap reads no more")
	}
}

func TestErrorsOfOurOwnReaderSayWhatToDo(t *testing.T) {
	err := explain("dc1", "searching DC=x", &wire.Disconnected{Code: 52, Text: "going down"})
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	require.ErrorContains(t, err, "going down")
	_, err = ber.NewReader(ends("HTTP/1.1 400"), 100).Next()
	err = explain("dc1", "searching DC=x", err)
	require.Equal(t, adsync.CodeUnavailable, adsync.CodeOf(err))
	require.ErrorContains(t, err, "does not speak LDAP")
	require.ErrorIs(t, ownFault(wire.ErrTooLarge), errPageTooLarge)
}

type ends string

func (e ends) Read(p []byte) (int, error) { return copy(p, e), nil }
