package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/adsync/sdk/adsync"
)

// MaxSize bounds a map's YAML text, in bytes.
const MaxSize = 256 << 10

// maxDepth bounds how deep lists and maps may nest. The format needs 8.
const maxDepth = 64

// Load reads rules from YAML and compiles them: Parse, then New.
func Load(text []byte, options ...Option) (*Mapper, error) {
	rules, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return New(rules, options...)
}

// Parse reads rules from YAML. Unknown keys are faults, and so are anchors,
// aliases and tags: a map says what it means in place. The error joins every
// [Fault]. Rules are compiled, and their examples run, by New.
func Parse(text []byte) (Rules, error) {
	r := &reader{faults: faults{text: source(text)}}
	root := r.root(text)
	var rules Rules
	if root != nil {
		rules = r.rules(root)
	}
	rules.text = source(text)
	return rules, r.error()
}

// reader walks the syntax tree of a YAML text and collects faults.
type reader struct{ faults }

// root gives the only document of the text. The YAML parser is not ours: a
// panic in it is a fault of the text.
func (r *reader) root(text []byte) (root ast.Node) {
	defer func() {
		if recover() != nil {
			root = nil
			r.add(position{1, 1}, "the text is no YAML that can be read")
		}
	}()
	if err := checkSize(text); err != nil {
		r.add(position{1, 1}, "%v", err)
		return nil
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		r.syntax(err)
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		r.add(position{1, 1}, "the text holds no map, or several YAML documents; write one map")
		return nil
	}
	return file.Docs[0].Body
}

// checkSize refuses what would keep the parser busy: it calls itself once per
// level, so levels are bounded before it sees the text.
func checkSize(text []byte) error {
	if len(text) > MaxSize {
		return fmt.Errorf("the text has %d bytes; a map has at most %d", len(text), MaxSize)
	}
	depth := 0
	for line := range strings.Lines(string(text)) {
		for _, c := range line {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			}
			if depth > maxDepth {
				return fmt.Errorf("lists and maps nest deeper than %d", maxDepth)
			}
		}
		if markers(line) > maxDepth {
			return fmt.Errorf("a line opens more than %d lists and maps", maxDepth)
		}
	}
	return nil
}

// markers counts what opens a level in block style.
func markers(line string) int {
	return strings.Count(line, "- ") + strings.Count(line, "? ") + strings.Count(line, ": ") + strings.Count(line, "-\t")
}

func (r *reader) syntax(err error) {
	coded, ok := errors.AsType[yaml.Error](err)
	if !ok || coded.GetToken() == nil {
		r.add(position{1, 1}, "the text is no YAML: %v", err)
		return
	}
	r.add(at(coded.GetToken()), "%s", coded.GetMessage())
}

func at(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{1, 1}
	}
	return position{t.Position.Line, t.Position.Column}
}

func place(n ast.Node) position {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return place(m.Values[0])
	}
	if v, ok := n.(*ast.MappingValueNode); ok {
		return at(v.Key.GetToken())
	}
	return at(n.GetToken())
}

// entry is one line of a mapping.
type entry struct {
	key   string
	at    position
	value ast.Node
}

// entries gives a mapping's lines in their order.
func (r *reader) entries(n ast.Node, what string) []entry {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	case *ast.NullNode:
		return nil
	default:
		r.add(place(n), "%s: expected names with values, such as name: value", what)
		return nil
	}
	var out []entry
	for _, v := range values {
		key, ok := r.scalar(v.Key, what)
		if ok {
			out = append(out, entry{key: key, at: at(v.Key.GetToken()), value: v.Value})
		}
	}
	return out
}

// fields gives each line of a mapping to the function for its key.
func (r *reader) fields(n ast.Node, what string, known map[string]func(entry)) {
	for _, e := range r.entries(n, what) {
		if f, ok := known[e.key]; ok {
			f(e)
			continue
		}
		names := make([]string, 0, len(known))
		for name := range known {
			names = append(names, name)
		}
		slices.Sort(names)
		hint := r.suggest(e.key, slices.Values(names))
		if hint == "" {
			hint = "; known are " + strings.Join(names, ", ")
		}
		r.add(e.at, "%s: unknown key %q%s", what, e.key, hint)
	}
}

// scalar gives a single value as it was written.
func (r *reader) scalar(n ast.Node, what string) (string, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.LiteralNode:
		return s.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode, *ast.MergeKeyNode:
		r.add(place(n), "%s: anchors, aliases and tags are not read here; write the value out, or put it in quotes", what)
	default:
		r.add(place(n), "%s: expected a single value", what)
	}
	return "", false
}

// text is scalar for a value that may be left empty.
func (r *reader) text(n ast.Node, what string) string {
	if _, ok := n.(*ast.NullNode); ok {
		return ""
	}
	s, _ := r.scalar(n, what)
	return s
}

func (r *reader) items(n ast.Node) ([]ast.Node, bool) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		return nil, false
	}
	return s.Values, true
}

// list gives the items of a list, or the single thing that stands in its place.
func (r *reader) list(n ast.Node) []ast.Node {
	if items, ok := r.items(n); ok {
		return items
	}
	if _, ok := n.(*ast.NullNode); ok {
		return nil
	}
	return []ast.Node{n}
}

// texts gives a list of values, never nil.
func (r *reader) texts(n ast.Node, what string) []string {
	out := []string{}
	for _, item := range r.list(n) {
		if s, ok := r.scalar(item, what); ok {
			out = append(out, s)
		}
	}
	return out
}

func (r *reader) table(n ast.Node, what string) map[string]string {
	out := map[string]string{}
	for _, e := range r.entries(n, what) {
		out[e.key] = r.text(e.value, what+"."+e.key)
	}
	return out
}

func (r *reader) kind(e entry, what string) adsync.Kind {
	kind, err := adsync.ParseKind(r.text(e.value, what))
	if err != nil {
		r.add(place(e.value), "%s: %v", what, err)
	}
	return kind
}

// choice reads one of several words.
func choice[T ~uint8](r *reader, e entry, what string, words ...string) T {
	word := r.text(e.value, what)
	i := slices.Index(words, word)
	if i < 0 {
		r.add(place(e.value), "%s: %q is none of %s", what, word, strings.Join(words, ", "))
		return 0
	}
	return T(i)
}
