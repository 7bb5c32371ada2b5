package adsync

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
)

// issueID names an issue.
type issueID struct {
	source string
	anchor Anchor
	code   IssueCode
	attr   string
}

type answerID struct {
	source string
	anchor Anchor
}

func (i Issue) id() issueID { return issueID{i.Source, i.Anchor, i.Code, i.Attr} }

// PutIssues stores what a run found.
func (s *memoryState) PutIssues(ctx context.Context, issues []Issue) error {
	return s.write(ctx, func(t *memoryTarget) error {
		t.putIssues(issues)
		return nil
	})
}

func (t *memoryTarget) putIssues(issues []Issue) {
	for _, issue := range issues {
		issue = copyIssue(issue)
		if known, ok := t.issues[issue.id()]; ok {
			issue.Since = known.Since
		}
		issue.Since = cmp.Or(issue.Since, issue.Run)
		t.issues[issue.id()] = issue
	}
}

// Resolve removes issues.
func (s *memoryState) Resolve(ctx context.Context, refs []IssueRef) error {
	return s.write(ctx, func(t *memoryTarget) error {
		t.resolve(refs)
		return nil
	})
}

func (t *memoryTarget) resolve(refs []IssueRef) {
	if len(refs) == 0 {
		return
	}
	wanted := make(map[IssueRef]bool, len(refs))
	for _, ref := range refs {
		wanted[ref] = true
	}
	maps.DeleteFunc(t.issues, func(id issueID, _ Issue) bool {
		return wanted[IssueRef{id.source, id.anchor, id.code}] || wanted[IssueRef{id.source, id.anchor, ""}]
	})
}

// ResolveOlder removes what no run from number run on has seen.
func (s *memoryState) ResolveOlder(ctx context.Context, source string, run int64) error {
	return s.write(ctx, func(t *memoryTarget) error {
		maps.DeleteFunc(t.issues, func(id issueID, i Issue) bool { return id.source == source && i.Run < run })
		return nil
	})
}

// ListIssues gives the issues.
func (s *memoryState) ListIssues(ctx context.Context) iter.Seq2[Issue, error] {
	return stream(ctx, func() (list []Issue, err error) {
		err = s.read(ctx, func(t *memoryTarget) { list = slices.Collect(maps.Values(t.issues)) })
		slices.SortFunc(list, compareIssues)
		return list, err
	}, copyIssue)
}

func compareIssues(a, b Issue) int {
	return cmp.Or(strings.Compare(a.Source, b.Source), cmp.Compare(a.Anchor, b.Anchor),
		cmp.Compare(a.Code, b.Code), strings.Compare(a.Attr, b.Attr))
}

// PutAnswer stores what a person decided.
func (s *memoryState) PutAnswer(ctx context.Context, a Answer) error {
	return s.change(ctx, func(t *memoryTarget) error {
		a.At = plainTime(a.At)
		t.answers[answerID{a.Source, a.Anchor}] = a
		return nil
	})
}

// DropAnswer forgets an answer.
func (s *memoryState) DropAnswer(ctx context.Context, source string, anchor Anchor) error {
	return s.change(ctx, func(t *memoryTarget) error {
		delete(t.answers, answerID{source, anchor})
		return nil
	})
}

// ListAnswers gives the answers.
func (s *memoryState) ListAnswers(ctx context.Context) iter.Seq2[Answer, error] {
	return stream(ctx, func() (list []Answer, err error) {
		err = s.read(ctx, func(t *memoryTarget) { list = slices.Collect(maps.Values(t.answers)) })
		slices.SortFunc(list, func(a, b Answer) int {
			return cmp.Or(strings.Compare(a.Source, b.Source), cmp.Compare(a.Anchor, b.Anchor))
		})
		return list, err
	}, func(a Answer) Answer { return a })
}

func copyIssue(i Issue) Issue {
	i.Others = slices.Clone(i.Others)
	i.Candidates = slices.Clone(i.Candidates)
	for n := range i.Candidates {
		i.Candidates[n].Attrs = i.Candidates[n].Attrs.Clone()
	}
	if i.Wanted != nil {
		wanted := *i.Wanted
		wanted.Attrs = wanted.Attrs.Clone()
		wanted.Refs = maps.Clone(wanted.Refs)
		for name, anchors := range wanted.Refs {
			wanted.Refs[name] = slices.Clone(anchors)
		}
		i.Wanted = &wanted
	}
	return i
}
