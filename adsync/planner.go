package adsync

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/adsync/sdk/internal/spill"
)

// planner makes one plan. It lives as long as Engine.Plan does, is used by one
// goroutine, and holds no object: what is large goes through temporary files.
type planner struct {
	*settings
	parts  *parts
	state  State
	run    int64
	now    time.Time
	hash   *hasher
	codec  *recordCodec
	tell   *teller
	answer map[answerKey]Answer
	// held names, from issues remembered, the target's objects that held a value
	// which an object needed; unknown are objects whose creation may have taken
	// effect.
	held     map[answerKey][]TargetID
	unknown  map[answerKey]Issue
	promised map[TargetID][]objectRef // objects that answers say shall have them
	replaced map[LinkRef]bool         // links whose object another link takes over
	settled  map[objectRef]*Result    // what became of pending ops

	sources []*sourceRead
	links   map[Kind]LinkCount // before the run
	numbers uint32             // objects numbered so far
	// unlinked names the objects that have no link, or whose link was not
	// indexed, by their number less the number of links indexed.
	unlinked   []shortRef
	firstFree  uint32
	toMatch    int            // objects to look for in the target, at most: one may be staged twice
	keyHashes  *spill.Numbers // 40 bits of a hash of a key, 24 bits of the object's number
	candidates *spill.Sorter
	hits       map[uint64]uint8 // how many objects a target object matches
	duplicates *duplicates
	ops        *spill.Sorter
	references *spill.Sorter
	claims     *claims
	halt       *objectRef // the first incomplete object, under Halt
	buf        []byte
	emptyFirst bool      // there are no links, and the target is empty or cannot say
	identified bool      // an object had the identity attribute
	extra      []Finding // what a revert has to say
}

type objectRef struct {
	source int
	key    LinkKey
}

type answerKey struct {
	source string
	anchor Anchor
}

// shortRef is an objectRef in 18 bytes, for the many.
type shortRef struct {
	source uint16
	key    LinkKey
}

func (r objectRef) short() shortRef { return shortRef{uint16(r.source), r.key} }
func (r shortRef) ref() objectRef   { return objectRef{int(r.source), r.key} }

func (r objectRef) bytes() []byte {
	return append(binary.BigEndian.AppendUint16(make([]byte, 0, 18), uint16(r.source)), r.key[:]...)
}

// refOf reads what objectRef.bytes wrote.
func refOf(b []byte) objectRef {
	return objectRef{int(binary.BigEndian.Uint16(b)), LinkKey(b[2:18])}
}

func (p *planner) close() {
	for _, s := range p.sources {
		s.close()
	}
	for _, f := range []*spill.Sorter{p.candidates, p.ops, p.references} {
		if f != nil {
			f.Close()
		}
	}
	p.keyHashes.Close()
	if p.claims != nil {
		p.claims.close()
	}
}

// plan runs the stages up to the stored plan. What it gives is not judged yet.
func (p *planner) plan(ctx context.Context) (*sealed, error) {
	if err := p.readAll(ctx); err != nil {
		return nil, err
	}
	if err := p.judgeReads(ctx); err != nil {
		return nil, err
	}
	p.judgeSamples()
	for _, stage := range []func(context.Context) error{
		p.dropDoubted, p.stageAbsent, p.joinIdentities, p.findDuplicates, p.matchAll, p.decideAll, p.keepUnknown, p.keepStanding, p.resolveReferences, p.planMembers, p.planHealed, p.orderClaims,
	} {
		if err := stage(ctx); err != nil {
			return nil, err
		}
	}
	return p.seal(ctx)
}
