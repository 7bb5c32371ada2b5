package main

import (
	"context"
	"encoding/json"

	"github.com/adsync/sdk/adsync"
)

// makePlan makes the plan of a synchronisation, or the one that undoes a run.
func makePlan(ctx context.Context, e *adsync.Engine, o *options) (*adsync.Plan, error) {
	if o.revert > 0 {
		return e.Revert(ctx, o.revert)
	}
	return e.Plan(ctx)
}

// explain says why somebody is in the target as they are, or why not.
func explain(ctx context.Context, e *adsync.Engine, o *options, show *screen) error {
	explanation, err := e.Explain(ctx, subjectOf(o.explain))
	if err != nil {
		return err
	}
	if show.json {
		return json.NewEncoder(show.out).Encode(explanation)
	}
	return explanation.WriteText(show.out)
}

// subjectOf takes what looks like an anchor for one.
func subjectOf(who string) adsync.Subject {
	if len(who) == 36 && who[8] == '-' && who[13] == '-' {
		return adsync.Subject{Anchor: adsync.Anchor(who)}
	}
	return adsync.Subject{Value: who}
}
