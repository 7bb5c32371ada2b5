package simtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

func eachEffect(t *Trace, c *complaints, what func(Effect)) {
	c.each(t, func(e Event) {
		if a, ok := e.(Affected); ok {
			what(a.Effect)
		}
	})
}

// checkOnce: the same op may be sent many times and take effect once. Objects
// that somebody changed by hand in between are left out.
func checkOnce(t *Trace, c *complaints) {
	type of struct {
		key    string
		intent adsync.Intent
		part   string // a sink may need several calls for one op
	}
	seen, asked := map[adsync.Anchor]map[of]bool{}, t.leftToAPerson()
	eachEffect(t, c, func(e Effect) {
		at, what := e.Op.Anchor, of{e.Op.Key, e.Op.Intent, contentOf(&e.Op)}
		if seen[at][what] && !t.World.tainted[at] && !asked[at] {
			c.say("%s %s of %s took effect twice (key %s)", e.Op.Intent, e.Op.Verb, numberOf(at), e.Op.Key)
		}
		if e.After == nil {
			delete(seen, at) // who was deleted and comes back begins anew
			return
		}
		if seen[at] == nil {
			seen[at] = map[of]bool{}
		}
		seen[at][what] = true
	})
}

// checkKeys: a target that recognises keys takes an op for a repetition of the
// one that had its key before, so another effect needs another key.
func checkKeys(t *Trace, c *complaints) {
	if t.World.System.Schema.Replay != adsync.ReplayKeyed {
		return
	}
	content := map[string]string{} // of the ops that took effect
	c.each(t, func(e Event) {
		switch e := e.(type) {
		case Affected:
			content[e.Op.Key] = contentOf(&e.Op)
		case Sent:
			for i := range e.Ops {
				op := &e.Ops[i]
				before, took := content[op.Key]
				// A create that is tried again in a later run keeps its key: two keys
				// would make two people.
				if took && op.Target != "" && before != contentOf(op) {
					c.say("%s %s of %s has the key of another op that took effect (%s)", op.Intent, op.Verb, numberOf(op.Anchor), op.Key)
				}
			}
		}
	})
}

func contentOf(op *adsync.Op) string { return fmt.Sprint(op.Verb, op.Set, op.Add, op.Remove) }

// checkOneObject: a directory object has one object in the target, or, after a
// person has deleted that one, one at a time.
func checkOneObject(t *Trace, c *complaints) {
	type of struct {
		source string
		anchor adsync.Anchor
		kind   adsync.Kind
	}
	now, asked := map[of]map[adsync.TargetID]bool{}, t.leftToAPerson()
	eachEffect(t, c, func(e Effect) {
		if e.After == nil {
			delete(now[of{e.Before.source, e.Before.anchor, e.Before.Kind}], e.Before.ID)
			return
		}
		at := of{e.After.source, e.After.anchor, e.After.Kind}
		if now[at] == nil {
			now[at] = map[adsync.TargetID]bool{}
		}
		now[at][e.After.ID] = true
		if len(now[at]) > 1 && !t.World.tainted[at.anchor] && !asked[at.anchor] {
			c.say("%s stands %d times in the target", numberOf(at.anchor), len(now[at]))
		}
	})
}

func checkBlank(t *Trace, c *complaints) {
	wins := func(name string) bool {
		return t.Script.World.get("merge", "keep") == "wins" && (name == "title" || name == "phone")
	}
	eachEffect(t, c, func(e Effect) {
		if e.Before == nil || e.After == nil || e.Op.Verb != adsync.Put {
			return
		}
		for name, before := range e.Before.Attrs.All() {
			if len(before) > 0 && e.After.Attrs.Get(name) == "" && !wins(name) {
				c.say("%s of %s was %q and is erased", name, numberOf(e.Op.Anchor), before)
			}
		}
	})
}

func checkDeletion(t *Trace, c *complaints) {
	byName := t.World.leavers
	eachEffect(t, c, func(e Effect) {
		if p := byName[e.Op.Kind]; e.After == nil && p.Deleted != adsync.LeaverDelete && p.OutOfScope != adsync.LeaverDelete && p.DeleteAfterDays == 0 {
			c.say("%s %s is deleted, which the job does not say", e.Op.Kind, numberOf(e.Op.Anchor))
		}
	})
}

func checkMembers(t *Trace, c *complaints) {
	eachEffect(t, c, func(e Effect) {
		if e.Before == nil || e.After == nil {
			return
		}
		for id := range e.Before.byHand {
			if e.Before.members[id] && !e.After.members[id] {
				c.say("%s, whom somebody else made a member of group %s, is removed", id, numberOf(e.Op.Anchor))
			}
		}
	})
}

// checkAmbiguity: an object that somebody else made is touched only when one
// directory object matches it and it alone, and never when it is protected.
func checkAmbiguity(t *Trace, c *complaints) {
	alike := map[string]int{} // objects made by hand so far, by logon
	c.each(t, func(e Event) {
		switch e := e.(type) {
		case Stepped:
			if e.Step.Verb == "byhand" {
				logon := startingAttributes(adsync.User, e.Step.arg(1)).Get("logon")
				alike[logon] += map[string]int{"twins": 2, "match": 1, "protected": 1}[e.Step.word(0)]
			}
		case Affected:
			if e.Before != nil && e.Before.seeded {
				c.judgeTaking(e.Effect, alike[e.Before.Attrs.Get("logon")])
			}
		}
	})
}

// judgeTaking looks at an effect on an object that somebody else made, one of so
// many that look alike.
func (c *complaints) judgeTaking(e Effect, alike int) {
	switch taken := e.Before.anchor == ""; {
	case e.Before.Protected:
		c.say("%s is protected, and is changed for %s", e.Before.ID, numberOf(e.Op.Anchor))
	case taken && alike > 1:
		c.say("%s is one of several objects that match %s, and is taken", e.Before.ID, numberOf(e.Op.Anchor))
	case taken && e.Before.Inactive && e.After != nil && !e.After.Inactive:
		c.say("%s was inactive, and is made active for %s without consent", e.Before.ID, numberOf(e.Op.Anchor))
	}
}

func checkSecrets(t *Trace, c *complaints) {
	c.each(t, func(e Event) {
		said, ok := e.(Said)
		if !ok {
			return
		}
		for _, secret := range slices.Concat([]string{stateCanary, sourceCanary, sinkCanary}, t.World.options.Secrets) {
			if i := strings.Index(said.Text, secret); i >= 0 {
				c.say("a secret stands in the %s: …%s…", said.Where, said.Text[max(0, i-60):i])
			}
		}
	})
}
