//go:build unix

package killtest

import (
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/lossysink"
)

// pause stops this program, as a machine that goes to sleep does. The signal
// takes a moment, in which nothing must begin: SQLite's lock would stay taken.
func pause() {
	woken := make(chan os.Signal, 1)
	signal.Notify(woken, syscall.SIGCONT)
	if err := syscall.Kill(os.Getpid(), syscall.SIGSTOP); err != nil {
		panic(err)
	}
	<-woken
}

func wake(p *os.Process) error { return p.Signal(syscall.SIGCONT) }

// reach lets a program live until it has come to a place.
func (p *place) reach(run *process, place string) {
	p.t.Helper()
	for seen := range run.places {
		run.seen = append(run.seen, seen)
		if seen == place {
			var status syscall.WaitStatus // it stops at once, and this waits for it
			_, err := syscall.Wait4(run.cmd.Process.Pid, &status, syscall.WUNTRACED, nil)
			require.NoError(p.t, err)
			require.True(p.t, status.Stopped())
			return
		}
	}
	p.t.Fatalf("the program never came to %q", place)
}

// refused waits for the end of a program that may not do what it would.
func (p *place) refused(run *process, why string) {
	p.t.Helper()
	for place := range run.places {
		run.seen = append(run.seen, place)
	}
	require.Error(p.t, run.cmd.Wait(), "the program came through")
	require.Contains(p.t, run.seen[len(run.seen)-1], why, "%v", run.last())
}

// beforeSending gives the place at which a program is about to send the last
// that it sends on a day: it has resolved it, and has still to send it.
func beforeSending(places []string, day string) (about string) {
	lookUp := ""
	for _, place := range places {
		if strings.HasPrefix(place, day) && strings.Contains(place, "look up") {
			lookUp = place
		}
		if strings.HasPrefix(place, day+": send") {
			about = lookUp
		}
	}
	return about
}

// I10: while one program works on a target, another does nothing; one that was
// killed keeps the target until its lease has run out.
//
// Red when hold does not acquire the lease.
func TestI10WhileAProgramLivesNoOtherBegins(t *testing.T) {
	s := newStory(t, ground{state: "sqlite", sink: string(lossysink.Keyed)}, &tally{})
	p := s.ground.ready(t, 5)
	first := p.config
	first.Lease, first.Pauses = time.Minute, []string{"day 3: begin, behind"}
	one := p.start(first)
	p.reach(one, first.Pauses[0])
	before, effects := s.end(p), p.server.Effects()

	other := p.config
	other.Impatient = true
	p.refused(p.start(other), "another run is working on this target")
	require.Equal(t, before, s.end(p))
	require.Equal(t, effects, p.server.Effects())

	require.NoError(t, wake(one.cmd.Process))
	require.False(t, p.end(one))
	require.Empty(t, s.want.difference(s.end(p)))
	require.Empty(t, p.server.Twice())
}

// A killed program's target is taken over when its lease has run out, and not
// before.
func TestI10AKilledProgramsLeaseRunsOut(t *testing.T) {
	s := newStory(t, ground{state: "sqlite", sink: string(lossysink.Keyed)}, &tally{})
	p := s.ground.ready(t, 5)
	dies := p.config
	dies.Lease, dies.Fatal = 4*time.Second, []string{"day 2: record 0, behind"}
	require.True(t, p.end(p.start(dies)))
	impatient := p.config
	impatient.Impatient = true
	p.refused(p.start(impatient), "another run is working on this target")
	require.False(t, p.end(p.start(p.config)), "one that waits comes through")
	require.Empty(t, s.want.difference(s.end(p)))
	require.Empty(t, p.server.Twice())
}

// I10: a program that slept past its lease, while another took the target over
// and finished, wakes up and writes nothing more: neither to the state nor to
// the target.
//
// Red when the state takes what a holder writes whose fence was passed (record),
// and when stillHeld is not asked (about to send).
func TestI10AProgramThatWakesUpTooLateWritesNothing(t *testing.T) {
	for _, g := range []ground{
		{state: "sqlite", sink: string(lossysink.External)},
		{state: "sqlite", sink: string(lossysink.Keyed)},
		{state: "sqlite", sink: "sqlite"},
		{state: "postgres", sink: string(lossysink.External)},
	} {
		t.Run("state in "+g.state+", target "+g.sink, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, g, &tally{})
			places := []string{"day 2: record 0, before", "day 2: save applying, behind", "about to send"}
			for i, at := range places {
				p := g.ready(t, uint64(i)+5)
				if p.server != nil {
					p.server.Behave()
				}
				if at == "about to send" {
					at = beforeSending(s.raw, "day 3") // a member who is deleted later
				}
				sleeper := p.config
				sleeper.Pauses = []string{at}
				one := p.start(sleeper)
				p.reach(one, at)
				asleep := time.Now()
				require.False(t, p.end(p.start(p.config)), "the other comes through")
				require.Empty(t, s.want.difference(s.end(p)))
				time.Sleep(time.Until(asleep.Add(3100 * time.Millisecond))) // past the lease
				require.NoError(t, wake(one.cmd.Process))
				p.refused(one, "was lost to another run")
				if p.server != nil {
					p.server.Settle()
				}
				require.Empty(t, s.want.difference(s.end(p)), "asleep at %s", at)
				if p.server != nil {
					require.Empty(t, p.server.Twice())
				}
			}
		})
	}
}
