package adsync

import "context"

// dropDoubted forgets the notes of reads that are not believed. They must not
// outlive them: the next read would take them for true.
func (p *planner) dropDoubted(ctx context.Context) error {
	for _, s := range p.sources {
		if s.unsure == "" {
			continue
		}
		if err := p.state.DropNotes(ctx, s.Name, p.run); err != nil {
			return err
		}
	}
	return nil
}
