package killtest

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// process is a program under way.
type process struct {
	cmd    *exec.Cmd
	places chan string // those it has come to; closed at its end
	seen   []string    // of them, those that were read
}

// start starts the program.
func (p *place) start(c config) *process {
	p.t.Helper()
	text, err := json.Marshal(c)
	require.NoError(p.t, err)
	cmd := exec.CommandContext(p.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimConfig+"="+string(text), "GOMAXPROCS=2")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(p.t, err)
	require.NoError(p.t, cmd.Start())
	run := &process{cmd: cmd, places: make(chan string, 10_000)}
	go func() {
		defer close(run.places)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			run.places <- lines.Text()
		}
	}()
	return run
}

// end waits for the end of the program and tells whether it was killed.
func (p *place) end(run *process) (killed bool) {
	p.t.Helper()
	for place := range run.places {
		run.seen = append(run.seen, place)
	}
	err := run.cmd.Wait()
	if p.server != nil {
		p.server.Settle()
	}
	if err == nil {
		return false
	}
	require.Contains(p.t, err.Error(), "killed", "the program ended by itself: %v", run.last())
	return true
}

func (r *process) last() []string { return r.seen[max(0, len(r.seen)-6):] }

// through lets one program live through the whole story, and gives the places
// that it came to.
func (p *place) through(c config) []string {
	p.t.Helper()
	run := p.start(c)
	require.False(p.t, p.end(run))
	return run.seen
}

// killAt lets programs live through the story, each of which dies at the first
// of the places that it comes to, until one comes through. It gives the places
// that none came to.
func (p *place) killAt(fatal []string) (kills int, left []string) {
	p.t.Helper()
	left = slices.Clone(fatal)
	for {
		c := p.config
		c.Fatal = left
		run := p.start(c)
		if !p.end(run) {
			return kills, left
		}
		kills++
		died := run.seen[len(run.seen)-1]
		require.Contains(p.t, left, died)
		left = slices.DeleteFunc(left, func(place string) bool { return place == died })
	}
}

// killWhenever kills programs at random instants, and lets the last one come
// through.
func (p *place) killWhenever(times int, chance *rand.Rand) (kills int) {
	p.t.Helper()
	for range times {
		run := p.start(p.config)
		first := <-run.places // it has begun
		run.seen = append(run.seen, first)
		wait := time.NewTimer(time.Duration(chance.Int64N(int64(150 * time.Millisecond))))
		for waiting := true; waiting; {
			select {
			case place, ok := <-run.places:
				if waiting = ok; ok {
					run.seen = append(run.seen, place)
				}
			case <-wait.C:
				waiting = false
			}
		}
		_ = run.cmd.Process.Kill() // it may have come through before
		if p.end(run) {
			kills++
		}
	}
	require.False(p.t, p.end(p.start(p.config)))
	return kills
}

// ofInterest gives the places at which something is written, each once.
func ofInterest(places []string) []string {
	places = slices.Clone(places)
	slices.Sort(places)
	return slices.DeleteFunc(slices.Compact(places), func(place string) bool { return strings.Contains(place, "look up") })
}
