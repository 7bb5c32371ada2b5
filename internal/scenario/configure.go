package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
)

var (
	missing  = map[string]adsync.MissingPolicy{"quarantine": adsync.Quarantine, "skip": adsync.Skip, "halt": adsync.Halt}
	overlong = map[string]adsync.OverlongPolicy{"reject": adsync.Reject, "truncate": adsync.Truncate, "omit": adsync.Omit}
	merges   = map[string]adsync.MergeMode{"keep-on-blank": adsync.KeepOnBlank, "source-wins": adsync.SourceWins, "create-only": adsync.CreateOnly, "fill-if-empty": adsync.FillIfEmpty, "never": adsync.Never}
	leaving  = map[string]adsync.LeaverAction{"keep": adsync.LeaverKeep, "deactivate": adsync.LeaverDeactivate, "delete": adsync.LeaverDelete}
	switches = map[string]func(*adsync.Job){
		"create-inactive":       func(j *adsync.Job) { j.CreateInactive = true },
		"reactivate-matched":    func(j *adsync.Job) { j.ReactivateMatched = true },
		"members-authoritative": func(j *adsync.Job) { j.MembersAuthoritative = true },
		"snapshot":              func(j *adsync.Job) { j.Snapshot = true },
		"no-matcher":            func(j *adsync.Job) { j.Matcher = nil },
	}
)

// configure puts the lines of a job block into a job:
//
//	missing quarantine|skip|halt       required KIND ATTRIBUTE…
//	merge ATTRIBUTE MODE               overlong ATTRIBUTE POLICY
//	leaver KIND ACTION [DAYS]          guard RULE COUNT|PERCENT%|off
//	protect VALUE…                     identity ATTRIBUTE
//	create-inactive                    reactivate-matched
//	members-authoritative              snapshot
//	no-matcher
func configure(job *adsync.Job, lines []string) error {
	for _, line := range lines {
		args, err := words(line)
		if err == nil {
			err = setting(job, args)
		}
		if err != nil {
			return fmt.Errorf("job: %q: %w", line, err)
		}
	}
	return nil
}

func setting(job *adsync.Job, args []string) error {
	if on, ok := switches[args[0]]; ok {
		on(job)
		return nil
	}
	if len(args) < 2 {
		return fmt.Errorf("no such setting, or it lacks a value")
	}
	last := args[len(args)-1]
	switch args[0] {
	case "missing":
		return choose(missing, last, &job.OnMissing)
	case "required":
		return required(job, args[1:])
	case "merge":
		return assign(&job.Merge, merges, args[1], last)
	case "overlong":
		return assign(&job.Overlong, overlong, args[1], last)
	case "leaver":
		return leaver(job, args[1:])
	case "guard":
		return guard(&job.Guard, args[1], last)
	case "protect":
		job.Protect = append(job.Protect, args[1:]...)
		return nil
	case "identity":
		job.Identity = last
		return nil
	}
	return fmt.Errorf("no such setting")
}

func choose[T any](from map[string]T, word string, into *T) error {
	value, ok := from[word]
	if !ok {
		return fmt.Errorf("%q is none of the choices", word)
	}
	*into = value
	return nil
}

func assign[T any](into *map[string]T, from map[string]T, name, word string) error {
	if *into == nil {
		*into = map[string]T{}
	}
	var value T
	err := choose(from, word, &value)
	(*into)[name] = value
	return err
}

func required(job *adsync.Job, args []string) error {
	kind, err := kindOf(args[0])
	if job.Required == nil {
		job.Required = map[adsync.Kind][]string{}
	}
	job.Required[kind] = args[1:]
	return err
}

func leaver(job *adsync.Job, args []string) error {
	kind, err := kindOf(args[0])
	if err != nil || len(args) < 2 {
		return fmt.Errorf("a kind and an action are needed: %w", err)
	}
	var p adsync.LeaverPolicy
	if err := choose(leaving, args[1], &p.Deleted); err != nil {
		return err
	}
	p.OutOfScope = p.Deleted
	if len(args) > 2 {
		p.DeleteAfterDays, err = strconv.Atoi(args[2])
	}
	if job.Leavers == nil {
		job.Leavers = map[adsync.Kind]adsync.LeaverPolicy{}
	}
	job.Leavers[kind] = p
	return err
}

func guard(g *adsync.Guard, rule, value string) (err error) {
	limits := map[string]*adsync.Limit{
		"leaving": &g.Leaving, "unit-leaving": &g.UnitLeaving, "members-removed": &g.MembersRemoved, "blanked": &g.Blanked,
		"rewritten": &g.Rewritten, "updates": &g.Updates, "creates": &g.Creates, "adoptions": &g.Adoptions,
	}
	limit, ok := limits[rule]
	switch {
	case !ok:
		return fmt.Errorf("no such rule")
	case value == "off":
		limit.Off = true
	case strings.HasSuffix(value, "%"):
		limit.Percent, err = strconv.ParseFloat(strings.TrimSuffix(value, "%"), 64)
	default:
		limit.Count, err = strconv.Atoi(value)
	}
	return err
}
