package source

import (
	"context"
	"fmt"
	"iter"

	"github.com/adsync/sdk/adsync"
)

// Page is one answer of a protocol that answers page by page.
type Page struct {
	Changes []adsync.Change
	// Snapshot says that this read lists everything in scope. All pages of a
	// read agree.
	Snapshot bool
	// Token asks for the page after this one. Empty on the last page, and on
	// no other: a page without a token says that nothing was left out.
	Token string
	// Next, on the last page, is where the next read starts.
	Next adsync.Cursor
	// Witness, on the last page of a snapshot; may be nil.
	Witness *adsync.Witness
}

// Fetch asks for one page. The token is empty for the first one, and then that
// of the page before. An error ends the read; a page that could not be had in
// full is an error too.
type Fetch func(ctx context.Context, token string) (Page, error)

// Pages makes the sequence that [adsync.Source] asks for:
//
//   - fetch is first called when the consumer asks for the first batch, and
//     again only when it asks for the next one;
//   - an error of fetch, or a cancelled context, is the last thing yielded;
//   - Done is set on the page without a token, and on no other;
//   - nothing is yielded after the consumer stopped;
//   - release functions are called once per loop that began, however it ends.
//
// A server that hands out the same token twice in a row would be asked for
// ever, so that is an error, as is a page that disagrees about Snapshot.
func Pages(ctx context.Context, fetch Fetch, release ...func()) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) {
		for _, f := range release {
			defer f()
		}
		p := pager{ctx: ctx, fetch: fetch}
		for !p.done {
			batch, err := p.next()
			if err != nil {
				yield(adsync.Batch{}, err)
				return
			}
			if !yield(batch, nil) {
				return
			}
		}
	}
}

// pager is one loop over the pages.
type pager struct {
	ctx      context.Context
	fetch    Fetch
	token    string
	n        int
	snapshot bool
	done     bool
}

func (p *pager) next() (adsync.Batch, error) {
	if err := p.cancelled(); err != nil {
		return adsync.Batch{}, err
	}
	page, err := p.fetch(p.ctx, p.token)
	if err == nil {
		// What came after a cancellation may be a part only, whatever it says.
		err = p.cancelled()
	}
	if err == nil {
		err = p.check(page)
	}
	if err != nil {
		return adsync.Batch{}, err
	}
	p.n++
	p.token, p.snapshot, p.done = page.Token, page.Snapshot, page.Token == ""
	batch := adsync.Batch{Changes: page.Changes, Snapshot: page.Snapshot, Done: p.done}
	if p.done {
		batch.Next, batch.Witness = page.Next, page.Witness
	}
	return batch, nil
}

func (p *pager) cancelled() error {
	if err := p.ctx.Err(); err != nil {
		return fmt.Errorf("source: the read was cancelled after %d pages: %w", p.n, err)
	}
	return nil
}

func (p *pager) check(page Page) error {
	switch {
	case p.n > 0 && page.Snapshot != p.snapshot:
		return adsync.Errorf(adsync.CodeIncomplete, "source: page %d disagrees with those before it about being part of a snapshot", p.n+1)
	case page.Token != "" && page.Token == p.token:
		return adsync.Errorf(adsync.CodeIncomplete, "source: page %d asks for itself again; the read would never end", p.n+1)
	}
	return nil
}
