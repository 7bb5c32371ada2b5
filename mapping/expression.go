package mapping

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// expression is a compiled expression with the attributes it reads.
type expression struct {
	program *vm.Program
	inputs  []input
	// canonical is the expression as its syntax tree prints, for the digest.
	canonical string
}

// form says in which shape an expression reads an attribute.
type form uint8

const (
	oneValue form = iota
	allValues
	isPresent
)

// The marks behind a name in the environment: no identifier holds them, so
// only the binder makes such names.
var formMarks = [...]string{oneValue: "", allValues: "[]", isPresent: "?"}

// input is one attribute that an expression reads.
type input struct {
	name string // in the environment
	slot int
	form form
}

// builtins of the expression language that maps may use: those that work on
// text and lists and depend on nothing but their arguments.
var allowedBuiltins = []string{
	"all", "any", "none", "one", "filter", "map", "find", "findIndex", "findLast", "count", "len",
	"trim", "trimPrefix", "trimSuffix", "upper", "lower", "split", "splitAfter", "replace", "join",
	"indexOf", "lastIndexOf", "hasPrefix", "hasSuffix", "int", "string", "first", "last", "take",
	"reverse", "uniq", "concat", "sort",
}

// maxExpression bounds the length of an expression in bytes.
const maxExpression = 4096

// language compiles expressions over one layout.
type language struct {
	layout     *layout
	parameters map[string]string
	options    []expr.Option
	hints      int // given so far; each costs a look at every name
}

func newLanguage(l *layout, parameters map[string]string, tables map[string]map[string]string) *language {
	options := []expr.Option{expr.DisableAllBuiltins(), expr.MaxNodes(1000)}
	for _, name := range allowedBuiltins {
		options = append(options, expr.EnableBuiltin(name))
	}
	return &language{layout: l, parameters: parameters, options: append(options, functions(tables)...)}
}

// compile checks an expression and notes what it reads. A condition gives true
// or false; any other gives text, a whole number, true or false, or a list of texts.
func (l *language) compile(text string, condition bool) (*expression, error) {
	if len(text) > maxExpression {
		return nil, fmt.Errorf("the expression is longer than %d bytes", maxExpression)
	}
	b := &binder{language: l}
	n := scan(text)
	options := append(slices.Clone(l.options), expr.Env(l.environment(n.names)), expr.Patch(b))
	if condition {
		options = append(options, expr.AsBool())
	}
	program, err := expr.Compile(text, options...)
	if err = errors.Join(append(b.faults, err)...); err != nil {
		return nil, err
	}
	if t := program.Node().Type(); !condition && !fitsAttribute(t) {
		return nil, fmt.Errorf("the expression gives %v; an attribute takes text, a list of texts, a whole number, or true and false", t)
	}
	return &expression{program: program, inputs: b.inputs, canonical: n.canonical}, nil
}

// environment gives the types of those names that the map knows. All others
// stay unknown to the compiler, which refuses them.
func (l *language) environment(names []string) map[string]any {
	env := map[string]any{}
	for _, name := range names {
		if _, ok := l.parameters[name]; ok {
			env[name] = ""
		}
		if i, ok := l.layout.index(name); ok {
			declared := l.layout.names[i]
			env[declared], env[declared+formMarks[allValues]], env[declared+formMarks[isPresent]] = "", []string{}, false
		}
	}
	return env
}

func (l *language) hint(name string) string {
	if l.hints++; l.hints > mostFaults {
		return ""
	}
	return suggest(name, slices.Values(l.layout.names))
}

func fitsAttribute(t reflect.Type) bool {
	switch {
	case t == nil:
		return false
	case t.Kind() == reflect.Slice:
		e := t.Elem().Kind()
		return e == reflect.String || e == reflect.Interface
	}
	return slices.Contains([]reflect.Kind{reflect.String, reflect.Bool, reflect.Int, reflect.Interface}, t.Kind())
}

// names are the identifiers and texts in an expression, and how its syntax
// tree prints, so that white space and comments do not count as a change.
type names struct {
	names     []string
	canonical string
}

// scan looks at an expression before it is compiled. One that does not parse
// has no names; compiling it says what is wrong.
func scan(text string) *names {
	n := &names{canonical: text}
	if tree, err := parser.Parse(text); err == nil {
		n.canonical = tree.Node.String()
		ast.Walk(&tree.Node, n)
	}
	return n
}

// Visit is called for each node.
func (n *names) Visit(node *ast.Node) {
	switch e := (*node).(type) {
	case *ast.IdentifierNode:
		n.names = append(n.names, e.Value)
	case *ast.StringNode:
		n.names = append(n.names, e.Value)
	}
}
