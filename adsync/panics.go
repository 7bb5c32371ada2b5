package adsync

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// A connector's panic is turned into an error where the engine can go on safely
// or calls it from a goroutine of its own, in which nobody else could recover:
// one object must not end the program that embeds the engine.

// caught, deferred, makes an error of a panic. The code says what it means for
// the run.
func caught(part string, code Code, err *error) {
	if r := recover(); r != nil && *err != nil { // an iterator that goes on after its last word
		*err = Errorf(CodeOf(*err), "%w (and then %s panicked: %v)", *err, part, r)
	} else if r != nil {
		*err = Errorf(code, "%s panicked: %v%s; this is a fault of %s", part, r, whereItPanicked(), part)
	}
}

// whereItPanicked names the function and line, for whoever mends it.
func whereItPanicked() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf(" in %s, %s:%d", filepath.Base(f.Function), filepath.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}

func (s *settings) mapObject(o Object) (mapped Object, err error) {
	defer caught("the mapping", CodeOther, &err)
	return s.job.Mapper.Map(o)
}

// applyOne and applyBatch take a panic for an unknown outcome, as they would a
// connection that broke.
func (a *applier) applyOne(ctx context.Context, op Op) (r Receipt, err error) {
	defer caught("the sink", CodeUnavailable, &err)
	return a.parts.sink.Apply(ctx, op)
}

func (a *applier) applyBatch(ctx context.Context, batch OpBatch) (results []Result, err error) {
	defer caught("the sink", CodeUnavailable, &err)
	return a.parts.batch.ApplyBatch(ctx, batch)
}
