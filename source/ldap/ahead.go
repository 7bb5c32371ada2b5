package ldap

import "github.com/adsync/sdk/adsync"

// emit hands on a batch, or the error that ends a read; it is false when nobody
// wants more.
type emit = func(adsync.Batch, error) bool

// ahead does a read in a goroutine of its own, which makes the next batch while
// the one before is taken. It never has more than that one ready. When the taker
// leaves, stop has to end what the read waits for; nothing of it is left then.
func ahead(read func(emit), stop func(), take emit) {
	p := &producer{parts: make(chan part), left: make(chan struct{})}
	go p.run(read)
	defer p.end(stop)
	for part := range p.parts {
		if !take(part.batch, part.err) {
			return
		}
	}
	if p.panicked != nil {
		panic(p.panicked)
	}
}

// part is what one call of an emit is given.
type part struct {
	batch adsync.Batch
	err   error
}

type producer struct {
	parts    chan part
	left     chan struct{} // closed when the taker leaves
	panicked any           // read when parts is closed
}

func (p *producer) run(read func(emit)) {
	defer close(p.parts)
	defer func() { p.panicked = recover() }() // it is the taker's to see
	read(func(b adsync.Batch, err error) bool {
		select {
		case p.parts <- part{b, err}:
			return true
		case <-p.left:
			return false
		}
	})
}

// end waits until the read has ended.
func (p *producer) end(stop func()) {
	close(p.left)
	stop()
	for range p.parts {
	}
}
