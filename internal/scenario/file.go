package scenario

import (
	"fmt"
	"strings"
)

// Step is one command with its input and output, or, without a command, the
// text that ends the file.
type Step struct {
	Line    int
	Story   []string // comments and empty lines before it
	Command string
	Input   []string
	Output  string // lines, each with its end
}

const divider = "----"

// Parse reads a file.
func Parse(text string) ([]Step, error) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	var steps []Step
	for at := 0; at < len(lines); {
		var s Step
		for ; at < len(lines) && isStory(lines[at]); at++ {
			s.Story = append(s.Story, lines[at])
		}
		s.Line = at + 1
		if at == len(lines) {
			return append(steps, s), nil
		}
		for s.Command = lines[at]; ; {
			if at++; at == len(lines) || lines[at] == "" {
				return nil, fmt.Errorf("line %d: %q has no line %q", s.Line, s.Command, divider)
			}
			if lines[at] == divider {
				break
			}
			s.Input = append(s.Input, lines[at])
		}
		for at++; at < len(lines) && lines[at] != ""; at++ {
			s.Output += lines[at] + "\n"
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func isStory(line string) bool { return line == "" || strings.HasPrefix(line, "#") }

// Format writes steps as Parse reads them, with one empty line between them.
func Format(steps []Step) string {
	var b strings.Builder
	for i, s := range steps {
		story := strings.Trim(strings.Join(s.Story, "\n"), "\n")
		if i > 0 && (story != "" || s.Command != "") {
			b.WriteByte('\n')
		}
		if story != "" {
			b.WriteString(story + "\n")
		}
		if s.Command == "" {
			continue
		}
		for _, line := range append([]string{s.Command}, s.Input...) {
			b.WriteString(line + "\n")
		}
		b.WriteString(divider + "\n" + s.Output)
	}
	return b.String()
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
