package adsync

import (
	"context"
	"iter"
	"time"
)

// Cursor is a position in a source, opaque to the engine. The empty Cursor
// asks for everything.
type Cursor string

// Source reads a directory.
//
// The engine calls Read once per run and source, from one goroutine, and reads
// the sequence to its end unless the run stops. Nothing is asked of the
// directory before the engine asks for the next batch, and everything held is
// released when the loop ends, early or not.
//
// An error is the last thing a sequence yields. A cancelled context is an
// error too. A sequence that ends without a batch whose Done is set counts as
// cut short: the engine treats it as [ErrIncomplete] and takes nothing for
// absent. The error's code says what the engine does: [CodeUnauthenticated]
// and [CodeDenied] stop the source, [CodeUnavailable] ends it unreachable,
// [CodeGone] asks for a snapshot in place of the cursor given.
type Source interface {
	Read(ctx context.Context, r ReadRequest) iter.Seq2[Batch, error]
}

// Batch is one page of a read. The engine does not keep it: a source may reuse
// the Changes slice once the next batch is asked for, but not the values in it.
type Batch struct {
	Changes []Change
	// Snapshot says that this read lists everything in scope, so that what it
	// does not show no longer exists there. All batches of a read agree. A read
	// with an empty Since may be done without being one: then nobody is taken
	// for gone.
	Snapshot bool
	// Sweep says that this read, though it shows only what changed, names every
	// object in scope: in Changes, or in Seen. What it does not name no longer
	// exists there, as with a snapshot. All batches of a read agree.
	Sweep bool
	// Seen, in a sweep, names objects that are there and in scope, and of which
	// this read has nothing to say. A source may reuse the slice.
	Seen []Anchor
	// Done is set on the last batch, and only when nothing was left out.
	Done bool
	// Next, on the last batch, is where the next read starts. Empty means that
	// this source knows snapshots only.
	Next Cursor
	// Witness, on the last batch of a snapshot or sweep, lets the engine judge
	// whether an empty or shrunken answer is true. A source that can say
	// nothing of the kind leaves it nil. A sweep counts no Attributes.
	Witness *Witness
	// Method, on the last batch, says how the read was done. It is for the
	// report; nil where there is nothing to say.
	Method *Method
}

// Method is how a source read: which of its ways, and what that way can see.
type Method struct {
	// Name of the way, such as "dirsync", "usn", "syncrepl" or "full".
	Name string `json:"name"`
	// Server is the server that answered.
	Server string `json:"server,omitempty"`
	// RemovalsAsOf, where the way is blind to removals or to objects that leave
	// the scope, is the instant up to which they are known; zero where the
	// read itself saw them.
	RemovalsAsOf time.Time `json:"removalsAsOf,omitzero"`
	// Why says why a better way was not taken, in words, one reason a line.
	Why []string `json:"why,omitempty"`
}

// ReadRequest says what to read.
type ReadRequest struct {
	// Since is the Cursor of an earlier read, or empty for a snapshot.
	Since Cursor
	// Kinds to read; empty means all that the source has.
	Kinds []Kind
	// Attributes that the mapper reads, and no more. Empty asks for none.
	Attributes []string
	// Scope narrows the read; nil means everything that the source's own
	// configuration covers.
	Scope *Scope
	// Only, when not empty, asks for these objects and nothing else, where the
	// source can; others answer with CodeUnsupported. Such a read is never a
	// snapshot and has no Next. Of an object that exists and is not in scope it
	// says OutOfScope; one of which it says nothing counts as deleted.
	Only []Anchor
	// Notes is the source's own memory; see Notes. It may be nil.
	Notes Notes
}

// Scope is the job's selection. A source reads the objects that pass all parts
// that are set.
type Scope struct {
	// Units selects by organizational unit: the nearest selected or deselected
	// ancestor decides; where there is none, an object is in scope exactly
	// when no unit is selected.
	Units []Unit
	// Filter is in the source's own language: an LDAP filter, an OData filter.
	Filter string
	// Groups selects the members of these groups, transitively, named by
	// distinguished name or id.
	Groups []string
}

// Unit selects or deselects an organizational unit and all below it.
type Unit struct {
	DN       string
	Deselect bool
}

// Notes is memory that a source keeps between runs. What it puts becomes
// visible to Get and Scan of this read at once, and to later runs together
// with the cursor, or not at all: what was put by a read that is not believed,
// or that ended with CodeGone and is done again in full, is dropped.
type Notes interface {
	// Get gives the note, and false when there is none.
	Get(ctx context.Context, name string) (string, bool, error)
	// Put writes a note; an empty value removes it.
	Put(ctx context.Context, name, value string) error
	// Scan lists the notes whose name starts with prefix, in order of names.
	Scan(ctx context.Context, prefix string) iter.Seq2[Note, error]
}

// Note is one entry of Notes.
type Note struct{ Name, Value string }

// Witness is what a source saw of its own ability to see. The engine holds it
// against the witness of the run before.
type Witness struct {
	// Identity is the account as which the source was bound.
	Identity string `json:"identity,omitempty"`
	// Server is the server that answered.
	Server string `json:"server,omitempty"`
	// Behind, where it is not empty, says why the server may not have all that
	// an earlier read has shown, such as that it lags behind another. The read
	// is then not believed.
	Behind string `json:"behind,omitempty"`
	// Bases lists the search bases, or whatever parts the source reads.
	Bases []BaseWitness `json:"bases,omitempty"`
	// Attributes counts, per attribute asked for, the objects that had it.
	Attributes map[string]int `json:"attributes,omitempty"`
	// Canaries are objects that should be there with these attributes.
	Canaries []Canary `json:"canaries,omitempty"`
	// Units counts what each selected unit gave, where the scope selects units.
	Units []UnitWitness `json:"units,omitempty"`
}

// UnitWitness is what one selected unit gave: the objects whose nearest
// selected ancestor it is.
type UnitWitness struct {
	Unit    string `json:"unit"`
	Objects int    `json:"objects"`
	// Attributes counts, per attribute asked for, the objects that had it.
	Attributes map[string]int `json:"attributes,omitempty"`
}

// BaseWitness is what became of one search base.
type BaseWitness struct {
	Name     string `json:"name"`
	Readable bool   `json:"readable"`
	// Problem says why it was not readable.
	Problem string `json:"problem,omitempty"`
	// Objects counts what it gave.
	Objects int `json:"objects"`
}

// Canary is an object with attributes inside one selected unit.
type Canary struct {
	Unit       string   `json:"unit"`
	Anchor     Anchor   `json:"anchor"`
	Attributes []string `json:"attributes"`
}
