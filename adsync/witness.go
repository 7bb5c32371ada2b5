package adsync

import (
	"context"
	"fmt"
	"slices"

	"github.com/adsync/sdk/internal/protection"
)

// judgeReads decides for each source whether what it did not show can be
// believed to be gone.
func (p *planner) judgeReads(ctx context.Context) error {
	for _, s := range p.sources {
		if s.err != nil || !s.snapshot && s.roll == nil || s.shown() == nil {
			continue
		}
		if a, ok := p.answer[answerKey{s.Name, ""}]; ok && a.Verdict == answerAccept {
			s.accepted = a.By
			continue
		}
		if protection.Witness.Removed() {
			continue
		}
		if err := p.judgeRead(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// judgeRead holds a full read, or a sweep, against what was seen before it.
func (p *planner) judgeRead(ctx context.Context, s *sourceRead) (err error) {
	s.unsure = doubt(s.before.Witness, s.witness, s.activeLinks(), max(s.report.Objects, s.rolled))
	if s.unsure == "" {
		s.unsure = emptiedUnit(s.before.Witness, s.witness, s.shows(p.hash))
	}
	if s.unsure == "" {
		s.unsure, err = p.emptiedSince(ctx, s)
	}
	if s.unsure == "" && s.roll == nil {
		s.unsure = lostAttribute(s.before.Witness, s.witness, p.job.Mapper.Attributes())
		s.lost = s.unsure != ""
	}
	return err
}

func (s *sourceRead) activeLinks() int {
	n := 0
	shown := s.shown()
	for i := range shown.keys {
		if shown.state(i).missed() {
			n++
		}
	}
	return n
}

// doubt says why an answer is not believed to be whole, or "". It is pure. A
// base that gave objects last time and now gives none, or cannot be read, looks
// the same as one that was emptied, so a person has to say which it is.
func doubt(before, now *Witness, active, objects int) string {
	if objects == 0 && active > 0 {
		return fmt.Sprintf("the read gave no object at all, and %d were active before; check the account's rights, the base and the filter", active)
	}
	if now == nil {
		return ""
	}
	if now.Behind != "" {
		return now.Behind
	}
	last := map[string]int{}
	if before != nil {
		for _, b := range before.Bases {
			last[b.Name] = b.Objects
		}
	}
	for _, b := range now.Bases {
		switch {
		case !b.Readable:
			return fmt.Sprintf("base %s could not be read (%s); check that it exists and that the account may read it", b.Name, b.Problem)
		case b.Objects == 0 && last[b.Name] > 0:
			return fmt.Sprintf("base %s gave %d objects last time and none now; check the account's rights and the filter", b.Name, last[b.Name])
		}
	}
	return ""
}

// lostAttribute says which attribute most objects had last time and none has
// now, or "". A right to read one attribute may be withdrawn while every object
// still comes. Attributes that are no longer asked for do not count.
func lostAttribute(before, now *Witness, asked []string) string {
	if before == nil || now == nil {
		return ""
	}
	had, has, then, objects := foldCounts(before.Attributes), foldCounts(now.Attributes), before.objects(), now.objects()
	for _, name := range asked {
		if n := had[foldName(name)]; n*2 > then && has[foldName(name)] == 0 && objects > 0 {
			return fmt.Sprintf("%d of %d objects had the attribute %s last time and none has it now; check the account's right to read it", n, then, name)
		}
	}
	return lostInUnit(before, now, asked)
}

// fewest is how many objects a unit must have given to be judged by itself: of
// two or three people all may leave, or lose an attribute, on one day.
const fewest = 5

// lostInUnit is lostAttribute for one unit: a right may be withdrawn there alone.
func lostInUnit(before, now *Witness, asked []string) string {
	for _, u := range now.Units {
		then := before.unit(u.Unit)
		had, has := foldCounts(then.Attributes), foldCounts(u.Attributes)
		for _, name := range asked {
			if n := had[foldName(name)]; n >= fewest && n*2 > then.Objects && has[foldName(name)] == 0 && u.Objects > 0 {
				return fmt.Sprintf("in %s %d of %d objects had the attribute %s last time and none has it now; check the account's right to read it there", u.Unit, n, then.Objects, name)
			}
		}
	}
	return ""
}

// emptiedUnit says which selected unit gave people last time and gives none
// now, though its canary has not turned up elsewhere; or "". The entry of a unit
// stays readable when the right to read what is below it has gone.
func emptiedUnit(before, now *Witness, shows func(Anchor) bool) string {
	if before == nil || now == nil {
		return ""
	}
	for _, u := range now.Units {
		then := before.unit(u.Unit)
		moved := slices.ContainsFunc(before.Canaries, func(c Canary) bool { return c.Unit == u.Unit && shows(c.Anchor) })
		if u.Objects == 0 && then.Objects >= fewest && !moved {
			return fmt.Sprintf("unit %s gave %d objects last time and none now; check the account's rights below it", u.Unit, then.Objects)
		}
	}
	return ""
}

func (w *Witness) unit(name string) UnitWitness {
	for _, u := range w.Units {
		if u.Unit == name {
			return u
		}
	}
	return UnitWitness{}
}

// shows gives a function that tells whether the read named an object that is
// known.
func (s *sourceRead) shows(hash *hasher) func(Anchor) bool {
	return func(a Anchor) bool {
		i, ok := s.shown().find(hash.linkKey(a))
		return ok && s.shown().seen.has(i)
	}
}

func foldCounts(attributes map[string]int) map[string]int {
	out := make(map[string]int, len(attributes))
	for name, n := range attributes {
		out[foldName(name)] += n
	}
	return out
}

// objects counts what all bases gave.
func (w *Witness) objects() (n int) {
	for _, b := range w.Bases {
		n += b.Objects
	}
	return n
}

// witnessFindings lists the sources whose absences are not believed.
func (p *planner) witnessFindings() []Finding {
	var out []Finding
	for _, s := range p.sources {
		if s.accepted != "" {
			out = append(out, Finding{
				Rule: findingAccepted, Source: s.Name, Count: s.report.Objects, Of: s.before.Objects,
				Text: "source " + s.Name + ": what it gave was not judged; " + s.accepted + " said that it is all there is",
			})
		}
		if s.unsure != "" && s.report.Missed > 0 {
			out = append(out, Finding{
				Rule: findingAudit, Source: s.Name, Count: s.report.Missed, Of: s.report.Sampled,
				Text: "source " + s.Name + ": " + s.unsure + ". Nobody was taken for gone, and the next run reads everything again.",
			})
		} else if s.unsure != "" {
			out = append(out, Finding{
				Rule: "witness", Source: s.Name, Count: s.report.Objects, Of: s.before.Objects,
				Text: "source " + s.Name + ": " + s.unsure + ". Nobody was taken for gone, nothing is cleared, and the next run reads everything again. If it is true, accept the read (Engine.AcceptRead).",
			})
		}
	}
	return out
}
