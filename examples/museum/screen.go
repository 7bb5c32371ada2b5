package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/adsync/sdk/internal/protection"
	"github.com/adsync/sdk/internal/scenario"
	"github.com/adsync/sdk/internal/scenario/incidents"
)

// screen is what a person sees. Nothing is wider than 80 columns but what steps
// say themselves.
type screen struct {
	out    io.Writer
	colour bool
}

func newScreen(out io.Writer) *screen {
	return &screen{out: out, colour: isTerminal(out) && os.Getenv("NO_COLOR") == ""}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (s *screen) line(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

// good and bad paint a word; it says the same without a colour.
func (s *screen) good(word string) string { return s.paint("32", word) }
func (s *screen) bad(word string) string  { return s.paint("1;31", word) }

func (s *screen) paint(code, word string) string {
	if !s.colour {
		return word
	}
	return "\x1b[" + code + "m" + word + "\x1b[0m"
}

const row = "%-4s %-60s %8s  %s"

func (s *screen) head() {
	s.line("%-4s %-60s %8s", "", "what went wrong elsewhere, and what happens here", "projects")
}

func (s *screen) row(i incidents.Incident, green bool) {
	result := s.good("ok")
	if !green {
		result = s.bad("RED")
	}
	s.line(row, i.ID(), i.Title, projects(i), result)
	s.line("%-6s %s", "", i.Here)
}

func projects(i incidents.Incident) string {
	if n := i.Projects(); n > 0 {
		return fmt.Sprint(n)
	}
	return "-"
}

func (s *screen) total(all, red int) {
	s.line("")
	if red > 0 {
		s.line("%s %d of %d incidents do harm. -run with its number shows one.", s.bad("RED"), red, all)
		return
	}
	s.line("%s %d incidents, and none does harm. -run P7 shows one, -fault P7 takes out", s.good("ok"), all)
	s.line("   what keeps it from doing harm.")
}

func (s *screen) list(all []incidents.Incident) {
	what := map[string]string{}
	for _, p := range protection.All() {
		what[p.Name()] = p.What()
	}
	for _, i := range all {
		s.line("%-4s %s", i.ID(), i.Title)
		s.line("%-6s without %s: %s", "", i.Without, what[i.Without])
	}
}

// story shows the steps as the file has them: what was done, and what came of it.
func (s *screen) story(steps []scenario.Step) { fmt.Fprintln(s.out, scenario.Format(steps)) }

func (s *screen) difference(d scenario.Difference) { s.line("line %s", d) }

func (s *screen) verdict(i incidents.Incident, differences []scenario.Difference) {
	if len(differences) > 0 {
		s.line("%s %s: %s", s.bad("RED"), i.ID(), incidents.Words(differences))
		return
	}
	s.line("%s %s: %s.", s.good("ok"), i.ID(), i.Here)
}

func (s *screen) taken(i incidents.Incident, name, what string) {
	s.line("%s. %s", i.ID(), i.Title)
	s.line("Here: %s.", i.Here)
	s.line("Taken out: %s. So %s.", name, what)
	s.line("")
}

func (s *screen) without(differences []scenario.Difference) {
	if len(differences) == 0 {
		s.line("Nothing went wrong without it. This incident does not show what it claims to.")
		return
	}
	s.line("%s without this: %s.", s.bad("RED"), incidents.Words(differences))
	s.line("")
	s.line("The first difference is in line %s", strings.TrimSpace(differences[0].String()))
}
