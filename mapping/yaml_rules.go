package mapping

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/adsync/sdk/adsync"
)

// rules reads the top level.
func (r *reader) rules(root ast.Node) Rules {
	out := Rules{Kinds: map[adsync.Kind]*KindRules{}, Tables: map[string]map[string]string{}, places: map[string]position{}}
	version := ""
	known := map[string]func(entry){
		"version": func(e entry) { version = r.text(e.value, "version") },
		"source": func(e entry) {
			out.Source = r.texts(e.value, "source")
			for i, n := range r.list(e.value) {
				if i < len(out.Source) {
					out.places["source "+out.Source[i]] = place(n)
				}
			}
		},
		"target": func(e entry) { out.Target = r.texts(e.value, "target") },
		"parameters": func(e entry) {
			out.Parameters = r.table(e.value, "parameters")
			for _, p := range r.entries(e.value, "parameters") {
				out.places["parameters "+p.key] = p.at
			}
		},
		"tables": func(e entry) {
			for _, t := range r.entries(e.value, "tables") {
				out.Tables[t.key] = r.table(t.value, "tables."+t.key)
			}
		},
	}
	for _, kind := range kindsInOrder {
		known[kind.String()] = func(e entry) { out.Kinds[kind] = r.kindRules(kind.String(), e) }
	}
	r.fields(root, "map", known)
	if version != "1" {
		r.add(place(root), "map: version %q is not known to this program; write version: 1", version)
	}
	if len(out.Kinds) == 0 {
		r.add(place(root), "map: there are no rules; add user, group, contact or organizational-unit")
	}
	return out
}

func (r *reader) kindRules(what string, e entry) *KindRules {
	k := &KindRules{at: e.at}
	r.fields(e.value, what, map[string]func(entry){
		"skip": func(e entry) {
			for _, n := range r.list(e.value) {
				k.Skip = append(k.Skip, Condition{When: r.text(n, what+".skip"), at: place(n)})
			}
		},
		"becomes": func(e entry) {
			for _, n := range r.list(e.value) {
				k.Becomes = append(k.Becomes, r.become(n, what+".becomes"))
			}
		},
		"container":  func(e entry) { k.Container = r.values(e, what+".container") },
		"references": func(e entry) { k.References = r.references(e, what) },
		"attributes": func(e entry) {
			for _, a := range r.entries(e.value, what+".attributes") {
				k.Attributes = append(k.Attributes, r.rule(what, a))
			}
		},
		"examples": func(e entry) {
			for _, n := range r.list(e.value) {
				k.Examples = append(k.Examples, r.objectExample(n, what+".examples"))
			}
		},
	})
	return k
}

func (r *reader) become(n ast.Node, what string) Become {
	b := Become{at: place(n)}
	r.fields(n, what, map[string]func(entry){
		"kind": func(e entry) { b.Kind = r.kind(e, what+".kind") },
		"when": func(e entry) { b.When = r.text(e.value, what+".when") },
	})
	return b
}

func (r *reader) references(e entry, what string) []Reference {
	var out []Reference
	for _, a := range r.entries(e.value, what+".references") {
		ref := Reference{To: a.key, at: a.at}
		if _, isMap := a.value.(ast.MapNode); !isMap {
			ref.From = r.text(a.value, what+"."+a.key)
			out = append(out, ref)
			continue
		}
		r.fields(a.value, what+"."+a.key, map[string]func(entry){
			"from":  func(e entry) { ref.From = r.text(e.value, what+"."+a.key) },
			"blank": func(e entry) { ref.Blank = choice[Blank](r, e, what+"."+a.key, "as-read", "clear") },
		})
		out = append(out, ref)
	}
	return out
}

// rule reads one rule: an attribute's name, a list of places to look in, or
// the rule in full.
func (r *reader) rule(kind string, e entry) Rule {
	what := kind + "." + e.key
	rule := Rule{To: e.key, at: e.at}
	if _, full := e.value.(ast.MapNode); !full {
		rule.From = r.values(e, what)
		return rule
	}
	r.fields(e.value, what, map[string]func(entry){
		"from": func(e entry) { rule.From = append(rule.From, r.values(e, what)...) },
		"expr": func(e entry) { rule.From = append(rule.From, Value{Expr: r.text(e.value, what), at: place(e.value)}) },
		"constant": func(e entry) {
			rule.From = append(rule.From, Value{Constant: r.text(e.value, what), at: place(e.value)})
		},
		"multi":     func(e entry) { rule.Multi = choice[Multi](r, e, what+".multi", "error", "first", "all") },
		"normalize": func(e entry) { rule.Normalize = r.texts(e.value, what+".normalize") },
		"table":     func(e entry) { rule.Table = r.text(e.value, what+".table") },
		"off-table": func(e entry) {
			rule.OffTable = choice[OffTable](r, e, what+".off-table", "error", "keep", "drop")
		},
		"default": func(e entry) { rule.Default = r.text(e.value, what+".default") },
		"blank":   func(e entry) { rule.Blank = choice[Blank](r, e, what+".blank", "as-read", "clear") },
		"examples": func(e entry) {
			for _, n := range r.list(e.value) {
				rule.Examples = append(rule.Examples, r.example(n, what+".examples"))
			}
		},
	})
	return rule
}

// values reads the places where a value comes from.
func (r *reader) values(e entry, what string) []Value {
	var out []Value
	for _, n := range r.list(e.value) {
		v := Value{at: place(n)}
		if _, isMap := n.(ast.MapNode); !isMap {
			v.Attr = strings.TrimSpace(r.text(n, what))
			out = append(out, v)
			continue
		}
		r.fields(n, what, map[string]func(entry){
			"from":     func(e entry) { v.Attr = r.text(e.value, what) },
			"expr":     func(e entry) { v.Expr = r.text(e.value, what) },
			"constant": func(e entry) { v.Constant = r.text(e.value, what) },
		})
		out = append(out, v)
	}
	return out
}

func (r *reader) example(n ast.Node, what string) Example {
	x := Example{at: place(n)}
	r.fields(n, what, map[string]func(entry){
		"give":  func(e entry) { x.Give = r.given(e.value, what) },
		"with":  func(e entry) { x.With = r.table(e.value, what) },
		"want":  func(e entry) { x.Want = r.wanted(e.value, what) },
		"error": func(e entry) { x.Error = r.text(e.value, what) },
	})
	return x
}

func (r *reader) objectExample(n ast.Node, what string) ObjectExample {
	x := ObjectExample{at: place(n)}
	r.fields(n, what, map[string]func(entry){
		"give": func(e entry) { x.Give = r.given(e.value, what) },
		"with": func(e entry) { x.With = r.table(e.value, what) },
		"skip": func(e entry) { x.Skip = choice[uint8](r, e, what, "false", "true") == 1 },
		"kind": func(e entry) { x.Kind = r.kind(e, what) },
		"want": func(e entry) {
			x.Want = map[string][]string{}
			for _, w := range r.entries(e.value, what) {
				x.Want[w.key] = r.wanted(w.value, what)
			}
		},
		"error": func(e entry) { x.Error = r.text(e.value, what) },
	})
	return x
}

// given reads source attributes; one that is null is absent.
func (r *reader) given(n ast.Node, what string) map[string][]string {
	out := map[string][]string{}
	for _, e := range r.entries(n, what) {
		if _, absent := e.value.(*ast.NullNode); !absent {
			out[e.key] = r.texts(e.value, what)
		}
	}
	return out
}

// wanted reads what comes out: null for absent, [] for clear.
func (r *reader) wanted(n ast.Node, what string) []string {
	if _, absent := n.(*ast.NullNode); absent {
		return nil
	}
	return r.texts(n, what)
}
