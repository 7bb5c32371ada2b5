package mapping

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
)

// functions are those that maps add to the expression language. value,
// valuesOf and present are replaced while compiling, see binder; here they
// only get their types.
//
//	words(a, b, …)      those that are not blank, joined by a space
//	firstOf(a, b, …)    the first that is not blank
//	localPart(address)  what stands before the last @, or all
//	domainPart(address) what stands behind the last @, or nothing
//	lookup(table, key)  the table's value, or nothing
//	value("name")       an attribute whose name is no word, such as ms-DS-ConsistencyGuid
//	valuesOf("name")    all values of an attribute
//	present("name")     whether the attribute has a value
func functions(tables map[string]map[string]string) []expr.Option {
	folded := map[string]map[string]string{}
	for name, t := range tables {
		folded[name] = foldKeys(t)
	}
	look := func(args ...any) (any, error) {
		table, ok := folded[args[0].(string)]
		if !ok {
			return nil, fmt.Errorf("there is no such table")
		}
		return table[tableKey(args[1].(string))], nil
	}
	unbound := func(...any) (any, error) { return nil, fmt.Errorf("the name of the attribute is not known") }
	return []expr.Option{
		expr.Function("words", onTexts(words), new(func(...string) string)),
		expr.Function("firstOf", onTexts(firstOf), new(func(...string) string)),
		expr.Function("localPart", onTexts(func(a []string) string { return cutLast(a[0], true) }), new(func(string) string)),
		expr.Function("domainPart", onTexts(func(a []string) string { return cutLast(a[0], false) }), new(func(string) string)),
		expr.Function("lookup", look, new(func(string, string) string)),
		expr.Function("value", unbound, new(func(string) string)),
		expr.Function("valuesOf", unbound, new(func(string) []string)),
		expr.Function("present", unbound, new(func(string) bool)),
	}
}

func onTexts(f func([]string) string) func(...any) (any, error) {
	return func(args ...any) (any, error) {
		list := make([]string, len(args))
		for i, a := range args {
			list[i], _ = a.(string)
		}
		return f(list), nil
	}
}

func words(parts []string) string { return collapse(strings.Join(parts, " ")) }

func firstOf(parts []string) string {
	for _, p := range parts {
		if !isBlank(p) {
			return p
		}
	}
	return ""
}

// cutLast splits at the last @: a userPrincipalName may hold several, and the
// last one counts.
func cutLast(s string, local bool) string {
	i := strings.LastIndexByte(s, '@')
	switch {
	case i < 0 && local:
		return s
	case i < 0:
		return ""
	case local:
		return s[:i]
	}
	return s[i+1:]
}

func tableKey(key string) string { return strings.ToLower(text(key)) }

func foldKeys(table map[string]string) map[string]string {
	out := make(map[string]string, len(table))
	for k, v := range table {
		out[tableKey(k)] = v
	}
	return out
}
