// Package incidents holds the incident museum: what has gone wrong in public
// projects that synchronise directories, each told and played as a scenario
// against the real engine.
//
// Each file begins with a few lines that the museum reads:
//
//	# P1. Title.
//	# Seen in: owner/repository#number, …
//	# Here: what happens instead.
//	# Without: the protection that a fault takes out
//
// With that protection taken out the same file comes out otherwise. It is no
// test of the engine by itself: what a file says was looked at by a person.
package incidents

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/protection"
	"github.com/adsync/sdk/internal/scenario"
)

//go:embed *.txt
var files embed.FS

// Incident is one exhibit.
type Incident struct {
	Number  int
	File    string
	Title   string
	Threads []string // owner/repository#number
	Seen    string   // where else, when there is no public thread
	Here    string
	Without string // the name of its protection
	Steps   []scenario.Step
}

// All gives the incidents in the order of their numbers.
func All() ([]Incident, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var list []Incident
	for _, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		i, err := Read(e.Name(), string(text))
		if err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b Incident) int { return a.Number - b.Number })
	return list, nil
}

// Read reads one file.
func Read(name, text string) (Incident, error) {
	i := Incident{File: name}
	var err error
	if i.Steps, err = scenario.Parse(text); err != nil {
		return i, fmt.Errorf("incidents: %s: %w", name, err)
	}
	into := ""
	for _, line := range i.Steps[0].Story {
		line = strings.TrimSpace(strings.TrimPrefix(line, "#"))
		if line == "" {
			break
		}
		if key, rest, ok := strings.Cut(line, ": "); ok && slices.Contains([]string{"Seen in", "Here", "Without"}, key) {
			into, line = key, rest
		}
		i.take(into, line)
	}
	number, title, _ := strings.Cut(i.Title, ". ")
	i.Number, err = strconv.Atoi(strings.TrimPrefix(number, "P"))
	i.Title = strings.TrimSuffix(title, ".")
	if err != nil || len(i.Threads) == 0 && i.Seen == "" || i.Here == "" || i.Without == "" {
		return i, fmt.Errorf("incidents: %s: it does not begin with number and title, Seen in, Here and Without", name)
	}
	return i, nil
}

func (i *Incident) take(into, line string) {
	switch into {
	case "":
		i.Title = strings.TrimSpace(i.Title + " " + line)
	case "Seen in":
		if !strings.Contains(line, "#") {
			i.Seen = strings.TrimSpace(i.Seen + " " + line)
			return
		}
		for thread := range strings.SplitSeq(line, ",") {
			if thread = strings.TrimSpace(thread); thread != "" {
				i.Threads = append(i.Threads, thread)
			}
		}
	case "Here":
		i.Here = strings.TrimSpace(i.Here + " " + line)
	case "Without":
		i.Without = strings.TrimSpace(line)
	}
}

// ID is what people call it: P7.
func (i Incident) ID() string { return "P" + strconv.Itoa(i.Number) }

// Projects counts the projects in which it was seen.
func (i Incident) Projects() int {
	seen := map[string]bool{}
	for _, thread := range i.Threads {
		project, _, _ := strings.Cut(thread, "#")
		seen[strings.ToLower(project)] = true
	}
	return len(seen)
}

// Protection gives what says in words what is not done without it.
func (i Incident) Protection() (*protection.Protection, error) {
	for _, p := range protection.All() {
		if p.Name() == i.Without {
			return p, nil
		}
	}
	return nil, fmt.Errorf("incidents: %s: there is no protection called %q", i.File, i.Without)
}

// Play plays it and gives the steps as they came out, and what differs from the
// file. With fault its protection is taken out meanwhile, for the whole process.
func (i Incident) Play(ctx context.Context, fault bool) ([]scenario.Step, []scenario.Difference, error) {
	if fault {
		restore, err := protection.Remove(i.Without)
		if err != nil {
			return nil, nil, fmt.Errorf("incidents: %s: %w", i.File, err)
		}
		defer restore()
	}
	steps := slices.Clone(i.Steps)
	differences, err := scenario.Play(ctx, steps, nil)
	return steps, differences, err
}
