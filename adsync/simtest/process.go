package simtest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/adsync/sdk/adsync"
)

// process is one life of the program that runs the engine. Its calls to the
// state, the source and the sink go through here, and are counted: at one of
// them it may die, or stand still.
type process struct {
	number int
	world  *World
	cancel context.CancelFunc

	mu    sync.Mutex
	calls int
	dead  bool
	over  bool
	// killAt is the call at which it dies: before the call has any effect, or
	// right after it.
	killAt    int
	killAfter bool
	// suspendAt is the call before which the machine stands still for an hour.
	suspendAt int
	awake     time.Time
	// meanwhile is called at the call with this number, while this process waits.
	meanwhileAt int
	meanwhile   func()
	opened      []adsync.State // of the store behind it
}

// errKilled is what a dead process gets from everything that it still calls. It
// reaches nobody: the process is dead.
var errKilled = errors.New("simtest: the process was killed")

const standstill = time.Hour

// call does something as this process: do has the effect, unless the process is
// dead or dies before it. counted calls are those at which it may die.
func (p *process) call(do func() error) error {
	after, err := p.enter()
	if err != nil {
		return err
	}
	err = do()
	if after {
		p.die()
	}
	if p.isDead() {
		return errKilled
	}
	return err
}

func (p *process) enter() (dieAfter bool, err error) {
	p.mu.Lock()
	p.calls++
	n := p.calls
	if n == p.suspendAt {
		p.awake = time.Now().Add(standstill)
		p.world.tell(Suspended{p.number, p.awake})
	}
	meanwhile := p.meanwhile
	if n != p.meanwhileAt {
		meanwhile = nil
	}
	p.mu.Unlock()
	if n == p.killAt && !p.killAfter {
		p.die()
	}
	if meanwhile != nil {
		meanwhile()
	}
	if err := p.stand(); err != nil {
		return false, err
	}
	return n == p.killAt && p.killAfter, nil
}

// stand waits while the machine stands still.
func (p *process) stand() error {
	p.mu.Lock()
	wait := time.Until(p.awake)
	p.mu.Unlock()
	if wait > 0 {
		time.Sleep(wait)
	}
	if p.isDead() {
		return errKilled
	}
	return nil
}

func (p *process) die() {
	p.mu.Lock()
	p.dead = true
	calls := p.calls
	p.mu.Unlock()
	p.world.tell(Killed{p.number, calls})
	p.cancel()
}

func (p *process) isDead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

// end notes that the program ended.
func (p *process) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
}

func (p *process) isOver() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.over
}

func (p *process) standsStill() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Before(p.awake)
}
