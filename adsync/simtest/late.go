package simtest

import (
	"context"
	"sync"
	"time"

	"github.com/adsync/sdk/adsync"
)

// lateCalls are those whose connection broke and whose effect comes later. It
// keeps what else was sent meanwhile.
type lateCalls struct {
	sync.WaitGroup

	mu      sync.Mutex
	latest  map[adsync.Anchor]string // the key that was sent last
	refused map[string]bool          // keys whose second try was refused
}

func (l *lateCalls) sent(ops []adsync.Op) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range ops {
		l.latest[ops[i].Anchor] = ops[i].Key
	}
}

func (l *lateCalls) refuse(op *adsync.Op) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused[op.Key] = true
}

// overtaken tells whether another op on the object was sent after this one's
// second try had been refused. The engine took it as not done, as it was told,
// and nothing shows it that the first try takes effect after all.
func (l *lateCalls) overtaken(op *adsync.Op) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refused[op.Key] && l.latest[op.Anchor] != op.Key
}

// later lets ops arrive when nobody waits for them any more.
func (w *World) later(ctx context.Context, ops []adsync.Op, send sending) {
	w.late.Go(func() {
		time.Sleep(3 * time.Second)
		for i := range ops {
			if w.late.overtaken(&ops[i]) {
				w.taint(ops[i].Anchor)
			}
		}
		_, _ = send(context.WithoutCancel(ctx), ops)
	})
}
