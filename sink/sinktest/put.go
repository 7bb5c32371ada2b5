package sinktest

import (
	"fmt"
	"strings"

	"github.com/adsync/sdk/adsync"
)

func putChecks() []Check {
	return []Check{
		{Name: "update", About: "an update gives the attributes in Set their new values", run: checkUpdate},
		{Name: "absent-keeps", About: "an update leaves alone what Set does not hold", run: checkAbsentKeeps},
		{Name: "blank-clears", About: "an attribute present in Set without values is cleared", run: checkBlankClears},
		{Name: "awkward-values", About: "text comes back byte for byte", run: checkAwkwardValues},
	}
}

func checkUpdate(p *probe) {
	for _, kind := range p.kinds() {
		name := p.text(kind, anyAttribute)
		if name == "" {
			continue
		}
		id := p.make(kind, 1)
		p.must(p.update(kind, 1, id, one(name, "Changed")))
		p.want(kind, id, one(name, "Changed"))
		p.count(kind, 1, "after a create and an update")
	}
}

func checkAbsentKeeps(p *probe) {
	for _, kind := range p.kinds() {
		name := p.text(kind, anyAttribute)
		if name == "" {
			continue
		}
		id, other := p.make(kind, 1), p.make(kind, 2)
		p.must(p.update(kind, 1, id, one(name, "Changed")))
		rest := p.sample(kind, 1)
		rest.Delete(name)
		p.want(kind, id, rest)
		p.want(kind, other, p.sample(kind, 2))
	}
}

func checkBlankClears(p *probe) {
	for _, kind := range p.kinds() {
		name := p.text(kind, optional)
		if name == "" {
			continue
		}
		id := p.make(kind, 1)
		op := p.update(kind, 1, id, one(name))
		p.must(op)
		p.want(kind, id, op.Set)
		rest := p.sample(kind, 1)
		rest.Delete(name)
		p.want(kind, id, rest)
	}
}

// awkward are texts that damage is easily done to.
var awkward = []string{
	"Ада Лавлейс", "アダ・ラブレス", "艾达", "에이다", "עדה", "آدا", "อาดา", "अदा",
	"Zoe\u0308", "Zo\u00eb", // decomposed, and the same name precomposed
	"👩🏽‍💻 works", "𐍈", "İstanbul ı", "Straße",
	`O'Brien "the" \ back; DROP TABLE people; --`, "100 % _of_ * (a|b) <b>&amp;</b> ${x} {{x}}",
	"first line\r\nsecond line\nthird", "tab\there",
	"true", "null", "0012", "1e5", "-", "=1+1",
	strings.Repeat("ä", 256),
}

func checkAwkwardValues(p *probe) {
	for _, kind := range p.kinds() {
		name := p.text(kind, anyAttribute)
		if name == "" {
			continue
		}
		a, _ := p.attribute(kind, name)
		id := p.make(kind, 1)
		for _, v := range awkward {
			if a.MaxLength > 0 && length(a.Unit, v) > a.MaxLength {
				continue
			}
			p.must(p.update(kind, 1, id, one(name, v)))
			if got := p.get(kind, id).Attrs.Get(name); got != v {
				p.fail("%s of a %s: wrote %+q, read %+q", name, kind, v, got)
			}
		}
		p.awkwardCreate(kind, name)
	}
}

// awkwardCreate makes an object whose text has quotes: a create and an update
// often go different ways.
func (p *probe) awkwardCreate(kind adsync.Kind, name string) {
	p.Helper()
	op := p.creationWith(kind, 2, name, fmt.Sprintf(`"%s's" Ü`, name))
	r := p.must(op)
	p.want(kind, r.Target, op.Set)
}
