package adsync_test

import (
	"context"
	"fmt"
	"os"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
	"github.com/adsync/sdk/source"
)

// demo is a job with made-up people that an example goes on from.
func demo(people adsync.Source, sink adsync.Sink) adsync.Job {
	return adsync.Job{Target: "demo", Sources: adsync.From("people", people), Mapper: nameMapper{}, Sink: sink, State: adsync.NewMemoryState()}
}

// Incomplete people are put aside by default. A job can stop at the first one
// instead, so that nothing is created until the directory is in order.
func ExampleJob_onMissing() {
	ctx := context.Background()
	job := demo(source.Static(someone("1", "ada", ""), someone("2", "ben", "Clerk")), memory.New())
	job.Required = map[adsync.Kind][]string{adsync.User: {"title"}}
	for _, job.OnMissing = range []adsync.MissingPolicy{adsync.Quarantine, adsync.Halt} {
		job.Sink, job.State = memory.New(), adsync.NewMemoryState()
		engine, _ := adsync.New(job)
		report, _ := engine.Run(ctx)
		fmt.Println(report.Outcome, report.Counts.Quarantined, report.Issues[0].Code, report.Issues[0].Attr)
		engine.Close()
	}
	// Output:
	// completed 1 required-missing title
	// halted 1 required-missing title
}

// Who leaves is deactivated by default; a job says otherwise by name, and for
// each of the two facts on its own.
func ExampleJob_leavers() {
	ctx := context.Background()
	people := source.Static(someone("1", "ada", "Director"), someone("2", "ben", "Clerk"))
	job := demo(people, memory.New())
	job.Leavers = map[adsync.Kind]adsync.LeaverPolicy{
		adsync.User: {OutOfScope: adsync.LeaverKeep, Deleted: adsync.LeaverDeactivate, DeleteAfterDays: 90},
	}
	engine, _ := adsync.New(job)
	defer engine.Close()
	_, _ = engine.Run(ctx)

	people.Objects = people.Objects[:1] // a snapshot cannot tell which of both, so the milder one holds
	report, _ := engine.Run(ctx)
	fmt.Println(report.Outcome, report.Counts.Deactivate, report.Issues[0].Code)
	// Output:
	// completed 0 leaver-kept
}

// A blank in the directory keeps what the target has, unless the job says that
// the directory is right for this attribute.
func ExampleJob_merge() {
	ctx := context.Background()
	sink, people := memory.New(), source.Static(someone("1", "ada", "Director"), someone("2", "ben", "Clerk"))
	job := demo(people, sink)
	for _, mode := range []adsync.MergeMode{adsync.KeepOnBlank, adsync.SourceWins} {
		job.Merge = map[string]adsync.MergeMode{"title": mode}
		engine, _ := adsync.New(job)
		people.Objects[0] = someone("1", "ada", "Director")
		_, _ = engine.Run(ctx)
		people.Objects[0].Attrs.Set("title") // present without a value: it is blank
		_, _ = engine.Run(ctx)
		for _, account := range sink.Objects() {
			fmt.Printf("%s %q\n", account.Attrs.Get("logon"), account.Attrs.Get("title"))
		}
		engine.Close()
	}
	// Output:
	// ada@example.com "Director"
	// ben@example.com "Clerk"
	// ada@example.com ""
	// ben@example.com "Clerk"
}

// One person in two sources, known by the number of the contract: one account,
// and the first source owns each attribute that it has.
func ExampleJob_identity() {
	ctx := context.Background()
	inDirectory, inOffice := someone("1", "ada", ""), someone("2", "", "Director")
	inDirectory.Attrs.Set("employeeId", "4711")
	inDirectory.Attrs.Delete("title") // it says nothing of it
	inOffice.Attrs = adsync.MakeAttributes(adsync.Attribute{Name: "employeeId", Values: []string{"4711"}},
		adsync.Attribute{Name: "title", Values: []string{"Director"}})
	sink := memory.New()
	job := demo(nil, sink)
	job.Sources = []adsync.SourceConfig{{Name: "directory", Source: source.Static(inDirectory)}, {Name: "office", Source: source.Static(inOffice)}}
	job.Identity = "employeeId"
	engine, err := adsync.New(job)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer engine.Close()
	_, _ = engine.Run(ctx)
	for _, account := range sink.Objects() {
		fmt.Println(account.Attrs.Get("logon"), account.Attrs.Get("title"))
	}
	// Output:
	// ada@example.com Director
}

// A plan can be exported, read by another program or person, and applied later
// by its id, also by another process with the same state.
func ExamplePlan_WriteLines() {
	ctx := context.Background()
	engine, _ := adsync.New(demo(source.Static(someone("1", "ada", "Director")), memory.New()))
	defer engine.Close()
	plan, _ := engine.Plan(ctx)
	_ = plan.WriteLines(ctx, os.Stdout)

	held, _ := engine.HeldPlan(ctx, plan.ID())
	report, _ := engine.Apply(ctx, held.ID())
	fmt.Println(report.Outcome, report.Counts.Create)
	// Output:
	// {"plan":1,"target":"demo"}
	// {"phase":5,"verb":"put","intent":"create","kind":"user","source":"people","anchor":"00000000-0000-4000-8000-000000000001","changes":{"email":{"before":[],"after":["ada@example.com"]},"logon":{"before":[],"after":["ada@example.com"]},"title":{"before":[],"after":["Director"]}}}
	// completed 1
}

func ExampleEngine_Abandon() {
	ctx := context.Background()
	engine, _ := adsync.New(demo(source.Static(someone("1", "ada", "Director")), memory.New()))
	defer engine.Close()
	plan, _ := engine.Plan(ctx)
	fmt.Println(engine.Abandon(ctx, plan.ID()))
	_, err := engine.Apply(ctx, plan.ID())
	fmt.Println(err != nil)
	// Output:
	// <nil>
	// true
}

func ExampleEngine_History() {
	ctx := context.Background()
	engine, _ := adsync.New(demo(source.Static(someone("1", "ada", "Director")), memory.New()))
	defer engine.Close()
	_, _ = engine.Run(ctx)
	_, _ = engine.Plan(ctx)
	for run, err := range engine.History(ctx) {
		fmt.Println(run.ID, run.State, run.Outcome, run.Applied.Create, err)
	}
	// Output:
	// 2 sealed planned 0 <nil>
	// 1 ended completed 1 <nil>
}

// Every fault of every part is told at once, before anything is opened.
func ExampleNew() {
	_, err := adsync.New(adsync.Job{Target: "demo", Sink: memory.New(), State: adsync.NewMemoryState()})
	fmt.Println(err)
	// Output:
	// adsync: the job cannot run, 2 faults:
	//   - Sources is empty; name at least one, such as adsync.From("ad", source)
	//   - Mapper is nil
}

// A connector's error carries a code that says what the engine does about it.
func ExampleErrorf() {
	err := adsync.Errorf(adsync.CodeConflict, "the address %s is taken", "ada@example.com")
	err.Problem, err.Attr = "email-in-use", "email"
	fmt.Println(adsync.CodeOf(err), err)
	fmt.Println(adsync.CodeOf(context.DeadlineExceeded))
	// Output:
	// conflict the address ada@example.com is taken
	// unavailable
}

// Absent says nothing; present without values asks to clear.
func ExampleAttributes() {
	var a adsync.Attributes
	a.Set("mail", "ada@example.com")
	a.Set("fax")
	fmt.Println(a.Get("Mail"), a.Has("fax"), a.Has("title"), len(a.Values("fax")))
	text, _ := a.MarshalJSON()
	fmt.Println(string(text))
	// Output:
	// ada@example.com true false 0
	// {"fax":[],"mail":["ada@example.com"]}
}
