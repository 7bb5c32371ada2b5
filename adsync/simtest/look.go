package simtest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// picture shows the target as text, by anchors rather than ids: two worlds in
// which the same happened look the same.
func (w *World) picture() string {
	s := w.System
	s.mu.Lock()
	defer s.mu.Unlock()
	called := func(id adsync.TargetID) string {
		if o := s.objects[id]; o != nil && o.anchor != "" {
			return numberOf(o.anchor)
		}
		return string(id)
	}
	var lines []string
	for id, o := range s.objects {
		line := fmt.Sprintf("%s %s", o.Kind, called(id))
		if o.Inactive {
			line += " inactive"
		}
		for name, values := range o.Attrs.All() {
			if name == "manager" && len(values) == 1 {
				values = []string{called(adsync.TargetID(values[0]))}
			}
			line += fmt.Sprintf(" %s=%q", name, values)
		}
		var members []string
		for m := range o.members {
			members = append(members, called(m))
		}
		slices.Sort(members)
		if len(members) > 0 {
			line += " members=" + strings.Join(members, ",")
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// dump reads everything that the state has: for what is wrong in the end, and
// for secrets that should not be there.
func (w *World) dump(ctx context.Context, st adsync.State, trace *Trace) {
	say := func(what string, v any, err error) {
		if err != nil {
			w.tell(Said{"state", what + ": " + err.Error()})
		}
		w.tell(Said{"state", fmt.Sprintf("%s %+v", what, v)})
	}
	issues, err := all(st.ListIssues(ctx))
	say("issues", issues, err)
	trace.Issues = issues
	for _, d := range w.Directories {
		links, err := all(st.Scan(ctx, d.Name, false))
		say("links", links, err)
		trace.links += len(links)
	}
	sources, err := st.Sources(ctx)
	say("sources", sources, err)
	runs, err := all(st.History(ctx))
	say("runs", runs, err)
	for _, run := range runs {
		batches, err := all(st.Batches(ctx, run.ID, 0))
		say("batches", batches, err)
	}
}
