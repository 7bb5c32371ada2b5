package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// issuesShown is how many objects are shown of each class.
const issuesShown = 3

// trouble is an object with all that is wrong with it in one class.
type trouble struct {
	name   string
	issues []adsync.Issue
}

// issues shows what is not in order, by who has to act.
func (s *screen) issues(r *adsync.Report) {
	classes := troubles(r.Issues)
	called := names(r.Issues)
	s.class("QUARANTINED", "they lack something required and are not created", classes[adsync.ClassQuarantined], r.Counts.Quarantined, called)
	if r.Counts.Quarantined > 0 {
		s.text("  ", "They are created as soon as the directory is completed. One line in job.go makes the run halt instead: OnMissing: adsync.Halt")
		s.line("")
	}
	s.class("CONFLICTS", "not written until a person has decided", classes[adsync.ClassConflict], r.Counts.Conflicts, called)
	if r.Counts.Conflicts > 0 {
		s.text("  ", "Make the values differ in the directory and run again. In a program of your own, Engine.Answer decides.")
		s.line("")
	}
	s.class("ISSUES", "not written as they are; tried again in each run", classes[adsync.ClassIssue], r.Counts.Issues, called)
	if r.Counts.Issues > 0 {
		s.line("")
	}
	s.notes(classes[adsync.ClassNote])
}

// notes shows one object for each kind of note: nobody has to act on them.
func (s *screen) notes(list []*trouble) {
	byCode := map[adsync.IssueCode][]*trouble{}
	for _, t := range list {
		code := t.issues[0].Code
		byCode[code] = append(byCode[code], t)
	}
	for _, code := range slices.Sorted(maps.Keys(byCode)) {
		s.line("NOTES %d (%s), such as:", len(byCode[code]), code)
		s.text("    ", "%s", byCode[code][0].say(nil))
		s.line("")
	}
}

// troubles puts together what is wrong with each object, by class.
func troubles(all []adsync.Issue) map[adsync.IssueClass][]*trouble {
	type object struct {
		class  adsync.IssueClass
		anchor adsync.Anchor
	}
	known := map[object]*trouble{}
	out := map[adsync.IssueClass][]*trouble{}
	for _, i := range all {
		key := object{i.Code.Class(), i.Anchor}
		if known[key] == nil {
			known[key] = &trouble{name: nameOfIssue(i)}
			out[key.class] = append(out[key.class], known[key])
		}
		known[key].issues = append(known[key].issues, i)
	}
	return out
}

func nameOfIssue(i adsync.Issue) string {
	if i.Name != "" {
		return i.Name
	}
	return string(i.Anchor)
}

// names says what people call the objects that have issues.
func names(all []adsync.Issue) map[adsync.Anchor]string {
	out := map[adsync.Anchor]string{}
	for _, i := range all {
		out[i.Anchor] = nameOfIssue(i)
	}
	return out
}

func (s *screen) class(title, says string, list []*trouble, count int, called map[adsync.Anchor]string) {
	if count == 0 {
		return
	}
	s.line("%s %d: %s", title, count, says)
	shown := min(len(list), issuesShown)
	for _, t := range list[:shown] {
		s.text("    ", "%s", t.say(called))
	}
	if count > shown {
		s.line("    … and %d more; -json lists them", count-shown)
	}
}

// say tells in one sentence what is wrong with an object.
func (t *trouble) say(called map[adsync.Anchor]string) string {
	switch first := t.issues[0]; first.Code {
	case adsync.IssueRequiredMissing:
		return t.name + ": lacks " + strings.Join(t.attributes(), ", ")
	case adsync.IssueSourceDuplicate:
		var others []string
		for _, anchor := range first.Others {
			if called[anchor] == "" {
				return t.name + ": " + first.Detail
			}
			others = append(others, called[anchor])
		}
		return t.name + ": has the same " + first.Attr + " as " + strings.Join(others, ", ")
	default:
		return t.name + ": " + first.Detail
	}
}

func (t *trouble) attributes() []string {
	var out []string
	for _, i := range t.issues {
		if !slices.Contains(out, i.Attr) {
			out = append(out, i.Attr)
		}
	}
	return out
}
