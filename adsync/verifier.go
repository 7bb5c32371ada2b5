package adsync

import (
	"context"
	"time"

	"github.com/adsync/sdk/internal/spill"
)

// verifier makes one comparison. It is used by one goroutine.
type verifier struct {
	*settings
	parts   *parts
	state   State
	hash    *hasher
	codec   *recordCodec
	each    func(Difference) error
	report  *VerifyReport
	correct *corrector
	// objects holds links and target objects, members the memberships that were
	// applied and those that are there; both are sorted by what they are joined by.
	objects, members *spill.Sorter
	// listed are the kinds that the target lists, with the names of the attributes
	// that it tells of any object: one that it never tells cannot be compared.
	listed map[Kind]map[string]bool
	owned  map[Kind]map[string]bool // by the mapping; nil: it does not say
	// gone are the objects that are missing, by source: their memberships went
	// with them, and are not told again.
	gone map[string]*keySet
	buf  []byte
}

func (e *Engine) newVerifier(ctx context.Context, o VerifyOptions) (*verifier, error) {
	secret, err := e.state.Secret(ctx)
	if err != nil {
		return nil, err
	}
	v := &verifier{
		settings: e.settings, parts: e.parts, state: e.state, hash: newHasher(secret), codec: newRecordCodec(), each: o.Each,
		report: &VerifyReport{Target: e.job.Target, Started: time.Now()}, correct: &corrector{engine: e, on: o.Repair},
		objects: spill.New(spill.Config{Memory: 4 << 20}), members: spill.New(spill.Config{Memory: 4 << 20}),
		listed: map[Kind]map[string]bool{}, owned: map[Kind]map[string]bool{}, gone: map[string]*keySet{},
	}
	for _, source := range e.job.Sources {
		v.gone[source.Name] = &keySet{}
	}
	if p, ok := e.job.Mapper.(Producer); ok {
		for _, kind := range judgedKinds {
			for _, name := range p.Produces(kind) {
				if v.owned[kind] == nil {
					v.owned[kind] = map[string]bool{}
				}
				v.owned[kind][foldName(name)] = true
			}
		}
	}
	return v, nil
}

func (v *verifier) close() {
	v.objects.Close()
	v.members.Close()
}

// owns tells whether what was applied to an attribute is to stay so: it is
// written by rule, not only once, and the mapping speaks of it.
func (v *verifier) owns(kind Kind, name string) bool {
	a := v.attribute(kind, name)
	if a.ReadOnly || sameName(name, AttrExternalID) || v.owned[kind] != nil && !v.owned[kind][foldName(name)] && !a.Reference {
		return false
	}
	mode := v.mergeMode(name, a)
	return mode == KeepOnBlank || mode == SourceWins
}

// tell reports one difference.
func (v *verifier) tell(d Difference) error {
	switch d.What {
	case DifferenceMissing:
		v.report.Missing++
	case DifferenceChanged:
		v.report.Changed++
	case DifferenceForeign:
		v.report.Foreign++
	case DifferenceMissingMember:
		v.report.MissingMembers++
	case DifferenceExtraMember:
		v.report.ExtraMembers++
	}
	if len(v.report.Differences) < differencesListed {
		v.report.Differences = append(v.report.Differences, d)
	}
	if v.each == nil {
		return nil
	}
	return v.each(d)
}

func (v *verifier) progress(done int) {
	if v.job.Progress != nil && done%10_000 == 0 {
		v.job.Progress(Progress{Stage: "verify", Done: done})
	}
}

// targetFault says that the target could not be asked.
func targetFault(what string, err error) error {
	return &TargetError{Errorf(CodeOf(err), "it could not %s for the comparison: %w", what, err)}
}
