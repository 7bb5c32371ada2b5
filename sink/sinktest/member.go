package sinktest

import (
	"slices"

	"github.com/adsync/sdk/adsync"
)

func memberChecks() []Check {
	return []Check{
		{Name: "members", About: "members are added and removed, and doing it twice is no error", run: checkMembers},
		{Name: "unknown-member", About: "an unknown member is an error of that op, not one that says that the group is gone", run: checkUnknownMember},
	}
}

// group makes a group and two members, or skips the check.
func (p *probe) group() (group, one, two adsync.TargetID) {
	p.Helper()
	kind := p.memberKind()
	if !p.takes(adsync.Group) || kind == 0 {
		p.Skip("the sink takes no groups with members")
	}
	return p.make(adsync.Group, 1), p.make(kind, 2), p.make(kind, 3)
}

func (p *probe) memberKind() adsync.Kind {
	for _, k := range []adsync.Kind{adsync.User, adsync.Contact} {
		kinds := p.schema.Kinds[adsync.Group].MemberKinds
		if p.takes(k) && (len(kinds) == 0 || slices.Contains(kinds, k)) {
			return k
		}
	}
	return 0
}

func checkMembers(p *probe) {
	g, one, two := p.group()
	steps := []struct{ add, remove, want []adsync.TargetID }{
		{add: ids(one, two), want: ids(one, two)},
		{add: ids(one), want: ids(one, two)},
		{remove: ids(one), want: ids(two)},
		{remove: ids(one), want: ids(two)},
		{add: ids(one), remove: ids(two), want: ids(one)},
		{remove: ids(one), want: nil},
	}
	for i, s := range steps {
		op := p.op(adsync.Members, adsync.Group, 1, g)
		op.Add, op.Remove = s.add, s.remove
		p.must(op)
		p.wantMembers(g, s.want, i+1)
	}
	p.want(adsync.Group, g, p.sample(adsync.Group, 1))
}

func (p *probe) wantMembers(g adsync.TargetID, want []adsync.TargetID, step int) {
	p.Helper()
	if p.target.Members == nil {
		return
	}
	got, err := p.target.Members(p.Context(), g)
	if err != nil {
		p.fail("reading members: %v", err)
	}
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		p.fail("in step %d the members are %v, wanted %v", step, got, want)
	}
}

func checkUnknownMember(p *probe) {
	g, one, _ := p.group()
	kind := p.memberKind()
	gone := adsync.TargetID("999999999")
	if p.schema.Kinds[kind].Delete {
		gone = p.make(kind, 4)
		p.must(p.op(adsync.Delete, kind, 4, gone))
	}
	op := p.op(adsync.Members, adsync.Group, 1, g)
	op.Add = ids(gone)
	_, err := p.try(p.Context(), op)
	if err == nil {
		p.fail("adding the member %s, which is not there, succeeded", gone)
	}
	if code := adsync.CodeOf(err); code == adsync.CodeNotFound || code == adsync.CodeOther {
		p.fail("the code is %s; use invalid: %v", code, err)
	}
	op = p.op(adsync.Members, adsync.Group, 1, g)
	op.Add = ids(one)
	p.must(op)
}

func ids(list ...adsync.TargetID) []adsync.TargetID { return list }
