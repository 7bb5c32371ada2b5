package sinktest

import (
	"context"

	"github.com/adsync/sdk/adsync"
)

func listChecks() []Check {
	return []Check{
		{Name: "list", About: "List gives every object of the kind once", single: true, run: checkList},
		{Name: "list-stops", About: "a list that is broken off holds nothing back", single: true, run: checkListStops},
		{Name: "list-cancelled", About: "a list that is cancelled ends with an error", single: true, run: checkListCancelled},
	}
}

func (p *probe) lister() adsync.Lister {
	p.Helper()
	l, ok := p.target.Sink.(adsync.Lister)
	if !ok {
		p.Skip("the sink is no Lister")
	}
	return l
}

func checkList(p *probe) {
	l := p.lister()
	for _, kind := range p.kinds() {
		want := map[adsync.TargetID]int{}
		for n := 1; n <= 30; n++ {
			want[p.make(kind, n)] = n
		}
		for t, err := range l.List(p.Context(), kind) {
			if err != nil {
				p.fail("%v", err)
			}
			n, ok := want[t.ID]
			if !ok || t.Kind != kind {
				p.fail("the list of kind %s gave %s %s, which is another kind, unknown or there twice", kind, t.Kind, t.ID)
			}
			if d := p.difference(t, p.sample(kind, n)); d != "" {
				p.fail("%s %s: %s", kind, t.ID, d)
			}
			delete(want, t.ID)
		}
		if len(want) > 0 {
			p.fail("the list of kind %s left out %d of 30 objects", kind, len(want))
		}
	}
}

func checkListStops(p *probe) {
	l := p.lister()
	for _, kind := range p.kinds() {
		p.make(kind, 1)
		p.make(kind, 2)
		for range 20 {
			for range l.List(p.Context(), kind) {
				break
			}
		}
		p.soon("a create after lists that were broken off", func() { p.make(kind, 3) })
		p.count(kind, 3, "after lists that were broken off")
	}
}

func checkListCancelled(p *probe) {
	l := p.lister()
	for _, kind := range p.kinds() {
		for n := 1; n <= 5; n++ {
			p.make(kind, n)
		}
		for after := range 3 {
			ctx, cancel := context.WithCancel(p.Context())
			if after == 0 {
				cancel()
			}
			seen, failed := 0, false
			for _, err := range l.List(ctx, kind) {
				if failed {
					p.fail("the list went on after its error")
				}
				failed = err != nil
				if seen++; seen == after {
					cancel()
				}
			}
			cancel()
			if !failed {
				p.fail("the list of kind %s was cancelled after %d objects and ended as if it were complete", kind, after)
			}
		}
	}
}
