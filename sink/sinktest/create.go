package sinktest

import "github.com/adsync/sdk/adsync"

func createChecks() []Check {
	return []Check{
		{Name: "create", About: "a create makes one object with what Set holds", run: checkCreate},
		{Name: "receipt", About: "the receipt of a create names the object by an id that stays the same and belongs to no other", run: checkReceipt},
		{Name: "repeat-same-key", About: "a create that comes again with the same key makes no second object", run: checkRepeatSameKey},
		{Name: "repeat-new-key", About: "a create that comes again with a new key finds the object by its external id", run: checkRepeatNewKey},
		{Name: "repeat-others", About: "an update, a deactivation and a deletion may come twice", run: checkRepeatOthers},
		{Name: "check", About: "Check finds nothing wrong with a target that works", single: true, run: checkCheck},
	}
}

func checkCreate(p *probe) {
	for _, kind := range p.kinds() {
		before := len(p.read(kind))
		r := p.must(p.creation(kind, 1))
		if r.Outcome != adsync.Applied && r.Outcome != adsync.Created {
			p.fail("the create of a new %s was answered %s", kind, r.Outcome)
		}
		p.count(kind, before+1, "after one create")
		for id, t := range p.read(kind) {
			if before == 0 || id == r.Target {
				p.want(kind, id, p.sample(kind, 1))
				if t.Kind != kind {
					p.fail("a %s is read back as %s", kind, t.Kind)
				}
			}
		}
	}
}

func checkReceipt(p *probe) {
	for _, kind := range p.kinds() {
		id, other := p.make(kind, 1), p.make(kind, 2)
		if id == other {
			p.fail("two objects of kind %s have the id %s", kind, id)
		}
		p.want(kind, id, p.sample(kind, 1))
		if name := p.text(kind, anyAttribute); name != "" {
			r := p.must(p.update(kind, 1, id, one(name, "Changed")))
			if r.Target != "" && r.Target != id {
				p.fail("an update of %s %s was answered with the id %s", kind, id, r.Target)
			}
		}
	}
}

func checkRepeatSameKey(p *probe) {
	if p.schema.Replay == adsync.ReplayNone {
		p.Skip("the sink does not claim to recognise repeats")
	}
	for _, kind := range p.kinds() {
		op := p.creation(kind, 1)
		first := p.must(op)
		p.same(kind, first, p.must(op))
	}
}

func checkRepeatNewKey(p *probe) {
	if p.schema.Replay != adsync.ReplayByExternalID {
		p.Skip("the sink does not claim to recognise external ids")
	}
	for _, kind := range p.kinds() {
		op := p.creation(kind, 1)
		first := p.must(op)
		op.Key += "-once-more"
		p.same(kind, first, p.must(op))
	}
}

func (p *probe) same(kind adsync.Kind, first, again adsync.Receipt) {
	p.Helper()
	if again.Target != "" && again.Target != first.Target {
		p.fail("the second answer names %s, the first %s", again.Target, first.Target)
	}
	p.count(kind, 1, "after the same create twice")
}

func checkRepeatOthers(p *probe) {
	if p.schema.Replay == adsync.ReplayNone {
		p.Skip("the sink does not claim to recognise repeats")
	}
	for _, kind := range p.kinds() {
		id := p.make(kind, 1)
		if name := p.text(kind, anyAttribute); name != "" {
			op := p.update(kind, 1, id, one(name, "Changed"))
			p.must(op)
			p.must(op)
			p.want(kind, id, op.Set)
		}
		if p.schema.Kinds[kind].Deactivate {
			op := p.op(adsync.Deactivate, kind, 1, id)
			p.must(op)
			p.must(op)
		}
		if p.schema.Kinds[kind].Delete {
			op := p.op(adsync.Delete, kind, 1, id)
			p.must(op)
			if _, err := p.try(p.Context(), op); err != nil && adsync.CodeOf(err) != adsync.CodeNotFound {
				p.fail("the second deletion failed with code %s: %v", adsync.CodeOf(err), err)
			}
			p.count(kind, 0, "after the same deletion twice")
		}
	}
}

func checkCheck(p *probe) {
	c, ok := p.target.Sink.(adsync.Checker)
	if !ok {
		p.Skip("the sink is no Checker")
	}
	p.looked++
	if err := c.Check(p.Context()); err != nil {
		p.fail("%v", err)
	}
}
