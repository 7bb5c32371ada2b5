package adsync

import (
	"context"
	"time"
)

// VerifyOptions says how to verify. The zero value compares and reports.
type VerifyOptions struct {
	// Repair notes in the state what the target really has, reads every source in
	// full and makes a plan that puts right what differs. It is held like any
	// other plan: judged by the guard, listed, approved, and applied by its id.
	Repair bool
	// Each hears of every difference as it is found; an error of it ends the
	// comparison. The report itself lists the first 1,000. Nil: nobody does.
	Each func(Difference) error
}

// differencesListed bounds the list in a report.
const differencesListed = 1000

// DifferenceKind says how the target is not as it was last applied.
type DifferenceKind string

// The kinds of differences.
const (
	DifferenceMissing       DifferenceKind = "missing"        // the linked object is not there
	DifferenceChanged       DifferenceKind = "changed"        // an attribute that we own has another value
	DifferenceForeign       DifferenceKind = "foreign"        // an object that is not linked bears the external id of one that is
	DifferenceMissingMember DifferenceKind = "missing-member" // a member that we added is none
	DifferenceExtraMember   DifferenceKind = "extra-member"   // a member that nobody but the source may add; MembersAuthoritative only
)

// Difference is one thing that is not in the target as it was last applied.
// Like a plan, it holds values of people.
type Difference struct {
	What   DifferenceKind `json:"what"`
	Kind   Kind           `json:"kind"`
	Source string         `json:"source"`
	Anchor Anchor         `json:"anchor"`
	Target TargetID       `json:"target,omitempty"`
	Name   string         `json:"name,omitempty"`
	// Attr was Applied, and is Found. References stand here as the target's ids;
	// AttrActive says whether the object is in use.
	Attr    string   `json:"attr,omitempty"`
	Applied []string `json:"applied,omitempty"`
	Found   []string `json:"found,omitempty"`
	// Member and MemberTarget name the member. Of one that should not be there
	// only the target's id is known.
	Member       Anchor   `json:"member,omitempty"`
	MemberTarget TargetID `json:"memberTarget,omitempty"`
}

// VerifyReport is what a comparison found. Its JSON form is stable.
type VerifyReport struct {
	Target  string    `json:"target"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	// Objects, Groups and Members count what was compared.
	Objects int `json:"objects"`
	Groups  int `json:"groups"`
	Members int `json:"members"`
	// The differences by kind. Changed counts attributes.
	Missing        int `json:"missing"`
	Changed        int `json:"changed"`
	Foreign        int `json:"foreign"`
	MissingMembers int `json:"missingMembers"`
	ExtraMembers   int `json:"extraMembers"`
	// Left says what could not be compared, and why.
	Left []string `json:"left,omitempty"`
	// Differences lists the first 1,000.
	Differences []Difference `json:"differences,omitempty"`
	// Plan is the held plan that puts right what differs; Refused says why the
	// guard refuses it.
	Plan    string `json:"plan,omitempty"`
	Refused string `json:"refused,omitempty"`
	// Error says why the comparison did not come to its end.
	Error string `json:"error,omitempty"`
}

// Count sums the differences.
func (r *VerifyReport) Count() int {
	return r.Missing + r.Changed + r.Foreign + r.MissingMembers + r.ExtraMembers
}

// Verify compares the target with what was last applied to it: every object that
// the job's sources are linked to, the attributes that the mapping owns, and,
// where the sink lists members, the memberships that were added. It writes
// nothing to the target. A sink that cannot list is refused with
// CodeUnsupported, and a plan that was begun must be finished first:
// *UnfinishedError.
//
// Memory is bounded: both sides go through temporary files, in the order of the
// target's ids.
func (e *Engine) Verify(ctx context.Context, o VerifyOptions) (_ *VerifyReport, err error) {
	ctx, release, err := e.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	defer func() { err = lostLease(ctx, err) }()
	if e.parts.lister == nil {
		return nil, Errorf(CodeUnsupported, "adsync: target %s cannot be verified: the sink cannot list what it has", e.job.Target)
	}
	if unfinished, err := e.unfinished(ctx); err != nil {
		return nil, err
	} else if unfinished != nil {
		return nil, unfinishedError(unfinished)
	}
	report, differs, err := e.verify(ctx, o)
	if err != nil || !o.Repair || !differs {
		return report, err
	}
	r, err := e.makePlan(ctx)
	if r != nil {
		report.Plan, report.Refused = r.info.Plan, refusal(r.info.Findings, Finding.String)
	}
	return report, err
}

// verify compares. It tells whether something was found that a plan may put right.
func (e *Engine) verify(ctx context.Context, o VerifyOptions) (report *VerifyReport, differs bool, err error) {
	v, err := e.newVerifier(ctx, o)
	if err != nil {
		return nil, false, err
	}
	defer v.close()
	for _, stage := range []func(context.Context) error{v.gather, v.compare, v.gatherMembers, v.compareMembers} {
		if err = stage(ctx); err != nil {
			break
		}
	}
	if err == nil {
		err = v.correct.finish(ctx)
	}
	v.report.Ended = time.Now()
	if err != nil {
		v.report.Error = err.Error()
	}
	e.logVerify(ctx, v.report)
	return v.report, v.correct.began(), err
}
