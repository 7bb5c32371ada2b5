package adsync_test

import (
	"context"
	"fmt"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
	"github.com/adsync/sdk/source"
)

// Somebody changes a person in the target by hand. Verify finds it, and makes a
// plan that puts it right.
func ExampleEngine_Verify() {
	ctx := context.Background()
	target := memory.New()
	engine, _ := adsync.New(adsync.Job{
		Target: "demo", Sources: adsync.From("people", source.Static(someone("1", "ada", "Countess"))), Mapper: nameMapper{},
		Sink: target, State: adsync.NewMemoryState(),
	})
	defer engine.Close()
	_, _ = engine.Run(ctx)

	ada := target.Objects()[0]
	ada.Attrs.Set("title", "Boss")
	target.Add(ada)

	report, _ := engine.Verify(ctx, adsync.VerifyOptions{Repair: true})
	for _, d := range report.Differences {
		fmt.Println(d.What, d.Kind, d.Target, d.Attr, d.Applied, d.Found)
	}
	applied, _ := engine.Apply(ctx, report.Plan)
	fmt.Println(applied.Outcome, applied.Counts.Update, target.Objects()[0].Attrs.Get("title"))
	// Output:
	// changed user user-1 title [Countess] [Boss]
	// completed 1 Countess
}
