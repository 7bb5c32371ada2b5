package mapping

import (
	"fmt"
	"strings"
)

// text writes a rule as the YAML form has it, on one line.
func (r Rule) text() string {
	from := make([]string, len(r.From))
	for i, v := range r.From {
		from[i] = v.text()
	}
	parts := []string{strings.Join(from, ", else ")}
	add := func(is bool, format string, args ...any) {
		if is {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(r.Multi == First, "multi: first")
	add(r.Multi == All, "multi: all")
	add(len(r.Normalize) > 0, "normalize: %s", strings.Join(r.Normalize, ", "))
	add(r.Table != "", "table: %s", r.Table)
	add(r.Default != "", "default: %s", r.Default)
	add(r.Blank == Clear, "blank: clear")
	return strings.Join(parts, "; ")
}

func (v Value) text() string {
	switch {
	case v.Attr != "":
		return v.Attr
	case v.Expr != "":
		return "expr " + v.Expr
	}
	return fmt.Sprintf("constant %q", v.Constant)
}

func placed(at position) string {
	if at.line == 0 {
		return ""
	}
	return " (" + at.text() + ")"
}

func (at position) text() string {
	if at.line == 0 {
		return ""
	}
	return fmt.Sprintf("line %d", at.line)
}
