package adsync

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"
)

// withDefaults fills in what the zero values stand for.
func (j Job) withDefaults() Job {
	if j.Owner == "" {
		host, _ := os.Hostname()
		j.Owner = fmt.Sprintf("%s:%d", host, os.Getpid())
	}
	j.LeaseTime = cmp.Or(j.LeaseTime, time.Minute)
	j.KeepRuns = cmp.Or(j.KeepRuns, 10)
	j.VerifyEvery = cmp.Or(j.VerifyEvery, 7*24*time.Hour)
	j.FullEvery = cmp.Or(j.FullEvery, 7*24*time.Hour)
	j.Audit = cmp.Or(j.Audit, 25)
	j.Retry.Tries = cmp.Or(j.Retry.Tries, 5)
	j.Retry.First = cmp.Or(j.Retry.First, 500*time.Millisecond)
	j.Retry.Most = cmp.Or(j.Retry.Most, 30*time.Second)
	return j
}

// faults gives everything that is wrong with the job as far as it can be seen
// without asking anyone.
func (j *Job) faults(p *parts) []error {
	var out []error
	fail := func(bad bool, text string) {
		if bad {
			out = append(out, errors.New(text))
		}
	}
	fail(j.Target == "", "Target is empty; name the target, the name stands in the state store")
	fail(len(j.Sources) == 0, "Sources is empty; name at least one, such as adsync.From(\"ad\", source)")
	fail(j.Sink == nil, "Sink is nil")
	fail(j.Mapper == nil, "Mapper is nil")
	fail(j.State == nil, "State is nil; use adsync.NewMemoryState() for a try, or a store of adsync/state")
	fail(j.Matcher != nil && j.Sink != nil && p.finder == nil && p.lister == nil,
		"a Matcher is set, but the sink has neither Find nor List; leave Matcher nil, or give the sink one of them")
	fail(j.MembersAuthoritative && j.Sink != nil && p.members == nil, "MembersAuthoritative needs a sink with ListMembers")
	fail(j.LeaseTime < 3*time.Second, "LeaseTime is under 3 seconds; a run could lose its target between two renewals")
	fail(j.KeepRuns < 1 || j.Retry.Tries < 1 || j.Retry.First < 0 || j.Retry.Most < 0, "KeepRuns, Retry.Tries and the waits must not be negative")
	out = append(out, j.policyFaults()...)
	out = append(out, j.sourceFaults()...)
	return append(out, p.validate()...)
}

// policyFaults gives numbers that name no policy and kinds that are none.
func (j *Job) policyFaults() (out []error) {
	fail := func(bad bool, format string, args ...any) {
		if bad {
			out = append(out, fmt.Errorf(format, args...))
		}
	}
	for _, field := range []struct {
		name  string
		kinds []Kind
	}{
		{"Kinds", j.Kinds}, {"Required", slices.Sorted(maps.Keys(j.Required))}, {"Leavers", slices.Sorted(maps.Keys(j.Leavers))},
	} {
		for _, kind := range field.kinds {
			fail(!kind.valid(), "%s names %s, which is no kind of object", field.name, kind)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(j.Merge)) {
		fail(j.Merge[name] > Never, "Merge of %s is %d, which is no mode", name, j.Merge[name])
	}
	for _, name := range slices.Sorted(maps.Keys(j.Overlong)) {
		fail(j.Overlong[name] > Omit, "Overlong of %s is %d, which is no policy", name, j.Overlong[name])
	}
	for _, kind := range slices.Sorted(maps.Keys(j.Leavers)) {
		l := j.Leavers[kind]
		fail(max(l.OutOfScope, l.Deleted) > LeaverDelete || l.DeleteAfterDays < 0, "Leavers of %s has an unknown action or a negative number of days", kind)
	}
	fail(j.OnMissing > Halt, "OnMissing is %d, which is no policy", j.OnMissing)
	fail(slices.Contains(j.Protect, ""), "Protect has an empty entry; name an id or a value of a unique attribute")
	for _, l := range j.Guard.limits() {
		fail(l.limit.Count < 0 || !(l.limit.Percent >= 0), "a limit of Guard is negative; Off switches a limit off")
	}
	return append(out, j.identityFault()...)
}

// identityFault: an identity that the mapping never gives joins nobody, and two
// sources would make two accounts of each person.
func (j *Job) identityFault() []error {
	p, ok := j.Mapper.(Producer)
	if j.Identity == "" || !ok {
		return nil
	}
	for kind := User; kind.valid(); kind++ {
		if slices.ContainsFunc(p.Produces(kind), func(name string) bool { return sameName(name, j.Identity) }) {
			return nil
		}
	}
	return []error{fmt.Errorf("the field Identity names %s, which the mapping never gives; add a rule for it or correct the name", j.Identity)}
}

func (j *Job) sourceFaults() (out []error) {
	names := map[string]bool{}
	for i, s := range j.Sources {
		if s.Name == "" {
			out = append(out, fmt.Errorf("the source Sources[%d] has no Name; the name stands in the state store and must not change", i))
		}
		if s.Source == nil {
			out = append(out, fmt.Errorf("the source Sources[%d] (%s) has no Source", i, s.Name))
		}
		if names[s.Name] {
			out = append(out, fmt.Errorf("two sources are named %q", s.Name))
		}
		names[s.Name] = true
	}
	return out
}

// schemaFaults gives what the sink's schema shows to be wrong with the job.
func (s *settings) schemaFaults(p *parts) []error {
	var out []error
	if s.schema.Swap == SwapAtomic && p.batch == nil {
		out = append(out, errors.New("the sink says that swaps are atomic and has no ApplyBatch; give it one, or say SwapNone or SwapPark"))
	}
	out = append(out, s.unknownNames("Merge", slices.Sorted(maps.Keys(s.job.Merge)))...)
	out = append(out, s.unknownNames("Overlong", slices.Sorted(maps.Keys(s.job.Overlong)))...)
	for _, kind := range []Kind{User, Group, Contact, OrganizationalUnit} {
		out = append(out, s.kindFaults(kind)...)
	}
	return out
}

func (s *settings) kindFaults(kind Kind) (out []error) {
	if s.kinds[kind] == nil || !s.takesKind(kind) {
		return nil
	}
	for _, name := range s.required[kind] {
		if !s.knows(kind, name) {
			out = append(out, fmt.Errorf("the field Required names %s, which the target does not have for a %s", name, kind))
		}
	}
	mapper, ok := s.job.Mapper.(Producer)
	if !ok {
		return out
	}
	for _, name := range mapper.Produces(kind) {
		if !s.knows(kind, name) && !sameName(name, AttrExpires) && !sameName(name, AttrExternalID) && !sameName(name, s.job.Identity) {
			out = append(out, fmt.Errorf("the mapping gives %s, which the target does not have for a %s; take the rule out or correct the name", name, kind))
		}
	}
	return out
}

// unknownNames refuses names that the target has for no kind at all.
func (s *settings) unknownNames(field string, names []string) (out []error) {
	if len(s.kinds) == 0 || len(s.kinds) < len(s.schema.Kinds) {
		return nil
	}
	for _, name := range names {
		known := false
		for kind := range s.kinds {
			known = known || s.knows(kind, name)
		}
		if !known {
			out = append(out, fmt.Errorf("%s names %s, which the target does not have", field, name))
		}
	}
	return out
}
