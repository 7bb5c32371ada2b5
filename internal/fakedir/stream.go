package fakedir

import (
	"context"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// flushAt is how much is collected before it is written.
const flushAt = 64 << 10

// stream sends an answer, or as much of it as the fault allows.
func (s *session) stream(ctx context.Context, id int64, q *wire.Search, a answer, f *strike) {
	n, struck := len(a.entries)+len(a.made), false
	if f.hits() {
		n, struck = min(f.After, n), true
	}
	if !f.wait(ctx) {
		return
	}
	buf, ok := s.entries(ctx, id, parseSelection(q), a, n, f)
	switch {
	case !ok:
		return
	case struck && (f.Cut || f.Hang):
		s.send(buf)
		s.breakOff(ctx, f)
	case struck && f.Circle:
		a.controls = []wire.Control{wire.DirSyncControl(oidDirSync, wire.DirSync{Cookie: f.cookie, Flags: moreData})}
		s.finish(buf, id, a)
	case struck:
		s.send(wire.AppendDone(buf, id, f.result(s.srv.cfg.ReferralHost, q.Base)))
	default:
		s.finish(buf, id, a)
	}
}

func (s *session) finish(buf []byte, id int64, a answer) {
	for _, url := range a.refs {
		buf = wire.AppendReference(buf, id, url)
	}
	s.send(wire.AppendDone(buf, id, a.result, a.controls...))
}

// entries sends the first n entries and gives what is not written yet. It is not ok
// when nobody waits for the answer any more.
func (s *session) entries(ctx context.Context, id int64, sel selection, a answer, n int, f *strike) (buf []byte, ok bool) {
	for i := range n {
		if !f.pause(ctx) {
			return nil, false
		}
		buf = s.append(buf, id, sel, a, i)
		if len(buf) < flushAt && f.delay == 0 {
			continue
		}
		if ctx.Err() != nil || !s.send(buf) {
			return nil, false
		}
		buf = buf[:0]
	}
	return buf, ctx.Err() == nil
}

func (s *session) append(buf []byte, id int64, sel selection, a answer, i int) []byte {
	if i < len(a.made) {
		return wire.AppendEntry(buf, id, a.made[i].dn, a.made[i].attrs)
	}
	s.srv.mu.RLock()
	defer s.srv.mu.RUnlock()
	v, e := s.sight(asked{tombstones: a.tombstones}), a.entries[i]
	if !v.sees(e) {
		return buf // removed since the search began
	}
	return wire.AppendEntry(buf, id, a.extended.name(e), v.render(e, sel, a.extended, s.srv.cfg.MaxValRange))
}

// breakOff cuts the connection without a word, or says nothing more until the
// client gives up.
func (s *session) breakOff(ctx context.Context, f *strike) {
	if f.Hang {
		select {
		case <-ctx.Done():
		case <-s.srv.done:
		case <-f.healed:
		}
	}
	_ = s.raw.Close()
}
