package sinktest

import "github.com/adsync/sdk/adsync"

func leaveChecks() []Check {
	return []Check{
		{Name: "deactivate", About: "a deactivated object is kept, and inactive", run: checkDeactivate},
		{Name: "reactivate", About: "a Put with active true makes an inactive object active again", run: checkReactivate},
		{Name: "delete", About: "a deleted object is gone, and others stay", run: checkDelete},
		{Name: "id-not-reused", About: "the id of a deleted object is not given to a new one", run: checkIDNotReused},
		{Name: "missing-target", About: "an op on an object that is not there answers not-found and makes nothing", run: checkMissingTarget},
	}
}

func checkDeactivate(p *probe) {
	for _, kind := range p.kinds() {
		id, other := p.make(kind, 1), p.make(kind, 2)
		op := p.op(adsync.Deactivate, kind, 1, id)
		if !p.schema.Kinds[kind].Deactivate {
			if _, err := p.try(p.Context(), op); err != nil && adsync.CodeOf(err) != adsync.CodeUnsupported {
				p.fail("the schema does not offer it, and the code is %s: %v", adsync.CodeOf(err), err)
			}
			p.count(kind, 2, "after a deactivation")
			continue
		}
		p.must(op)
		if t := p.get(kind, id); !t.Inactive {
			p.fail("%s %s is active", kind, id)
		}
		left := p.sample(kind, 1)
		left.Delete(adsync.AttrActive)
		p.want(kind, id, left)
		p.want(kind, other, p.sample(kind, 2))
	}
}

func checkReactivate(p *probe) {
	for _, kind := range p.kinds() {
		_, known := p.attribute(kind, adsync.AttrActive)
		if !p.schema.Kinds[kind].Deactivate || !known {
			continue
		}
		id := p.make(kind, 1)
		p.must(p.op(adsync.Deactivate, kind, 1, id))
		op := p.update(kind, 1, id, one(adsync.AttrActive, "true"))
		op.Intent = adsync.IntentReactivate
		p.must(op)
		if p.get(kind, id).Inactive {
			p.fail("%s %s is inactive", kind, id)
		}
		p.count(kind, 1, "after a deactivation and a reactivation")
	}
}

func checkDelete(p *probe) {
	for _, kind := range p.kinds() {
		if !p.schema.Kinds[kind].Delete {
			continue
		}
		id, other := p.make(kind, 1), p.make(kind, 2)
		p.must(p.op(adsync.Delete, kind, 1, id))
		if _, there := p.read(kind)[id]; there {
			p.fail("%s %s is still there", kind, id)
		}
		p.want(kind, other, p.sample(kind, 2))
	}
}

func checkIDNotReused(p *probe) {
	for _, kind := range p.kinds() {
		if !p.schema.Kinds[kind].Delete {
			continue
		}
		id := p.make(kind, 1)
		p.must(p.op(adsync.Delete, kind, 1, id))
		if again := p.make(kind, 2); again == id {
			p.fail("the id %s stood for one %s and now stands for another", id, kind)
		}
	}
}

func checkMissingTarget(p *probe) {
	for _, kind := range p.kinds() {
		id := p.missing(kind)
		before := len(p.read(kind))
		if name := p.text(kind, anyAttribute); name != "" {
			p.refused(p.update(kind, 1, id, one(name, "Changed")), "the object is not there", adsync.CodeNotFound)
		}
		for _, verb := range []adsync.Verb{adsync.Deactivate, adsync.Delete} {
			_, err := p.try(p.Context(), p.op(verb, kind, 1, id))
			if code := adsync.CodeOf(err); err != nil && code != adsync.CodeNotFound && code != adsync.CodeUnsupported {
				p.fail("%s of a missing %s failed with code %s: %v", verb, kind, code, err)
			}
		}
		if kind == adsync.Group {
			op := p.op(adsync.Members, kind, 1, id)
			if p.takes(adsync.User) {
				op.Add = []adsync.TargetID{p.make(adsync.User, 9)}
				p.refused(op, "the group is not there", adsync.CodeNotFound, adsync.CodeUnsupported)
			}
		}
		p.count(kind, before, "after ops on a missing object")
	}
}

// missing gives an id of a kind that nothing has: one that was, where the
// target deletes.
func (p *probe) missing(kind adsync.Kind) adsync.TargetID {
	p.Helper()
	if !p.schema.Kinds[kind].Delete {
		return "999999999"
	}
	id := p.make(kind, 1)
	p.must(p.op(adsync.Delete, kind, 1, id))
	return id
}
