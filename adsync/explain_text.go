package adsync

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// WriteText writes the explanation for a person, in lines of plain text. Text
// from the directory cannot steer a terminal.
func (e *Explanation) WriteText(w io.Writer) error {
	var t explanationText
	if len(e.Found) > 0 {
		t.found(e)
	} else {
		t.head(e)
		t.attributes(e.Attributes)
		t.members(e.Members)
	}
	_, err := io.WriteString(w, t.String())
	return err
}

type explanationText struct{ strings.Builder }

func (t *explanationText) line(indent int, format string, args ...any) {
	t.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(t, format, args...)
	t.WriteByte('\n')
}

func (t *explanationText) found(e *Explanation) {
	t.line(0, "%s", shown(e.Why[0]))
	for _, m := range e.Found {
		t.line(1, "%s", shown(strings.Join(notEmpty(m.Name, kindOrNot(m.Kind), m.Source, string(m.Anchor), target(m.Target), string(m.Standing)), "  ")))
	}
}

func kindOrNot(k Kind) string {
	if !k.valid() {
		return ""
	}
	return k.String()
}

func target(id TargetID) string {
	if id == "" {
		return ""
	}
	return "target " + string(id)
}

func notEmpty(list ...string) (out []string) {
	for _, v := range list {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

func (t *explanationText) head(e *Explanation) {
	name := e.Name
	if name == "" {
		name = string(e.Anchor) + string(e.Target)
	}
	t.line(0, "%s: %s", shown(name), e.Standing)
	if is := notEmpty(kindOrNot(e.Kind), e.Source, string(e.Anchor), target(e.Target)); len(is) > 0 {
		t.line(1, "%s", shown(strings.Join(is, "  ")))
	}
	now := &e.Directory
	if now.Shown && len(now.OutOfScope) == 0 {
		t.line(1, "%s", shown("directory now: "+strings.Join(notEmpty(now.Name, now.Origin, "in scope", now.Covered), "; ")))
	} else if now.Shown {
		t.line(1, "%s", shown("directory now: "+strings.Join(notEmpty(now.Name, now.Origin, "out of scope"), "; ")))
	}
	if w := e.Written; w != nil {
		t.line(1, "last written: %s%s", writtenBy(w), inBrackets(shown(w.Note)))
	}
	if e.Answer != nil {
		t.line(1, "answered: %s by %s", shown(string(e.Answer.Verdict)), shown(by(*e.Answer)))
	}
	for _, why := range e.Why {
		t.line(1, "- %s", shown(why))
	}
}

func writtenBy(w *Written) string {
	text := fmt.Sprintf("run %d (%s, plan %s) on %s", w.Run, w.Intent, w.Plan, w.At.UTC().Format("2006-01-02 15:04 UTC"))
	if w.Origin != "" {
		text += inBrackets(shown(w.Origin))
	}
	return text
}

// attributes writes those that say something, and names the others in a line.
func (t *explanationText) attributes(list []AttributeExplanation) {
	var silent []string
	for i := range list {
		a := &list[i]
		if (a.Reason == ReasonNothing || a.Reason == ReasonObject) && isBlank(a.Applied) && isBlank(a.Mapped) && isBlank(a.Present) {
			silent = append(silent, shown(a.Attr))
			continue
		}
		t.attribute(a)
	}
	if len(silent) > 0 {
		t.line(1, "no value in the directory, and none written: %s", strings.Join(silent, ", "))
	}
}

func (t *explanationText) attribute(a *AttributeExplanation) {
	held := a.Reason == ReasonObject || a.Reason == ReasonRemembered // said of the whole object
	if held && a.Mapped != nil && !sameValues(a.Mapped, a.Applied) {
		t.line(1, "%s = %s, would be %s", shown(a.Attr), shownValues(a.Applied), shownValues(a.Mapped))
	} else {
		t.line(1, "%s = %s", shown(a.Attr), shownValues(a.Applied))
	}
	t.made(a)
	if a.Written != nil {
		t.line(2, "written    by %s%s", writtenBy(a.Written), a.before())
	}
	if a.Differing {
		t.line(2, "target     has %s now: it was changed there", shownValues(a.Present))
	}
	if a.Reason != ReasonWritten && !held {
		t.line(2, "not written: %s%s", a.Reason, behindColon(a.Why))
	}
}

// made writes what the directory has, and by which rule it becomes what.
func (t *explanationText) made(a *AttributeExplanation) {
	any := slices.ContainsFunc(a.Reads, func(r TraceRead) bool { return !isBlank(r.Values) })
	for _, r := range a.Reads {
		if !any || !isBlank(r.Values) {
			t.line(2, "directory  %s = %s", shown(r.Attr), shownValues(r.Values))
		}
	}
	switch {
	case a.Rule != "":
		t.line(2, "rule       %s%s; merge mode %s", shown(a.Rule), inBrackets(shown(a.Place)), a.Mode)
	case a.Mapped != nil && a.Reason != ReasonObject && a.Reason != ReasonRemembered:
		t.line(2, "mapping    %s; merge mode %s", shownValues(a.Mapped), a.Mode)
	}
	for n, s := range a.Steps {
		if n > 0 || len(a.Steps) > 1 || !sameValues(s.Values, a.Applied) {
			t.line(2, "           %s → %s", shown(s.Step), shownValues(s.Values))
		}
	}
}

func (a *AttributeExplanation) before() string {
	if a.Written.Intent == IntentCreate.String() || a.Written.Intent == IntentSend.String() {
		return ""
	}
	return "; before: " + shownValues(a.Written.Before)
}

func behindColon(text string) string {
	if text == "" {
		return ""
	}
	return ": " + shown(text)
}

func (t *explanationText) members(m *MembersExplanation) {
	if m == nil {
		return
	}
	t.line(1, "members: %d in the target, %d not", m.InTarget, len(m.Missing)+m.More)
	for _, one := range m.Missing {
		t.line(2, "%s: %s", shown(strings.Join(notEmpty(one.Name, string(one.Anchor)), " ")), shown(one.Why))
	}
	if m.More > 0 {
		t.line(2, "and %d more", m.More)
	}
}

// shownAtMost bounds the characters of one value.
const shownAtMost = 1000

// shown gives text that is safe to print: what is not printable is escaped.
func shown(text string) string {
	if !utf8.ValidString(text) {
		return fmt.Sprintf("%d bytes that are no text", len(text))
	}
	if utf8.RuneCountInString(text) > shownAtMost {
		text = truncate(text, shownAtMost, Runes) + "…"
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

func shownValues(values []string) string {
	if isBlank(values) {
		return "nothing"
	}
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = shown(v)
	}
	return strings.Join(list, " | ")
}
