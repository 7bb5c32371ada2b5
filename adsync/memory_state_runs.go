package adsync

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"time"
)

// Begin makes a run and drops those that never got beyond planning.
func (s *memoryState) Begin(ctx context.Context, started time.Time) (id int64, err error) {
	err = s.write(ctx, func(t *memoryTarget) error {
		maps.DeleteFunc(t.runs, func(_ int64, r *memoryRun) bool { return r.info.State == RunPlanning })
		t.lastRun++
		id = t.lastRun
		info := RunInfo{ID: id, State: RunPlanning, Started: started}
		t.runs[id] = &memoryRun{info: copyRun(info), pending: map[string]map[string]string{}}
		return nil
	})
	return id, err
}

// Save replaces what is known of a run.
func (s *memoryState) Save(ctx context.Context, info RunInfo) error {
	return s.write(ctx, func(t *memoryTarget) error {
		r, err := t.run(info.ID)
		if err != nil {
			return err
		}
		r.save(info)
		if info.State == RunSealed {
			t.supersede(info.ID)
		}
		return nil
	})
}

// save keeps the count of recorded batches, which only Record moves. What a
// run over and done with left pending will never be wanted.
func (r *memoryRun) save(info RunInfo) {
	info.Recorded = r.info.Recorded
	r.info = copyRun(info)
	if info.State == RunEnded || info.State == RunSuperseded {
		clear(r.pending)
	}
}

func (t *memoryTarget) supersede(by int64) {
	for id, r := range t.runs {
		if id != by && r.info.State == RunSealed {
			r.info.State = RunSuperseded
			clear(r.pending)
		}
	}
}

// Finish ends a run.
func (s *memoryState) Finish(ctx context.Context, info RunInfo, sources []SourceState, keep int) error {
	return s.write(ctx, func(t *memoryTarget) error {
		r, err := t.run(info.ID)
		if err != nil {
			return err
		}
		if info.State != RunEnded {
			return Errorf(CodeInvalid, "adsync: run %d cannot be finished in state %q; set it to %q", info.ID, info.State, RunEnded)
		}
		for _, source := range sources {
			t.sources[source.Name] = copySource(source)
			t.settleNotes(source.Name, r.pending[source.Name])
		}
		r.save(info)
		t.prune(keep)
		return nil
	})
}

// prune drops the plans and witnesses of all but the newest runs. Those of a
// plan that is held or being applied stay, however old.
func (t *memoryTarget) prune(keep int) {
	for i, id := range t.newestFirst() {
		r := t.runs[id]
		if i >= keep && (r.info.State == RunEnded || r.info.State == RunSuperseded) {
			r.batches = nil
			for n := range r.info.Findings {
				r.info.Findings[n].Names = nil
			}
			for i := range r.info.Sources {
				r.info.Sources[i].Witness = nil
			}
		}
	}
}

func (t *memoryTarget) newestFirst() []int64 {
	return slices.SortedFunc(maps.Keys(t.runs), func(a, b int64) int { return cmp.Compare(b, a) })
}

func (t *memoryTarget) run(id int64) (*memoryRun, error) {
	if r := t.runs[id]; r != nil {
		return r, nil
	}
	return nil, Errorf(CodeInvalid, "adsync: the state has no run %d; it was dropped or never begun", id)
}

// Held gives the runs whose plan is held or begun.
func (s *memoryState) Held(ctx context.Context) (held []RunInfo, err error) {
	err = s.read(ctx, func(t *memoryTarget) {
		for _, id := range t.newestFirst() {
			if info := t.runs[id].info; info.State == RunSealed || info.State == RunApplying {
				held = append(held, copyRun(info))
			}
		}
	})
	return held, err
}

// History gives the runs, newest first.
func (s *memoryState) History(ctx context.Context) iter.Seq2[RunInfo, error] {
	return stream(ctx, func() (list []RunInfo, err error) {
		err = s.read(ctx, func(t *memoryTarget) {
			for _, id := range t.newestFirst() {
				list = append(list, t.runs[id].info)
			}
		})
		return list, err
	}, copyRun)
}

// Sources gives what is known of the sources.
func (s *memoryState) Sources(ctx context.Context) (list []SourceState, err error) {
	err = s.read(ctx, func(t *memoryTarget) {
		for _, name := range slices.Sorted(maps.Keys(t.sources)) {
			list = append(list, copySource(t.sources[name]))
		}
	})
	return list, err
}

func copyRun(info RunInfo) RunInfo {
	info.Started, info.Sealed, info.Ended = plainTime(info.Started), plainTime(info.Sealed), plainTime(info.Ended)
	info.Verified, info.Effects = plainTime(info.Verified), copyEffects(info.Effects)
	info.Findings = slices.Clone(info.Findings)
	for i, f := range info.Findings {
		info.Findings[i].Names = slices.Clone(f.Names)
	}
	info.Sources = slices.Clone(info.Sources)
	for i, source := range info.Sources {
		info.Sources[i] = copySource(source)
	}
	return info
}

func copySource(source SourceState) SourceState {
	if source.Witness == nil {
		return source
	}
	w := *source.Witness
	w.Bases = slices.Clone(w.Bases)
	w.Attributes = maps.Clone(w.Attributes)
	w.Canaries = slices.Clone(w.Canaries)
	for i, c := range w.Canaries {
		w.Canaries[i].Attributes = slices.Clone(c.Attributes)
	}
	w.Units = slices.Clone(w.Units)
	for i, u := range w.Units {
		w.Units[i].Attributes = maps.Clone(u.Attributes)
	}
	source.Witness = &w
	return source
}

func copyEffects(e Effects) Effects {
	e.Kinds, e.Attributes = slices.Clone(e.Kinds), slices.Clone(e.Attributes)
	e.Units, e.Groups = slices.Clone(e.Units), slices.Clone(e.Groups)
	return e
}
