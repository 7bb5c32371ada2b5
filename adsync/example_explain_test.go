package adsync_test

import (
	"context"
	"fmt"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/mapping"
	"github.com/adsync/sdk/sink/memory"
	"github.com/adsync/sdk/source"
)

const explainedMap = `version: 1
source: [mail, sAMAccountName, title, employeeType]
user:
  skip: [employeeType == "service"]
  attributes:
    email: {from: mail, normalize: [text, lower]}
    logon: sAMAccountName
    title: title
`

func employee(number, logon, mail, title string) adsync.Object {
	o := adsync.Object{Kind: adsync.User, Anchor: adsync.Anchor("00000000-0000-4000-8000-00000000000" + number), Container: "OU=Staff,DC=example,DC=com"}
	o.Attrs.Set("sAMAccountName", logon)
	o.Attrs.Set("mail", mail)
	o.Attrs.Set("title", title)
	return o
}

func explainedJob(people *source.StaticSource) adsync.Job {
	rules, err := mapping.Load([]byte(explainedMap))
	if err != nil {
		panic(err)
	}
	return adsync.Job{
		Target: "demo", Mapper: rules, Sink: memory.New(), State: adsync.NewMemoryState(), Merge: map[string]adsync.MergeMode{"title": adsync.FillIfEmpty},
		Sources: []adsync.SourceConfig{{Name: "people", Source: people, Scope: &adsync.Scope{Units: []adsync.Unit{{DN: "OU=Guests,DC=example,DC=com", Deselect: true}}}}},
	}
}

// An administrator types an address and learns why the account is as it is, or
// why there is none.
func ExampleEngine_Explain() {
	ctx := context.Background()
	ada, ben, dot := employee("1", "ada", "Ada@Example.com", "Clerk"), employee("2", "ben", "ben@example.com", ""), employee("3", "dot", "dot@example.com", "")
	ben.Container = "OU=Guests,DC=example,DC=com"
	dot.Attrs.Set("employeeType", "service")
	people := source.Static(ada, ben, dot)
	engine, err := adsync.New(explainedJob(people))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer engine.Close()
	_, _ = engine.Run(ctx)
	people.Objects[0] = employee("1", "ada", "Ada@Example.com", "Director")
	_, _ = engine.Run(ctx)

	e, err := engine.Explain(ctx, adsync.Subject{Value: "ada@example.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Target, e.Standing)
	for _, a := range e.Attributes {
		fmt.Printf("%s = %q by run %d, rule %q at %s: %s\n", a.Attr, a.Applied, a.Written.Run, a.Rule, a.Place, a.Reason)
	}
	for _, who := range []string{"ben@example.com", "dot@example.com"} {
		e, _ := engine.Explain(ctx, adsync.Subject{Value: who})
		fmt.Println(who, e.Standing, e.Why[0])
	}
	// Output:
	// user-1 active
	// email = ["ada@example.com"] by run 1, rule "mail; normalize: text, lower" at line 6: written
	// logon = ["ada"] by run 1, rule "sAMAccountName" at line 7: written
	// title = ["Clerk"] by run 1, rule "title" at line 8: fill-if-empty
	// ben@example.com out-of-scope out of scope: the unit OU=Guests,DC=example,DC=com is deselected
	// dot@example.com left-out the mapping leaves it out: user.skip: employeeType == "service" (line 4)
}

// A run that turns out to be a mistake is undone by a plan like any other.
func ExampleEngine_Revert() {
	ctx := context.Background()
	people := source.Static(employee("1", "ada", "ada@example.com", "Director"), employee("2", "ben", "ben@example.com", "Clerk"))
	job := explainedJob(people)
	job.Merge = nil
	engine, err := adsync.New(job)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer engine.Close()
	_, _ = engine.Run(ctx)
	people.Objects[0].Attrs.Set("title", "Dircetor") // a typing mistake
	people.Objects = people.Objects[:1]              // and somebody is lost
	report, _ := engine.Run(ctx)

	plan, err := engine.Revert(ctx, report.Run)
	if err != nil {
		fmt.Println(err)
		return
	}
	for op := range plan.Ops(ctx) {
		fmt.Println(op.Intent, op.Full.Get("logon"), op.Changes())
	}
	for _, f := range plan.Report().Findings[1:] {
		fmt.Println(f.Text)
	}
	report, err = engine.Apply(ctx, plan.ID())
	fmt.Println(report.Outcome, report.Counts.Update, report.Counts.Reactivate, err)
	// Output:
	// update ada [{title [Dircetor] [Director]}]
	// reactivate ben [{active [false] [true]}]
	// 1 object(s) that had left are made active again. If the directory does not show them, the next full read takes them for leavers again, under the guard: correct scope or mapping first, or answer ignore.
	// completed 1 1 <nil>
}
