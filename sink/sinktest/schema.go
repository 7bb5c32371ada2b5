package sinktest

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/adsync/sdk/adsync"
)

func schemaChecks() []Check {
	return []Check{
		{Name: "schema", About: "the schema does not contradict itself", single: true, run: checkSchema},
		{Name: "unique", About: "a taken value is a conflict that names the problem, and changes nothing", run: checkUnique},
		{Name: "required", About: "an object without a required attribute is refused as invalid", run: checkRequired},
		{Name: "length", About: "a value of the greatest length is taken, and a longer one refused as invalid", run: checkLength},
		{Name: "read-only", About: "an attribute that is never written is refused as invalid", run: checkReadOnly},
	}
}

func checkSchema(p *probe) {
	if _, ok := p.target.Sink.(adsync.Describer); !ok {
		p.Skip("the sink is no Describer")
	}
	p.looked++
	if _, batches := p.target.Sink.(adsync.BatchSink); p.schema.Swap == adsync.SwapAtomic && !batches {
		p.fail("exchanges at once need a BatchSink")
	}
	if p.schema.MaxBatch < 0 || p.schema.MaxBytes < 0 || p.schema.InFlight < 0 {
		p.fail("a limit is negative")
	}
	for kind, k := range p.schema.Kinds {
		if strings.HasPrefix(kind.String(), "kind(") {
			p.fail("%s is no kind", kind)
		}
		seen := map[string]bool{}
		for name, a := range k.Attributes {
			if a.ReadOnly && (a.Required || a.CreateOnly) {
				p.fail("%s of %s is never written, and required or create-only", name, kind)
			}
			if a.MaxLength < 0 || name == "" || seen[strings.ToLower(name)] {
				p.fail("%q of %s has a negative length, no name, or stands twice", name, kind)
			}
			seen[strings.ToLower(name)] = true
		}
		for _, m := range k.MemberKinds {
			if _, ok := p.schema.Kinds[m]; !ok {
				p.fail("%s takes members of kind %s, which the target does not have", kind, m)
			}
		}
	}
}

func checkUnique(p *probe) {
	for _, kind := range p.kinds() {
		for i, name := range p.unique(kind) {
			n := 10 * (i + 1)
			a, _ := p.attribute(kind, name)
			holder, other := p.make(kind, n+1), p.make(kind, n+2)
			taken := p.sample(kind, n+1).Get(name)
			values := []string{taken}
			if !a.CaseExact {
				values = append(values, strings.ToUpper(taken))
			}
			for _, v := range values {
				p.conflict(p.creationWith(kind, n+3, name, v), name)
				p.conflict(p.update(kind, n+2, other, one(name, v)), name)
			}
			p.count(kind, n/5, "after creates that were refused")
			p.want(kind, holder, p.sample(kind, n+1))
			p.want(kind, other, p.sample(kind, n+2))
		}
	}
}

func (p *probe) conflict(op adsync.Op, name string) {
	p.Helper()
	err := p.refused(op, "the "+name+" is taken", adsync.CodeConflict)
	if err == nil {
		return
	}
	if problem := problemOf(err); problem == "" {
		p.fail("the conflict over %s has no Problem, so nobody is told what is taken: answer with &adsync.Error{Code: adsync.CodeConflict, Problem: \"value-in-use\", Attr: %q, Err: err}, or with logon-in-use or email-in-use", name, name)
	}
}

func checkRequired(p *probe) {
	for _, kind := range p.kinds() {
		for name, a := range p.schema.Kinds[kind].Attributes {
			op := p.creation(kind, 1)
			if !a.Required || !op.Set.Has(name) {
				continue
			}
			op.Set.Delete(name)
			op.Full.Delete(name)
			p.refused(op, name+" is missing", adsync.CodeInvalid)
			p.count(kind, 0, "after a create that was refused")
		}
	}
}

func checkLength(p *probe) {
	for _, kind := range p.kinds() {
		for i, name := range texts {
			a, ok := p.attribute(kind, name)
			if !ok || a.MaxLength == 0 || a.MaxLength > 10000 || a.Unique || a.ReadOnly || a.Reference {
				continue
			}
			fits := p.creationWith(kind, 10*i+1, name, long(a.Unit, a.MaxLength))
			r := p.must(fits)
			p.want(kind, r.Target, fits.Set)
			p.overlong(kind, 10*i+2, name, a)
		}
	}
}

func (p *probe) overlong(kind adsync.Kind, n int, name string, a adsync.AttributeSchema) {
	p.Helper()
	before := len(p.read(kind))
	op := p.creationWith(kind, n, name, long(a.Unit, a.MaxLength)+"x")
	if p.config.Truncates {
		r := p.must(op)
		op.Set.Set(name, long(a.Unit, a.MaxLength))
		p.want(kind, r.Target, op.Set)
		return
	}
	p.refused(op, name+" is too long", adsync.CodeInvalid)
	p.count(kind, before, "after a create that was refused")
}

func checkReadOnly(p *probe) {
	for _, kind := range p.kinds() {
		for name, a := range p.schema.Kinds[kind].Attributes {
			if !a.ReadOnly {
				continue
			}
			p.refused(p.creationWith(kind, 1, name, "x"), name+" is never written", adsync.CodeInvalid)
			p.count(kind, 0, "after a create that was refused")
		}
	}
}

// long gives a text of exactly n units, of which most need several bytes.
func long(unit adsync.LengthUnit, n int) string {
	if unit == adsync.Bytes {
		return strings.Repeat("é", n/2) + strings.Repeat("x", n%2)
	}
	return strings.Repeat("é", n)
}

func length(unit adsync.LengthUnit, v string) int {
	switch unit {
	case adsync.UTF16:
		return len(utf16.Encode([]rune(v)))
	case adsync.Bytes:
		return len(v)
	}
	return utf8.RuneCountInString(v)
}
