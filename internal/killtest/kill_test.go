package killtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// soak, as a number, asks for so many rounds with every place on every ground.
var soak, _ = strconv.Atoi(os.Getenv("KILLTEST_SOAK"))

// tally is what all stories came to.
type tally struct{ stories, kills, divergences, twice atomic.Int64 }

func (n *tally) String() string {
	return fmt.Sprintf("%d kills in %d stories, %d divergences, %d effects twice", n.kills.Load(), n.stories.Load(), n.divergences.Load(), n.twice.Load())
}

// I3, I4: killed at any durable step or at any instant, and started again, a
// program ends with the target, the links, the cursor and the notes of one that
// lived; and no op took effect twice.
//
// Red when op keys change after a restart, when outcomes are recorded before
// the batch is sent, when the cursor moves with the read (the three faults of
// TestTheKillTestFindsFaults); when all starts a begun plan from its first
// batch, and when send does not read doubtful batches back.
func TestI4KilledAnywhereAndRunAgain(t *testing.T) {
	var total tally
	t.Run("on", func(t *testing.T) {
		for i, g := range grounds() {
			t.Run(g.name, func(t *testing.T) {
				t.Parallel()
				s := newStory(t, g, &total)
				for round := range max(soak, 1) {
					s.kill(i, round)
				}
			})
		}
	})
	t.Log(&total)
	require.Zero(t, total.divergences.Load())
	require.Zero(t, total.twice.Load())
}

// story is what all programs on one ground live through, and how it ends.
type story struct {
	t      *testing.T
	ground ground
	total  *tally
	seed   uint64
	raw    []string // the places of a program that lived, in their order
	places []string // those at which something is written
	want   ending
	fault  fault // of the programs that die
}

type ending struct{ target, remembered, effects []string }

func newStory(t *testing.T, g ground, total *tally) *story {
	s := &story{t: t, ground: g, total: total, seed: 1}
	p := g.ready(t, s.seed)
	if p.server != nil {
		p.server.Behave()
	}
	s.raw = p.through(p.config)
	s.places = ofInterest(s.raw)
	s.want = s.end(p)
	require.Greater(t, len(s.places), 80, "the story has too few places to die at")
	require.Len(t, s.want.target, 16)
	return s
}

// share is the part of the places at which a story without soak dies: over all
// grounds each place is one of them.
const share = 12

func (s *story) kill(ground, round int) {
	var fatal []string
	for i, place := range s.places {
		if soak > 0 || i%share == ground%share {
			fatal = append(fatal, place)
		}
	}
	s.play(func(p *place) int {
		kills, left := p.killAt(fatal)
		if len(left) > len(fatal)/2 {
			s.t.Errorf("programs came to only %d of %d places", len(fatal)-len(left), len(fatal))
		}
		return kills
	})
	chance := rand.New(rand.NewPCG(uint64(ground), uint64(round)))
	s.play(func(p *place) int { return p.killWhenever(4+soak, chance) })
}

// play tells the story once more, with deaths, and compares its end.
func (s *story) play(deaths func(*place) int) (same bool) {
	s.seed++
	p := s.ground.ready(s.t, s.seed)
	p.Fault = s.fault
	kills := deaths(p)
	s.total.kills.Add(int64(kills))
	s.total.stories.Add(1)
	got := s.end(p)
	twice := p.twice(s.want.effects, got.effects)
	s.total.twice.Add(int64(len(twice)))
	same = s.want.same(got)
	if !same {
		s.total.divergences.Add(1)
	}
	if len(twice) > 0 {
		s.t.Logf("%s, story %d: %s", s.ground.name, s.seed, strings.Join(twice, "; "))
	}
	if !same {
		s.t.Logf("%s, story %d ended differently: %s", s.ground.name, s.seed, s.want.difference(got))
	}
	return same && len(twice) == 0
}

func (s *story) end(p *place) (e ending) {
	e.target, e.remembered = p.target(), p.remembered()
	if p.server == nil {
		e.effects = p.effects()
	}
	return e
}

func (e ending) same(other ending) bool { return e.difference(other) == "" }

func (e ending) difference(other ending) string {
	var out []string
	for _, pair := range [][2][]string{{e.target, other.target}, {e.remembered, other.remembered}} {
		for _, line := range less(pair[0], pair[1]) {
			out = append(out, "\n lacks "+line)
		}
		for _, line := range less(pair[1], pair[0]) {
			out = append(out, "\n has   "+line)
		}
	}
	return strings.Join(out[:min(len(out), 12)], "")
}

// twice lists what took effect more than once: by the server's own account, or
// as rows that changed more often than for a program that lived.
func (p *place) twice(want, got []string) []string {
	if p.server != nil {
		return p.server.Twice()
	}
	return less(got, want)
}

// less gives the lines of one list that the other lacks, repetitions counted.
func less(list, others []string) (out []string) {
	count := map[string]int{}
	for _, line := range others {
		count[line]++
	}
	for _, line := range list {
		if count[line]--; count[line] < 0 {
			out = append(out, line)
		}
	}
	return out
}
