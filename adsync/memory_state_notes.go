package adsync

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Notes gives the memory of one source as one run sees it.
func (s *memoryState) Notes(source string, run int64) Notes {
	return &memoryNotes{s: s, source: source, run: run}
}

type memoryNotes struct {
	s      *memoryState
	source string
	run    int64
}

// Get gives a note, the pending one first.
func (n *memoryNotes) Get(ctx context.Context, name string) (value string, ok bool, err error) {
	err = n.s.read(ctx, func(t *memoryTarget) {
		if value, ok = n.pending(t)[name]; ok {
			ok = value != ""
			return
		}
		value, ok = t.notes[n.source][name]
	})
	return value, ok, err
}

// Put writes a note that waits for the end of the run.
func (n *memoryNotes) Put(ctx context.Context, name, value string) error {
	return n.s.write(ctx, func(t *memoryTarget) error {
		r, err := t.run(n.run)
		if err != nil {
			return err
		}
		if r.info.State == RunEnded || r.info.State == RunSuperseded {
			return Errorf(CodeInvalid, "adsync: run %d is %s and takes no more notes", n.run, r.info.State)
		}
		if r.pending[n.source] == nil {
			r.pending[n.source] = map[string]string{}
		}
		r.pending[n.source][name] = value
		return nil
	})
}

// Scan lists notes by prefix.
func (n *memoryNotes) Scan(ctx context.Context, prefix string) iter.Seq2[Note, error] {
	return stream(ctx, func() (list []Note, err error) {
		seen := map[string]string{}
		err = n.s.read(ctx, func(t *memoryTarget) {
			maps.Copy(seen, t.notes[n.source])
			maps.Copy(seen, n.pending(t))
		})
		for _, name := range slices.Sorted(maps.Keys(seen)) {
			if strings.HasPrefix(name, prefix) && seen[name] != "" {
				list = append(list, Note{name, seen[name]})
			}
		}
		return list, err
	}, func(note Note) Note { return note })
}

// DropNotes forgets what a run has put.
func (s *memoryState) DropNotes(ctx context.Context, source string, run int64) error {
	return s.write(ctx, func(t *memoryTarget) error {
		if r := t.runs[run]; r != nil {
			delete(r.pending, source)
		}
		return nil
	})
}

func (n *memoryNotes) pending(t *memoryTarget) map[string]string {
	if r := t.runs[n.run]; r != nil {
		return r.pending[n.source]
	}
	return nil
}

// settleNotes makes pending notes of a source lasting.
func (t *memoryTarget) settleNotes(source string, pending map[string]string) {
	if t.notes[source] == nil {
		t.notes[source] = map[string]string{}
	}
	maps.Copy(t.notes[source], pending)
	maps.DeleteFunc(t.notes[source], func(_, value string) bool { return value == "" })
}
