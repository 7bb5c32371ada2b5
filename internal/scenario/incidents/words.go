package incidents

import (
	"fmt"
	"strings"

	"github.com/adsync/sdk/internal/scenario"
)

// effects says in words what lines of a run mean that took effect: what it would
// have done too much, and what it would not have done.
var effects = []struct{ line, much, less string }{
	{"sent deactivate/", "%d %s would have been deactivated", "%d %s who left would have stayed active"},
	{"sent delete/", "%d %s would have been deleted", "%d %s would not have been deleted"},
	{"sent put/create ", "%d %s would have been created that must not be", "%d %s would not have been created"},
	{"sent put/reactivate ", "%d %s would have been made active again", "%d %s would have stayed inactive"},
	{"sent put/", "%d %s would have been written that must not be", "%d %s would not have been written"},
}

// Words says what the differences would have meant: the first one that does
// harm, else the first one that leaves something undone, else the first one.
func Words(differences []scenario.Difference) string {
	for _, say := range []func(scenario.Difference) string{tooMuch, tooLittle} {
		for _, d := range differences {
			if text := say(d); text != "" {
				return text
			}
		}
	}
	if len(differences) == 0 {
		return ""
	}
	said, came := firstDifferent(differences[0])
	return fmt.Sprintf("%s would have said %q, not %q", differences[0].Command, came, said)
}

func tooMuch(d scenario.Difference) string {
	for _, e := range effects {
		if n := effective(d.Came, e.line) - effective(d.Output, e.line); n > 0 {
			return fmt.Sprintf(e.much, n, whom(n, e.line))
		}
	}
	if n := members(d.Came, " -") - members(d.Output, " -"); n > 0 {
		return fmt.Sprintf("%d %s would have been taken out of a group", n, plural(n, "member"))
	}
	if n := count(d.Came, ": unchanged") - count(d.Output, ": unchanged"); n > 0 {
		return fmt.Sprintf("%d %s would have been sent although nothing had changed", n, plural(n, "object"))
	}
	return ""
}

// count counts the lines about what was sent that end so.
func count(text, end string) (n int) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "sent ") && strings.HasSuffix(strings.TrimSpace(line), end) {
			n++
		}
	}
	return n
}

func tooLittle(d scenario.Difference) string {
	if strings.Contains(d.Came, "deadline exceeded") {
		return "the " + d.Command + " would never have come to its end"
	}
	for _, e := range effects {
		if n := effective(d.Output, e.line) - effective(d.Came, e.line); n > 0 {
			return fmt.Sprintf(e.less, n, whom(n, e.line))
		}
	}
	if n := members(d.Output, " +") - members(d.Came, " +"); n > 0 {
		return fmt.Sprintf("%d %s would not have come into a group", n, plural(n, "member"))
	}
	return ""
}

// effective counts the lines of a kind that say that something was done.
func effective(text, start string) (n int) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, start) {
			continue
		}
		for _, end := range []string{": created", ": updated", ": applied"} {
			n += count(line, end)
		}
	}
	return n
}

func members(text, sign string) (n int) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "sent members/") {
			n += strings.Count(line, sign)
		}
	}
	return n
}

func whom(n int, line string) string {
	switch {
	case !strings.HasPrefix(line, "sent deactivate/") && !strings.HasPrefix(line, "sent put/reactivate"):
		return plural(n, "object")
	case n == 1:
		return "person"
	}
	return "people"
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// firstDifferent gives the first line that differs, from the word on that does.
func firstDifferent(d scenario.Difference) (said, came string) {
	a, b := strings.Split(d.Output, "\n"), strings.Split(d.Came, "\n")
	for i := range max(len(a), len(b)) {
		if said, came = at(a, i), at(b, i); said != came {
			break
		}
	}
	same := 0
	for i := 0; i < min(len(said), len(came)) && said[i] == came[i]; i++ {
		if said[i] == ' ' {
			same = i + 1
		}
	}
	return clip(said[same:]), clip(came[same:])
}

func at(lines []string, i int) string {
	if i >= len(lines) || lines[i] == "" {
		return "nothing"
	}
	return lines[i]
}

// clip cuts a text at the end of a sentence's part, where it is long.
func clip(text string) string {
	const most = 60
	if len(text) <= most {
		return text
	}
	if end := strings.IndexAny(text, ";("); end > 0 && end <= most {
		return strings.TrimSpace(text[:end])
	}
	if end := strings.LastIndexByte(text[:most], ' '); end > 0 {
		return text[:end] + " …"
	}
	return text
}
