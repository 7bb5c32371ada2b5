package incidents

import (
	"fmt"
	"strings"

	"github.com/adsync/sdk/internal/scenario"
)

// effects says in words what a line of a run means, by what it begins with.
var effects = []struct{ line, one, many string }{
	{"sent deactivate/", "person would have been deactivated", "people would have been deactivated"},
	{"sent delete/", "object would have been deleted", "objects would have been deleted"},
	{"sent put/create ", "object would have been created that must not be", "objects would have been created that must not be"},
	{"sent put/reactivate ", "person would have been made active again", "people would have been made active again"},
	{"sent put/", "object would have been written otherwise", "objects would have been written otherwise"},
}

// Words says what the first difference that does harm would have meant, and the
// first difference as it is where none of them is so plain.
func Words(differences []scenario.Difference) string {
	for _, d := range differences {
		if text := harm(d); text != "" {
			return text
		}
	}
	if len(differences) == 0 {
		return ""
	}
	said, came := firstDifferent(differences[0])
	return fmt.Sprintf("%q would have come out as: %s; instead of: %s", differences[0].Command, came, said)
}

func harm(d scenario.Difference) string {
	for _, e := range effects {
		switch n := count(d.Came, e.line) - count(d.Output, e.line); {
		case n == 1:
			return "1 " + e.one
		case n > 1:
			return fmt.Sprintf("%d %s", n, e.many)
		}
	}
	switch n := removed(d.Came) - removed(d.Output); {
	case n == 1:
		return "1 member would have been taken out of a group"
	case n > 1:
		return fmt.Sprintf("%d members would have been taken out of a group", n)
	}
	return ""
}

func count(text, start string) (n int) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, start) {
			n++
		}
	}
	return n
}

func removed(text string) (n int) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "sent members/") {
			n += strings.Count(line, " -")
		}
	}
	return n
}

func firstDifferent(d scenario.Difference) (said, came string) {
	a, b := strings.Split(d.Output, "\n"), strings.Split(d.Came, "\n")
	for i := range max(len(a), len(b)) {
		said, came = at(a, i), at(b, i)
		if said != came {
			break
		}
	}
	return said, came
}

func at(lines []string, i int) string {
	if i >= len(lines) || lines[i] == "" {
		return "nothing"
	}
	return lines[i]
}
