package sinktest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

func findChecks() []Check {
	return []Check{
		{Name: "find", About: "Find gives the object that has a key, once, with its attributes", single: true, run: checkFind},
		{Name: "find-folds-case", About: "Find does not tell upper from lower case unless the schema does", single: true, run: checkFindFoldsCase},
		{Name: "find-nothing", About: "Find gives nothing for keys that nobody has", single: true, run: checkFindNothing},
		{Name: "find-many", About: "Find takes 500 keys", single: true, run: checkFindMany},
		{Name: "find-hostile", About: "Find takes any text for a value, and for nothing but a value", single: true, run: checkFindHostile},
	}
}

func (p *probe) finder() adsync.Finder {
	p.Helper()
	f, ok := p.target.Sink.(adsync.Finder)
	if !ok {
		p.Skip("the sink is no Finder")
	}
	return f
}

func (p *probe) find(kind adsync.Kind, keys ...adsync.Key) []adsync.Target {
	p.Helper()
	f := p.finder()
	found, err := f.Find(p.Context(), kind, keys)
	if err != nil {
		p.fail("Find of %d keys failed: %v", len(keys), err)
	}
	return found
}

// keys gives the keys of the n-th sample, without case where the target folds it.
func (p *probe) keys(kind adsync.Kind, n int) []adsync.Key {
	var out []adsync.Key
	sample := p.sample(kind, n)
	sample.Set("externalId", string(anchor(kind, n)))
	names := append(p.unique(kind), p.config.Keys...)
	if _, ok := p.schema.Kinds[kind].Attributes["externalId"]; ok {
		names = append(names, "externalId")
	}
	for _, name := range names {
		a, known := p.attribute(kind, name)
		v := sample.Get(name)
		if !known || v == "" {
			continue
		}
		if !a.CaseExact {
			v = strings.ToLower(v)
		}
		out = append(out, adsync.Key{Attr: name, Value: v})
	}
	return out
}

func checkFind(p *probe) {
	p.finder()
	for _, kind := range p.kinds() {
		id := p.make(kind, 1)
		p.make(kind, 2)
		for _, k := range p.keys(kind, 1) {
			p.found(p.find(kind, k), k.Attr, id)
			for _, t := range p.find(kind, k) {
				if d := p.difference(t, p.sample(kind, 1)); t.ID == id && d != "" {
					p.fail("found by %s: %s", k.Attr, d)
				}
			}
		}
		if all := p.keys(kind, 1); len(all) > 1 {
			p.found(p.find(kind, all...), "all its keys", id)
		}
	}
}

// found ends the check unless these ids, and no other, are there once each.
func (p *probe) found(got []adsync.Target, by string, want ...adsync.TargetID) {
	p.Helper()
	var have []adsync.TargetID
	for _, t := range got {
		have = append(have, t.ID)
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		p.fail("looking by %s gave %v, wanted %v", by, have, want)
	}
}

func checkFindFoldsCase(p *probe) {
	p.finder()
	for _, kind := range p.kinds() {
		for i, k := range p.keys(kind, 0) {
			a, _ := p.attribute(kind, k.Attr)
			value := p.sample(kind, i+1).Get(k.Attr)
			if a.CaseExact || value == "" {
				continue
			}
			r := p.must(p.creationWith(kind, i+1, k.Attr, strings.ToUpper(value[:1])+value[1:]))
			p.found(p.find(kind, adsync.Key{Attr: k.Attr, Value: strings.ToLower(value)}), k.Attr, r.Target)
		}
	}
}

func checkFindNothing(p *probe) {
	for _, kind := range p.kinds() {
		p.make(kind, 1)
		for _, k := range p.keys(kind, 1) {
			k.Value = "nobody-" + k.Value
			p.found(p.find(kind, k), "a value that nobody has for "+k.Attr)
		}
		p.found(p.find(kind), "no key at all")
	}
}

func checkFindMany(p *probe) {
	p.finder()
	for _, kind := range p.kinds() {
		if len(p.keys(kind, 1)) == 0 {
			continue
		}
		var keys []adsync.Key
		var want []adsync.TargetID
		for n := 1; n <= 20; n++ {
			want = append(want, p.make(kind, n))
			keys = append(keys, p.keys(kind, n)...)
		}
		for n := 0; len(keys) < 500; n++ {
			keys = append(keys, adsync.Key{Attr: keys[n].Attr, Value: fmt.Sprintf("nobody-%d@example.net", n)})
		}
		slices.Reverse(keys)
		p.found(p.find(kind, keys[len(keys)-500:]...), "500 keys", want...)
	}
}

// hostile are texts that mean something to one query language or another.
var hostile = []string{
	"'", `"`, "`", `\`, "%", "_", "*", "?", "' OR '1'='1", `" or true eq true or "`, "x'; DROP TABLE users; --", "*)(objectClass=*",
	"\x00", "a\x00b", "\xff\xfe", "${jndi:x}", "%00", "a,b;c|d&e", "../..", "\r\nX: y", strings.Repeat("long", 2560),
}

func checkFindHostile(p *probe) {
	p.finder()
	for _, kind := range p.kinds() {
		id := p.make(kind, 1)
		p.make(kind, 2)
		for _, good := range p.keys(kind, 1) {
			for _, v := range hostile {
				p.found(p.find(kind, adsync.Key{Attr: good.Attr, Value: v}), fmt.Sprintf("%s %.20q", good.Attr, v))
				p.found(p.find(kind, adsync.Key{Attr: good.Attr, Value: v}, good), fmt.Sprintf("%s %.20q and a good key", good.Attr, v), id)
			}
		}
	}
}

func problemOf(err error) string {
	if e, ok := errors.AsType[*adsync.Error](err); ok {
		return e.Problem
	}
	return ""
}
