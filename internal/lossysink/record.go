package lossysink

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// Record is what happened to the target.
type Record struct {
	// Effects counts, by op key, how often an op changed anything.
	Effects map[string]int
	// Created counts, by anchor, how often an object was made.
	Created map[adsync.Anchor]int
	// Shared lists values that two active objects had at one time.
	Shared map[string]bool
}

func newRecord() Record {
	return Record{Effects: map[string]int{}, Created: map[adsync.Anchor]int{}, Shared: map[string]bool{}}
}

func (r *Record) effect(op *adsync.Op) {
	r.Effects[op.Key]++
	if op.Verb == adsync.Put && op.Target == "" {
		r.Created[op.Anchor]++
	}
}

// judge looks for values that have to be unique and are not.
func (r *Record) judge(objects map[adsync.TargetID]*object) {
	holders := map[string]bool{}
	for _, o := range objects {
		for _, name := range []string{"logon", "email"} {
			v := fmt.Sprint(o.kind, " ", name, " ", strings.ToLower(o.attrs.Get(name)))
			if o.attrs.Get(name) == "" {
				continue
			}
			if holders[v] {
				r.Shared[v] = true
			}
			holders[v] = true
		}
	}
}

// Twice lists what happened more than once: ops by key, and objects made.
func (s *Server) Twice() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, n := range s.record.Effects {
		if n > 1 {
			out = append(out, fmt.Sprintf("op %s took effect %d times", key, n))
		}
	}
	for anchor, n := range s.record.Created {
		if n > 1 {
			out = append(out, fmt.Sprintf("%s was made %d times", anchor, n))
		}
	}
	for v := range s.record.Shared {
		out = append(out, "two had "+v)
	}
	slices.Sort(out)
	return out
}

// Effects gives the number of ops that changed something.
func (s *Server) Effects() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.record.Effects)
}

// Lines shows the whole target, objects and members named by external ids.
func (s *Server) Lines() (lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := func(id string) string {
		if o := s.objects[adsync.TargetID(id)]; o != nil {
			return string(o.external)
		}
		return id
	}
	for _, id := range slices.Sorted(maps.Keys(s.objects)) {
		o := s.objects[id]
		line := fmt.Sprintf("%s %s inactive=%v", o.kind, o.external, o.inactive)
		for attr, values := range o.attrs.All() {
			if attr == "manager" {
				values = []string{name(values[0])}
			}
			line += fmt.Sprintf(" %s=%q", attr, values)
		}
		var members []string
		for _, m := range o.members {
			members = append(members, name(string(m)))
		}
		slices.Sort(members)
		lines = append(lines, line+" members="+strings.Join(members, ","))
	}
	slices.Sort(lines)
	return lines
}
