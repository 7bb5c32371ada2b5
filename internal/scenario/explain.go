package scenario

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// doExplain explains an object of the story by its anchor, and whatever else is
// given by value.
func (w *world) doExplain(args, _ []string) (string, error) {
	if len(args) != 1 {
		return "", errors.New("explain WHOM")
	}
	of := adsync.Subject{Value: args[0]}
	if slices.Contains(w.names.list, args[0]) {
		of = adsync.Subject{Anchor: w.names.anchor(args[0])}
	} else if _, is := w.sink.Object(adsync.TargetID(args[0])); is {
		of = adsync.Subject{Target: adsync.TargetID(args[0])}
	}
	return w.with(func(ctx context.Context, e *adsync.Engine) (string, error) {
		explanation, err := e.Explain(ctx, of)
		if err != nil {
			return "", err
		}
		var b strings.Builder
		err = explanation.WriteText(&b)
		return b.String(), err
	})
}

// doRevert makes the plan that undoes a run, shown as any plan is.
func (w *world) doRevert(args, _ []string) (string, error) {
	if len(args) == 0 {
		return "", errors.New("revert RUN [NAME]")
	}
	run, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return "", err
	}
	return w.with(func(ctx context.Context, e *adsync.Engine) (string, error) {
		plan, err := e.Revert(ctx, run)
		return w.showPlan(ctx, plan, err, args[1:])
	})
}
