package mapping

import (
	"errors"
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
)

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
	if hint := b.language.hint(n.Value); hint != "" {
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
		b.faults = append(b.faults, fmt.Errorf("%q is not in the source list%s", name, b.language.hint(name)))
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
