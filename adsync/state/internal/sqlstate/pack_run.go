package sqlstate

import (
	"maps"
	"slices"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/packed"
)

// info packs what is stored of a run, apart from what has columns of its own:
// number, state, progress and what was applied.
func (e *encoder) info(i *adsync.RunInfo) {
	e.String(i.Plan)
	e.String(string(i.Outcome))
	e.String(i.Approved)
	e.Time(i.Started)
	e.Time(i.Sealed)
	e.Time(i.Ended)
	e.Int(int64(i.Batches))
	e.Int(int64(i.Ops))
	e.counts(i.Planned)
	hash(e, i.Config)
	e.Uint(uint64(len(i.Findings)))
	for _, f := range i.Findings {
		e.finding(f)
	}
	e.Uint(uint64(len(i.Sources)))
	for _, s := range i.Sources {
		e.String(s.Name)
		e.source(s)
	}
	e.String(i.Error)
	e.Time(i.Verified)
}

func (d *decoder) info(i *adsync.RunInfo) {
	i.Plan = d.String()
	i.Outcome = adsync.RunOutcome(d.String())
	i.Approved = d.String()
	i.Started, i.Sealed, i.Ended = d.Time(), d.Time(), d.Time()
	i.Batches, i.Ops = int(d.Int()), int(d.Int())
	i.Planned = d.counts()
	i.Config = readHash[adsync.Digest](d)
	i.Findings = list(d, d.finding)
	i.Sources = list(d, func() adsync.SourceState {
		name := d.String()
		s := d.source()
		s.Name = name
		return s
	})
	i.Error = d.String()
	if d.form >= withEffects {
		i.Verified = d.Time()
	}
}

// list reads a count and that many entries.
func list[T any](d *decoder, entry func() T) []T {
	n := d.Count(1)
	if n == 0 {
		return nil
	}
	var out []T // grows as entries come: an entry is larger than its bytes
	for range n {
		if d.Err() != nil {
			return nil
		}
		out = append(out, entry())
	}
	return out
}

func (e *encoder) finding(f adsync.Finding) {
	e.String(f.Rule)
	e.Byte(byte(f.Kind))
	e.String(f.Source)
	e.Int(int64(f.Count))
	e.Int(int64(f.Limit))
	e.Int(int64(f.Of))
	e.Bool(f.Refuses)
	e.String(f.Text)
	e.String(f.Unit)
	e.String(f.Group)
	e.String(f.Attr)
	e.Int(int64(f.Before))
	e.Int(int64(f.Usual))
	e.Int(int64(f.Runs))
	packed.Strings(&e.Writer, f.Names)
}

func (d *decoder) finding() (f adsync.Finding) {
	f.Rule = d.String()
	f.Kind = adsync.Kind(d.Byte())
	f.Source = d.String()
	f.Count, f.Limit, f.Of = int(d.Int()), int(d.Int()), int(d.Int())
	f.Refuses = d.Bool()
	f.Text = d.String()
	if d.form >= withEffects {
		f.Unit, f.Group, f.Attr = d.String(), d.String(), d.String()
		f.Before, f.Usual, f.Runs = int(d.Int()), int(d.Int()), int(d.Int())
		f.Names = packed.ReadStrings[string](d.Reader)
	}
	return f
}

// source packs the state of a source, apart from its name.
func (e *encoder) source(s adsync.SourceState) {
	e.String(string(s.Cursor))
	e.String(s.Config)
	e.Int(int64(s.Objects))
	e.Bool(s.Snapshot)
	e.Int(s.Run)
	e.Time(s.Full)
	e.Bool(s.Witness != nil)
	if s.Witness != nil {
		e.witness(s.Witness)
	}
}

func (d *decoder) source() (s adsync.SourceState) {
	s.Cursor = adsync.Cursor(d.String())
	s.Config = d.String()
	s.Objects = int(d.Int())
	s.Snapshot = d.Bool()
	s.Run = d.Int()
	if d.form >= withUnits {
		s.Full = d.Time()
	}
	if d.Bool() {
		s.Witness = d.witness()
	}
	return s
}

func (e *encoder) witness(w *adsync.Witness) {
	e.String(w.Identity)
	e.String(w.Server)
	e.Uint(uint64(len(w.Bases)))
	for _, b := range w.Bases {
		e.String(b.Name)
		e.Bool(b.Readable)
		e.String(b.Problem)
		e.Int(int64(b.Objects))
	}
	e.tally(w.Attributes)
	e.Uint(uint64(len(w.Canaries)))
	for _, c := range w.Canaries {
		e.String(c.Unit)
		e.String(string(c.Anchor))
		packed.Strings(&e.Writer, c.Attributes)
	}
	e.Uint(uint64(len(w.Units)))
	for _, u := range w.Units {
		e.String(u.Unit)
		e.Int(int64(u.Objects))
		e.tally(u.Attributes)
	}
	e.String(w.Behind)
}

// tally packs numbers by name.
func (e *encoder) tally(numbers map[string]int) {
	e.Uint(uint64(len(numbers)))
	for _, name := range slices.Sorted(maps.Keys(numbers)) {
		e.String(name)
		e.Int(int64(numbers[name]))
	}
}

func (d *decoder) tally() map[string]int {
	n := d.Count(2)
	if n == 0 {
		return nil
	}
	numbers := map[string]int{} // grows as names come
	for range n {
		if d.Err() != nil {
			return nil
		}
		name := d.String()
		numbers[name] = int(d.Int())
	}
	return numbers
}

func (d *decoder) witness() *adsync.Witness {
	w := &adsync.Witness{Identity: d.String(), Server: d.String()}
	w.Bases = list(d, func() (b adsync.BaseWitness) {
		b.Name, b.Readable, b.Problem = d.String(), d.Bool(), d.String()
		b.Objects = int(d.Int())
		return b
	})
	w.Attributes = d.tally()
	w.Canaries = list(d, func() adsync.Canary {
		return adsync.Canary{Unit: d.String(), Anchor: adsync.Anchor(d.String()), Attributes: packed.ReadStrings[string](d.Reader)}
	})
	if d.form >= withUnits {
		w.Units = list(d, func() adsync.UnitWitness {
			return adsync.UnitWitness{Unit: d.String(), Objects: int(d.Int()), Attributes: d.tally()}
		})
		w.Behind = d.String()
	}
	return w
}

// countFields lists the counts in the order in which they are packed. New ones
// go to the end: a record without them reads as zero.
func countFields(c *adsync.Counts) []*int {
	return []*int{
		&c.Create, &c.Update, &c.Rename, &c.Deactivate, &c.Reactivate, &c.Adopt, &c.Delete, &c.Members,
		&c.Unchanged, &c.Skipped, &c.Issues, &c.Conflicts, &c.Quarantined,
	}
}

func (e *encoder) counts(c adsync.Counts) {
	fields := countFields(&c)
	e.Uint(uint64(len(fields)))
	for _, f := range fields {
		e.Int(int64(*f))
	}
}

func (d *decoder) counts() (c adsync.Counts) {
	fields := countFields(&c)
	for i := range d.Count(1) {
		if v := d.Int(); i < len(fields) {
			*fields[i] = int(v)
		}
	}
	return c
}
