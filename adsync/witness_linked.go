package adsync

import (
	"context"
	"fmt"
	"strings"
)

// The witness of the last full read knows nothing of what reads of changes have
// brought since. A base, or a selected unit, that was empty then and has people
// now is held against the links instead: they follow every read. See
// docs/decisions/0013.

// hollow is a base or unit of which a read gave nothing.
type hollow struct {
	what, name   string
	folded       string
	least        int // so many have to be missing
	missing      int // active links below it that the read did not show
	somebodySeen bool
}

// hollows lists what a read gave nothing of.
func hollows(now *Witness) (out []*hollow) {
	if now == nil {
		return nil
	}
	for _, b := range now.Bases {
		if b.Objects == 0 {
			out = append(out, &hollow{what: "base", name: b.Name, folded: foldPlace(b.Name), least: 1})
		}
	}
	for _, u := range now.Units {
		if u.Objects == 0 {
			out = append(out, &hollow{what: "unit", name: u.Unit, folded: foldPlace(u.Unit), least: fewest})
		}
	}
	return out
}

// emptiedSince says which base or unit gave nothing though people below it are
// linked and active, none of whom the read shows anywhere else; or "". Links say
// where an object is by the name of its container, so this is for sources that
// name bases and containers alike.
func (p *planner) emptiedSince(ctx context.Context, s *sourceRead) (string, error) {
	list := hollows(s.witness)
	if len(list) == 0 || s.activeLinks() == 0 {
		return "", nil
	}
	for link, err := range p.state.Scan(ctx, s.Name, false) {
		if err != nil {
			return "", err
		}
		if link.State.missed() && link.Container != "" {
			s.missedBelow(list, &link)
		}
	}
	for _, h := range list {
		if h.missing >= h.least && !h.somebodySeen {
			return fmt.Sprintf("%s %s gave no object, and %d below it were active before, none of whom the read shows elsewhere; check the account's rights below it and the filter", h.what, h.name, h.missing), nil
		}
	}
	return "", nil
}

// missedBelow notes a link with what is above it. A unit with another one
// selected below it is not told apart from that one: whoever is seen there
// speaks for both.
func (s *sourceRead) missedBelow(list []*hollow, link *Link) {
	container := foldPlace(link.Container)
	for _, h := range list {
		if !liesWithin(container, h.folded) {
			continue
		}
		i, known := s.shown().find(link.Key)
		if known && s.shown().seen.has(i) {
			h.somebodySeen = true
		} else {
			h.missing++
		}
	}
}

// liesWithin tells whether a folded container is a place, or lies below it.
func liesWithin(container, place string) bool {
	above, ok := strings.CutSuffix(container, place)
	return ok && place != "" && (above == "" || strings.HasSuffix(above, ",") && !strings.HasSuffix(above, `\,`))
}

// foldPlace is foldUnit for names that come from a configuration, where people
// write spaces behind commas.
func foldPlace(name string) string {
	name = foldUnit(strings.TrimSpace(name))
	for strings.Contains(name, ", ") {
		name = strings.ReplaceAll(name, ", ", ",")
	}
	return name
}
