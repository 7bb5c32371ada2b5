package adsync

import "context"

// undoableNotes remembers what each note said before a run changed it. The notes
// of a read that is not believed must not outlive it: the next one would take
// them for true.
type undoableNotes struct {
	Notes
	before map[string]string
}

func newUndoableNotes(n Notes) *undoableNotes {
	return &undoableNotes{Notes: n, before: map[string]string{}}
}

// Put changes a note.
func (n *undoableNotes) Put(ctx context.Context, name, value string) error {
	if _, known := n.before[name]; !known {
		old, _, err := n.Get(ctx, name)
		if err != nil {
			return err
		}
		n.before[name] = old
	}
	return n.Notes.Put(ctx, name, value)
}

// undo makes every note say again what it said before.
func (n *undoableNotes) undo(ctx context.Context) error {
	for name, old := range n.before {
		if err := n.Notes.Put(ctx, name, old); err != nil {
			return err
		}
	}
	clear(n.before)
	return nil
}

// undoDoubted takes back the notes of sources that are not believed.
func (p *planner) undoDoubted(ctx context.Context) error {
	for _, s := range p.sources {
		if s.unsure == "" {
			continue
		}
		if err := s.notes.undo(ctx); err != nil {
			return err
		}
	}
	return nil
}
