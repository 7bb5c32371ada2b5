package sinktest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/sinktest"
)

// plain is the least that a vendor writes: it keeps whole records, and its
// answer to a leaver is what a test makes it.
type plain struct {
	records map[adsync.TargetID]adsync.Attributes
	off     map[adsync.TargetID]bool
	leave   func(p plain, op adsync.Op) error
}

func (p plain) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return adsync.Receipt{}, err
	}
	_, there := p.records[op.Target]
	switch {
	case op.Target != "" && !there:
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeNotFound, "no record %s", op.Target)
	case op.Verb != adsync.Put:
		return adsync.Receipt{}, p.leave(p, op)
	case !there:
		op.Target = adsync.TargetID(fmt.Sprint(len(p.records) + 1))
	}
	p.records[op.Target], p.off[op.Target] = op.Full, op.Full.Get(adsync.AttrActive) == "false"
	return adsync.Receipt{Target: op.Target}, nil
}

func (p plain) read(context.Context, adsync.Kind) ([]adsync.Target, error) {
	var out []adsync.Target
	for id, attrs := range p.records {
		out = append(out, adsync.Target{ID: id, Kind: adsync.User, Attrs: attrs, Inactive: p.off[id]})
	}
	return out, nil
}

func plainFailing(t *testing.T, leave func(plain, adsync.Op) error) []string {
	return failing(t, sinktest.Config{New: func(testing.TB) sinktest.Target {
		p := plain{map[adsync.TargetID]adsync.Attributes{}, map[adsync.TargetID]bool{}, leave}
		return sinktest.Target{Sink: p, Read: p.read}
	}})
}

func TestASinkMayKeepTheWholeRecord(t *testing.T) {
	require.Empty(t, plainFailing(t, func(p plain, op adsync.Op) error {
		if op.Verb != adsync.Deactivate {
			return adsync.Errorf(adsync.CodeUnsupported, "records stay")
		}
		p.off[op.Target] = true
		return nil
	}))
}

func TestASinkWithoutASchemaMayRefuseLeavers(t *testing.T) {
	require.Empty(t, plainFailing(t, func(plain, adsync.Op) error {
		return adsync.Errorf(adsync.CodeUnsupported, "records stay as they are")
	}))
}

func TestASinkThatOnlyClaimsToTakeLeaversAwayIsFound(t *testing.T) {
	require.ElementsMatch(t, []string{"deactivate", "delete", "missing-target"}, plainFailing(t, func(plain, adsync.Op) error { return nil }))
}

func ExampleChecks() {
	for _, check := range sinktest.Checks()[:3] {
		fmt.Printf("%s: %s\n", check.Name, check.About)
	}
	// Output:
	// create: a create makes one object with what Set holds
	// receipt: the receipt of a create names the object by an id that stays the same and belongs to no other
	// repeat-same-key: a create that comes again with the same key makes no second object
}
