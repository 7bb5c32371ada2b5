// Package sinktest checks that a sink keeps the contract of [adsync.Sink] and
// of the optional abilities it has. A vendor runs it in a test of its own:
//
//	func TestSink(t *testing.T) {
//		sinktest.Run(t, sinktest.Config{New: func(t testing.TB) sinktest.Target {
//			return sinktest.Target{Sink: newSinkWithEmptyTarget(t)}
//		}})
//	}
//
// It is a list of named checks, each with a fresh target, each of which can be
// skipped by name with a reason. Checks of abilities that the sink does not
// have are skipped by themselves. The ops that a [adsync.BatchSink] takes are
// checked one at a time and as batches.
//
// It is no test of the engine, of a server's speed or of its rights. It imports
// the standard library only and belongs in tests.
package sinktest

import (
	"context"
	"slices"
	"testing"

	"github.com/adsync/sdk/adsync"
)

// Target is a fresh target and how to look at it.
type Target struct {
	Sink adsync.Sink
	// Read gives every object of a kind that the target holds, in any order,
	// with attributes under the names that Op.Set uses. Nil: the sink is a
	// Lister, or a Finder, and is asked itself. One of the three is needed.
	Read func(ctx context.Context, kind adsync.Kind) ([]adsync.Target, error)
	// Members gives the members of a group. Nil: checks of members look at the
	// answers only.
	Members func(ctx context.Context, group adsync.TargetID) ([]adsync.TargetID, error)
}

// Config says how to check a sink.
type Config struct {
	// New makes a target of its own for each check, and releases it with
	// t.Cleanup. The kit calls Open and Close where the sink is an Opener.
	New func(t testing.TB) Target
	// Kinds to check. Empty: those of the schema. A sink that is no Describer is
	// tried with users, and whether it deactivates and deletes is found out.
	Kinds []adsync.Kind
	// Sample gives attributes that make a valid object. Different numbers give
	// different names and unique values. Nil: made-up people, groups, contacts
	// and units with those canonical attributes that the schema has.
	Sample func(kind adsync.Kind, n int) adsync.Attributes
	// Keys names attributes that Find looks in, besides the unique ones of the
	// schema. An attribute that the samples lack is left out, except externalId,
	// whose value is the op's anchor.
	Keys []string
	// Ignore names attributes that the target does not give back as written.
	Ignore []string
	// Truncates says that the target documents that it cuts overlong values.
	Truncates bool
	// Concurrency is how many ops are offered at once. Zero: what the schema
	// says in InFlight.
	Concurrency int
	// Skip leaves checks out, by name, for a reason.
	Skip map[string]string
}

// Check is one promise of the contract.
type Check struct {
	Name string
	// About says what is promised.
	About string
	// single checks are not run again with batches.
	single bool
	run    func(p *probe)
}

// Checks gives all checks, in the order in which Run runs them.
func Checks() []Check {
	return slices.Concat(createChecks(), putChecks(), leaveChecks(), memberChecks(), batchChecks(),
		schemaChecks(), findChecks(), listChecks(), contextChecks())
}

// Run runs every check as a test of its own.
func Run(t *testing.T, c Config) {
	t.Helper()
	for name := range c.Skip {
		if !slices.ContainsFunc(Checks(), func(k Check) bool { return k.Name == name }) {
			t.Errorf("Config.Skip names %q, which is no check", name)
		}
	}
	for _, k := range Checks() {
		t.Run(k.Name, func(t *testing.T) {
			if reason, ok := c.Skip[k.Name]; ok {
				t.Skip(reason)
			}
			k.Run(t, c)
		})
	}
}

// Run runs one check: with single ops, and once more with batches where the
// sink takes them.
func (k Check) Run(t testing.TB, c Config) {
	t.Helper()
	p := newProbe(t, c)
	_, batches := p.target.Sink.(adsync.BatchSink)
	p.about = k.About
	k.run(p)
	if p.looked == 0 {
		t.Skip("the sink has nothing that this check is about")
	}
	if !batches || k.single {
		return
	}
	p = newProbe(t, c)
	p.batched, p.about = true, k.About+" (ops sent in a batch)"
	k.run(p)
}
