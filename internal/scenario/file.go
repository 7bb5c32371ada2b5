package scenario

import (
	"fmt"
	"strings"
)

// step is one command with its input and output, or, without a command, the
// text that ends the file.
type step struct {
	line    int
	story   []string // comments and empty lines before it
	command string
	input   []string
	output  string // lines, each with its end
}

const divider = "----"

// parse reads a file.
func parse(text string) ([]step, error) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	var steps []step
	for at := 0; at < len(lines); {
		var s step
		for ; at < len(lines) && isStory(lines[at]); at++ {
			s.story = append(s.story, lines[at])
		}
		s.line = at + 1
		if at == len(lines) {
			return append(steps, s), nil
		}
		for s.command = lines[at]; ; {
			if at++; at == len(lines) || lines[at] == "" {
				return nil, fmt.Errorf("line %d: %q has no line %q", s.line, s.command, divider)
			}
			if lines[at] == divider {
				break
			}
			s.input = append(s.input, lines[at])
		}
		for at++; at < len(lines) && lines[at] != ""; at++ {
			s.output += lines[at] + "\n"
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func isStory(line string) bool { return line == "" || strings.HasPrefix(line, "#") }

// format writes steps as parse reads them, with one empty line between them.
func format(steps []step) string {
	var b strings.Builder
	for i, s := range steps {
		story := strings.Trim(strings.Join(s.story, "\n"), "\n")
		if i > 0 && (story != "" || s.command != "") {
			b.WriteByte('\n')
		}
		if story != "" {
			b.WriteString(story + "\n")
		}
		if s.command == "" {
			continue
		}
		for _, line := range append([]string{s.command}, s.input...) {
			b.WriteString(line + "\n")
		}
		b.WriteString(divider + "\n" + s.output)
	}
	return b.String()
}

// difference shows what was said and what came.
func (s step) difference(got string) string {
	return fmt.Sprintf("%d: %s\nthe file says\n%sand this came\n%srun the test with -rewrite when that is right",
		s.line, s.command, indent(s.output), indent(got))
}

func indent(text string) string {
	if text == "" {
		return "    (nothing)\n"
	}
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
}

// words takes a line apart at spaces, but not at those between quotes.
func words(line string) ([]string, error) {
	var out []string
	var word strings.Builder
	quoted, begun := false, false
	for _, r := range line {
		switch {
		case r == '"':
			quoted, begun = !quoted, true
		case r == ' ' && !quoted:
			if begun {
				out = append(out, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quoted {
		return nil, fmt.Errorf("a quote is not closed in %q", line)
	}
	if begun {
		out = append(out, word.String())
	}
	return out, nil
}
