package mapping

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
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
}

func newLanguage(l *layout, parameters map[string]string, tables map[string]map[string]string) *language {
	env := map[string]any{}
	for _, name := range l.names {
		env[name], env[name+formMarks[allValues]], env[name+formMarks[isPresent]] = "", []string{}, false
	}
	for name := range parameters {
		env[name] = ""
	}
	options := []expr.Option{expr.Env(env), expr.DisableAllBuiltins(), expr.MaxNodes(1000)}
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
	options := append(slices.Clone(l.options), expr.Patch(b))
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
	return &expression{program: program, inputs: b.inputs, canonical: canonical(text)}, nil
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

// canonical prints the syntax tree, so that white space and comments do not
// count as a change.
func canonical(text string) string {
	tree, err := parser.Parse(text)
	if err != nil {
		return text
	}
	return tree.Node.String()
}

// binder notes the attributes that an expression reads, and turns
// valuesOf("name") and the like into reads of the environment.
type binder struct {
	language *language
	inputs   []input
	faults   []error
}

// Visit is called by the compiler for each node, innermost first.
func (b *binder) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		b.identifier(n)
	case *ast.CallNode:
		b.call(node, n)
	}
}

func (b *binder) identifier(n *ast.IdentifierNode) {
	if n.Value == "$env" {
		b.faults = append(b.faults, errors.New("$env cannot be used: read attributes by their names"))
		return
	}
	if slot, ok := b.language.layout.spelt(n.Value); ok {
		b.read(slot, oneValue)
		return
	}
	if _, ok := b.language.parameters[n.Value]; ok {
		return
	}
	if hint := suggest(n.Value, slices.Values(b.language.layout.names)); hint != "" {
		b.faults = append(b.faults, fmt.Errorf("%q is not in the source list%s", n.Value, hint))
	}
}

func (b *binder) call(node *ast.Node, n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return
	}
	f, ok := map[string]form{"value": oneValue, "valuesOf": allValues, "present": isPresent}[callee.Value]
	if !ok {
		return
	}
	name, ok := literal(n.Arguments)
	if !ok {
		b.faults = append(b.faults, fmt.Errorf(`%s takes the name of one attribute in quotes, such as %s("mail")`, callee.Value, callee.Value))
		return
	}
	slot, ok := b.language.layout.find(name)
	if !ok {
		b.faults = append(b.faults, fmt.Errorf("%q is not in the source list%s", name, suggest(name, slices.Values(b.language.layout.names))))
		return
	}
	ast.Patch(node, &ast.IdentifierNode{Value: b.read(slot, f)})
}

func literal(args []ast.Node) (string, bool) {
	if len(args) != 1 {
		return "", false
	}
	s, ok := args[0].(*ast.StringNode)
	if !ok {
		return "", false
	}
	return s.Value, true
}

// read notes an input and gives its name in the environment.
func (b *binder) read(slot int, f form) string {
	in := input{name: b.language.layout.names[slot] + formMarks[f], slot: slot, form: f}
	if !slices.Contains(b.inputs, in) {
		b.inputs = append(b.inputs, in)
	}
	return in.name
}

// values gives the result as the values of an attribute.
func (e *expression) values(s *scratch, multi Multi) ([]string, error) {
	result, err := e.run(s, multi)
	if err != nil {
		return nil, err
	}
	return texts(result)
}

// holds gives the result of a condition.
func (e *expression) holds(s *scratch) (bool, error) {
	result, err := e.run(s, One)
	yes, _ := result.(bool)
	return yes, err
}

// run gives the result for the object in s.
func (e *expression) run(s *scratch, multi Multi) (any, error) {
	for _, in := range e.inputs {
		value, err := in.value(s.slots[in.slot], multi)
		if err != nil {
			return nil, err
		}
		s.env[in.name] = value
	}
	out, err := s.vm.Run(e.program, s.env)
	if err != nil {
		return nil, runError(err)
	}
	return out, nil
}

func (in input) value(s slot, multi Multi) (any, error) {
	if in.form == isPresent {
		return len(s.values) > 0, nil
	}
	for _, v := range s.values {
		if !utf8.ValidString(v) {
			return nil, fmt.Errorf("%s: %w", in.name, errNotText)
		}
	}
	if in.form == allValues {
		return s.values, nil
	}
	if len(s.values) > 1 && multi != First {
		return nil, misfit{fmt.Errorf("%s has %d values where one is expected; say multi: first, or read it with valuesOf", in.name, len(s.values))}
	}
	if len(s.values) == 0 {
		return "", nil
	}
	return s.values[0], nil
}

// safeCauses are the causes that hold no values, which are personal.
var safeCauses = []string{"index out of range", "memory budget exceeded", "there is no such table"}

// runError gives the place in the expression, and the cause where it is safe.
func runError(err error) error {
	f, ok := errors.AsType[*file.Error](err)
	if !ok {
		return misfit{errors.New("the expression fails")}
	}
	cause := ""
	for _, c := range safeCauses {
		if strings.Contains(f.Message, c) {
			cause = ": " + c
		}
	}
	return misfit{fmt.Errorf("the expression fails at %d:%d%s%s", f.Line, f.Column+1, cause, f.Snippet)}
}

// texts turns a result into values.
func texts(result any) ([]string, error) {
	switch v := result.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{v}, nil
	case []string:
		return v, nil
	case bool:
		return []string{strconv.FormatBool(v)}, nil
	case int:
		return []string{strconv.Itoa(v)}, nil
	case []any:
		return textList(v)
	}
	return nil, misfit{fmt.Errorf("the expression gives %T; an attribute takes text, a list of texts, a whole number, or true and false", result)}
}

func textList(list []any) ([]string, error) {
	out := make([]string, 0, len(list))
	for _, item := range list {
		s, ok := item.(string)
		if !ok {
			return nil, misfit{fmt.Errorf("the expression gives a list with %T in it; an attribute takes texts", item)}
		}
		out = append(out, s)
	}
	return out, nil
}
