package ldap

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// While a batch is taken the next one is made, and no more; who leaves early
// leaves nothing behind.
func TestOneBatchIsMadeAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made, stopped, ended := 0, false, false
		taken := 0
		ahead(func(hand emit) {
			defer func() { ended = true }()
			for range 10 {
				if made++; !hand(adsync.Batch{}, nil) {
					time.Sleep(time.Second)
					return
				}
			}
		}, func() { stopped = true }, func(adsync.Batch, error) bool {
			synctest.Wait()
			taken++
			require.Equal(t, taken+1, made)
			return taken < 4
		})
		require.True(t, stopped)
		require.True(t, ended, "red when nobody waits for the read")
	})
}

// A batch stays as it is until the next is asked for.
//
// Red when flush uses the slices of the batch that it has just handed on.
func TestABatchIsWholeWhileTheNextIsMade(t *testing.T) {
	n := 0
	ahead(func(hand emit) {
		b := &batches{yield: hand, max: 2}
		for i := range 9 {
			require.NoError(t, b.add(adsync.Change{Object: adsync.Object{Anchor: adsync.Anchor(rune('a' + i))}}))
		}
		b.done(nil, "", nil)
	}, func() {}, func(b adsync.Batch, _ error) bool {
		time.Sleep(time.Millisecond)
		for i := range b.Changes {
			require.Equal(t, adsync.Anchor(rune('a'+n)), b.Changes[i].Object.Anchor)
			n++
		}
		return true
	})
	require.Equal(t, 9, n)
}

// A reader that panics does so where the engine catches it.
func TestAPanicOfAReadReachesItsTaker(t *testing.T) {
	require.PanicsWithValue(t, "a fault", func() {
		ahead(func(emit) { panic("a fault") }, func() {}, func(adsync.Batch, error) bool { return true })
	})
}
