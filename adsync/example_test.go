package adsync_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
	"github.com/adsync/sdk/source"
)

// nameMapper maps what the examples need.
type nameMapper struct{}

func (nameMapper) Map(o adsync.Object) (adsync.Object, error) { return o, nil }
func (nameMapper) Attributes() []string                       { return []string{"logon", "email", "title", "employeeId"} }
func (nameMapper) Digest() string                             { return "1" }

func someone(number, logon, title string) adsync.Object {
	o := adsync.Object{Kind: adsync.User, Anchor: adsync.Anchor("00000000-0000-4000-8000-00000000000" + number)}
	o.Attrs.Set("logon", logon+"@example.com")
	o.Attrs.Set("email", logon+"@example.com")
	o.Attrs.Set("title", title)
	return o
}

// A plan is made and shown before anything is written.
func Example() {
	ctx := context.Background()
	engine, err := adsync.New(adsync.Job{
		Target:  "demo",
		Sources: adsync.From("people", source.Static(someone("1", "ada", "Director"), someone("2", "ben", "Clerk"))),
		Mapper:  nameMapper{},
		Sink:    memory.New(),
		State:   adsync.NewMemoryState(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer engine.Close()

	plan, err := engine.Plan(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for op := range plan.Ops(ctx) {
		fmt.Println(op.Intent, op.Kind, op.Full.Get("logon"))
	}
	report, err := engine.Apply(ctx, plan.ID())
	fmt.Println(report.Outcome, report.Counts.Create, err)

	report, err = engine.Run(ctx) // plans and applies in one call
	fmt.Println(report.Outcome, report.Counts.Unchanged, report.Counts.Writes(), err)
	// Output:
	// create user ada@example.com
	// create user ben@example.com
	// completed 2 <nil>
	// completed 2 0 <nil>
}

// The guard refuses a plan that would do too much. A person can approve that
// plan, and no other.
func ExampleEngine_Approve() {
	ctx := context.Background()
	people := source.Static()
	for n := range 9 {
		people.Objects = append(people.Objects, someone(fmt.Sprint(n), fmt.Sprint("user", n), "Clerk"))
	}
	engine, _ := adsync.New(adsync.Job{
		Target: "demo", Sources: adsync.From("people", people), Mapper: nameMapper{}, Sink: memory.New(), State: adsync.NewMemoryState(),
		Guard: adsync.Guard{Leaving: adsync.Limit{Count: 2}},
	})
	defer engine.Close()
	_, _ = engine.Run(ctx)

	people.Objects = people.Objects[:4] // five people are gone
	plan, _ := engine.Plan(ctx)
	fmt.Println(plan.Refused())
	_, err := engine.Apply(ctx, plan.ID())
	fmt.Println(errors.Is(err, adsync.ErrNotApproved))

	_ = engine.Approve(ctx, plan.ID(), "Kim from the service desk")
	report, _ := engine.Apply(ctx, plan.ID())
	fmt.Println(report.Outcome, report.Counts.Deactivate)
	// Output:
	// would deactivate 5 of 9 active users; the limit is 2 in 24 hours; last 1 run: at most 0. If this is right, approve plan 228d395bf9286374; if not, correct the directory or the job. Among them: user4@example.com, user5@example.com, user6@example.com.
	// true
	// completed 5
}

// Objects that share a unique value wait for a person, who answers.
func ExampleEngine_Answer() {
	ctx := context.Background()
	twin := someone("2", "ben", "Clerk")
	twin.Attrs.Set("email", "ada@example.com")
	engine, _ := adsync.New(adsync.Job{
		Target: "demo", Sources: adsync.From("people", source.Static(someone("1", "ada", "Director"), twin)),
		Mapper: nameMapper{}, Sink: memory.New(), State: adsync.NewMemoryState(),
	})
	defer engine.Close()
	report, _ := engine.Run(ctx)
	fmt.Println(report.Outcome, report.Counts.Conflicts)
	for issue := range engine.Issues(ctx) {
		fmt.Println(issue.Code, issue.Attr, issue.Anchor)
	}

	_ = engine.Answer(ctx, adsync.Answer{Source: "people", Anchor: twin.Anchor, Verdict: adsync.AnswerIgnore, By: "Kim"})
	report, _ = engine.Run(ctx)
	fmt.Println(report.Outcome, report.Counts.Create, report.Counts.Skipped)
	// Output:
	// conflicts 2
	// source-duplicate email 00000000-0000-4000-8000-000000000001
	// source-duplicate email 00000000-0000-4000-8000-000000000002
	// completed 1 1
}
