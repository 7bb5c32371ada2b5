package simtest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/adsync/sdk/adsync"
)

// deed is something that happens between runs, by its verb in a script.
type deed struct {
	words int
	do    func(*World, Step)
}

// Numbers of the made-up objects say what they are.
const (
	firstGroup   = 100
	firstContact = 200
	firstUnit    = 300
	firstOther   = 500 // people of the second source
)

// deeds are the verbs of a script, beside world, run, plan and the answers of
// people. One that names an object which is not there does nothing, so that a
// script stays playable when lines are taken out.
var deeds map[string]deed

func init() {
	deeds = map[string]deed{
		"add":       {1, func(w *World, s Step) { w.add(s.arg(0)) }},
		"change":    {2, func(w *World, s Step) { w.set(s.arg(0), s.word(1), w.fresh(s.word(1))) }},
		"blank":     {2, func(w *World, s Step) { w.set(s.arg(0), s.word(1)) }},
		"rename":    {1, func(w *World, s Step) { w.rename(s.arg(0)) }},
		"swap":      {2, func(w *World, s Step) { w.swap(s.arg(0), s.arg(1)) }},
		"duplicate": {2, func(w *World, s Step) { w.duplicate(s.arg(0), s.arg(1)) }},
		"move":      {2, func(w *World, s Step) { w.change(s.arg(0), func(e *Entry) { e.Unit = s.word(1) }) }},
		"leave":     {1, func(w *World, s Step) { w.leave(s.arg(0)) }},
		"disable":   {1, func(w *World, s Step) { w.set(s.arg(0), adsync.AttrActive, "false") }},
		"enable":    {1, func(w *World, s Step) { w.set(s.arg(0), adsync.AttrActive, "true") }},
		"expire":    {2, func(w *World, s Step) { w.expire(s.arg(0), s.arg(1)) }},
		"join":      {2, func(w *World, s Step) { w.join(s.arg(0), s.arg(1)) }},
		"part":      {2, func(w *World, s Step) { w.part(s.arg(0), s.arg(1)) }},
		"refer":     {2, func(w *World, s Step) { w.refer(s.arg(0), s.arg(1)) }},
		"spoil":     {1, func(w *World, s Step) { w.change(s.arg(0), func(e *Entry) { e.Unreadable = true }) }},
		"mend":      {1, func(w *World, s Step) { w.change(s.arg(0), func(e *Entry) { e.Unreadable = false }) }},
		"odd":       {1, func(w *World, s Step) { w.set(s.arg(0), "title", oddTitle) }},
		"wait":      {1, func(_ *World, s Step) { time.Sleep(time.Duration(s.arg(0)) * time.Hour) }},
		"lag":       {1, func(w *World, s Step) { w.controllerOf(s.word(0)).lags = true }},
		"replicate": {1, func(w *World, s Step) { w.replicate(s.word(0)) }},
		"serve":     {1, func(w *World, s Step) { w.serve(s.word(0)) }},
		"restore":   {2, func(w *World, s Step) { w.restore(s.word(0), s.arg(1)) }},
		"byhand":    {2, func(w *World, s Step) { w.byHand(s.word(0), s.arg(1)) }},
	}
}

// oddTitle is a title that the mapper of the made-up job cannot map.
const oddTitle = "odd"

func (w *World) directoryOf(n int) *Directory {
	if n >= firstOther && len(w.Directories) > 1 {
		return w.Directories[1]
	}
	return w.Directories[0]
}

func (w *World) change(n int, f func(*Entry)) {
	d := w.directoryOf(n)
	if e := d.latest(anchorOf(n)); e != nil {
		f(e)
		d.write(*e)
	}
}

// set writes an attribute that objects of the kind have.
func (w *World) set(n int, name string, values ...string) {
	w.change(n, func(e *Entry) {
		if e.Attrs.Has(name) || name == adsync.AttrExpires {
			e.Attrs.Set(name, values...)
		}
	})
}

// fresh gives a value that nobody had before.
func (w *World) fresh(name string) string {
	w.values++
	return fmt.Sprintf("%s %d", name, w.values)
}

// add puts an object there, or brings it back from the dead as what it was.
func (w *World) add(n int) {
	d := w.directoryOf(n)
	if d.latest(anchorOf(n)) != nil {
		return
	}
	e := Entry{Object: adsync.Object{Anchor: anchorOf(n), Kind: adsync.User}, Unit: "People"}
	if n%3 == 0 {
		e.Unit = "Sales"
	}
	switch {
	case n >= firstUnit && n < firstOther:
		e.Kind, e.Unit = adsync.OrganizationalUnit, "Things"
	case n >= firstContact && n < firstOther:
		e.Kind = adsync.Contact
	case n >= firstGroup && n < firstOther:
		e.Kind, e.Unit = adsync.Group, "Things"
	}
	e.Attrs = startingAttributes(e.Kind, n)
	d.write(e)
}

func startingAttributes(kind adsync.Kind, n int) adsync.Attributes {
	var a adsync.Attributes
	name := fmt.Sprintf("user%d@example.com", n)
	switch kind {
	case adsync.Group, adsync.OrganizationalUnit:
		a.Set("name", fmt.Sprintf("%s %d", kind, n))
		return a
	case adsync.User:
		a.Set("logon", name)
	}
	a.Set("email", name)
	a.Set("displayName", fmt.Sprintf("Ada Example %d", n))
	a.Set("title", "Clerk")
	a.Set("phone", fmt.Sprintf("+49 30 %06d", n))
	a.Set(adsync.AttrActive, "true")
	return a
}

func (w *World) rename(n int) {
	name := "displayName"
	if n >= firstGroup && n < firstContact {
		name = "name"
	}
	w.set(n, name, w.fresh(name))
}

// swap lets two people exchange their addresses.
func (w *World) swap(a, b int) {
	x, y := w.directoryOf(a).latest(anchorOf(a)), w.directoryOf(b).latest(anchorOf(b))
	if x == nil || y == nil || a == b {
		return
	}
	one, other := x.Attrs.Values("email"), y.Attrs.Values("email")
	w.set(a, "email", other...)
	w.set(b, "email", one...)
}

// duplicate gives one person the address of another.
func (w *World) duplicate(a, b int) {
	if of := w.directoryOf(b).latest(anchorOf(b)); of != nil {
		w.set(a, "email", of.Attrs.Values("email")...)
	}
}

// leave deletes an object; the directory takes it out of its groups and from
// those who refer to it.
func (w *World) leave(n int) {
	d, gone := w.directoryOf(n), anchorOf(n)
	if d.latest(gone) == nil {
		return
	}
	view := d.viewAt(len(d.log))
	for _, anchor := range slices.Sorted(maps.Keys(view)) {
		e := view[anchor].copy()
		if anchor == gone || e.Gone {
			continue
		}
		if slices.Contains(e.Members, gone) {
			e.Members = slices.DeleteFunc(e.Members, func(m adsync.Anchor) bool { return m == gone })
			d.write(e)
		}
		if slices.Contains(e.Refs["manager"], gone) {
			e.Refs = map[string][]adsync.Anchor{"manager": nil}
			d.write(e)
		}
	}
	w.change(n, func(e *Entry) { e.Gone, e.Members = true, nil })
}

// expire sets the instant from which on a person is inactive, in days from now.
func (w *World) expire(n, days int) {
	w.set(n, adsync.AttrExpires, time.Now().UTC().Truncate(time.Hour).AddDate(0, 0, days).Format(time.RFC3339))
}

func (w *World) join(group, member int) {
	if w.directoryOf(member).latest(anchorOf(member)) == nil || w.directoryOf(member) != w.directoryOf(group) {
		return
	}
	w.change(group, func(e *Entry) {
		if e.Kind == adsync.Group && !slices.Contains(e.Members, anchorOf(member)) {
			e.Members = append(e.Members, anchorOf(member))
		}
	})
}

func (w *World) part(group, member int) {
	w.change(group, func(e *Entry) {
		e.Members = slices.DeleteFunc(e.Members, func(m adsync.Anchor) bool { return m == anchorOf(member) })
	})
}

func (w *World) refer(n, manager int) {
	if w.directoryOf(n).latest(anchorOf(manager)) == nil || n == manager {
		return
	}
	w.change(n, func(e *Entry) {
		if e.Kind == adsync.User {
			e.Refs = map[string][]adsync.Anchor{"manager": {anchorOf(manager)}}
		}
	})
}

func (w *World) controllerOf(name string) *controller {
	for _, c := range w.Directories[0].controllers {
		if c.name == name {
			return c
		}
	}
	return w.Directories[0].controller()
}

func (w *World) replicate(name string) {
	c := w.controllerOf(name)
	c.lags, c.applied = false, len(w.Directories[0].log)
}

// serve lets another controller answer, as when the first one fails.
func (w *World) serve(name string) {
	for i, c := range w.Directories[0].controllers {
		if c.name == name {
			w.Directories[0].serving = i
		}
	}
}

// restore puts a controller back to an older copy, which lags until it
// replicates.
func (w *World) restore(name string, changes int) {
	c := w.controllerOf(name)
	c.epoch++
	c.applied, c.lags = max(0, c.applied-changes), true
}
