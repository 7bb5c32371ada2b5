package fakedir

import (
	"fmt"
	"slices"
	"strings"
)

// Changes is what a function given to [Server.Change] may do to the directory.
// Names are distinguished names in any spelling, or <GUID=...>.
type Changes struct{ s *Server }

// Change alters the directory in one step: clients see all of it or nothing.
// An error the function returns is returned; what it did before stays done.
func (s *Server) Change(f func(*Changes) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(&Changes{s})
}

func (t *tree) need(dn string) (*entry, error) {
	if e := t.at(dn); e != nil && !e.deleted {
		return e, nil
	}
	return nil, fmt.Errorf("fakedir: there is no %q", dn)
}

// Set replaces the values of an attribute; no values remove it. Linked
// attributes (member, manager) take distinguished names. The values that are
// there already are no change: no number rises.
func (c *Changes) Set(dn, attr string, values ...string) error {
	e, err := c.s.view.need(dn)
	if err != nil {
		return err
	}
	id, ok := attrNamed(attr)
	if !ok {
		return fmt.Errorf("fakedir: the schema has no attribute %q", attr)
	}
	switch schema[id].source {
	case linked:
		err = c.setLinks(e, id, values)
	case stored:
		e.set(id, slices.Clone(values)...)
	default:
		err = fmt.Errorf("fakedir: %s is the directory's own business", attr)
	}
	if err == nil {
		c.s.view.touch(e)
	}
	return err
}

func (c *Changes) setLinks(e *entry, id attrID, names []string) error {
	others, err := c.entries(names)
	if err != nil {
		return err
	}
	e.relink(id, others)
	return nil
}

func (c *Changes) entries(names []string) ([]*entry, error) {
	out := make([]*entry, len(names))
	for i, n := range names {
		e, err := c.s.view.need(n)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

// Link adds values to a linked attribute, such as members to a group.
func (c *Changes) Link(dn, attr string, names ...string) error {
	return c.eachLink(dn, attr, names, func(e *entry, id attrID, others []*entry) { e.link(id, others...) })
}

// Unlink takes values out of a linked attribute.
func (c *Changes) Unlink(dn, attr string, names ...string) error {
	return c.eachLink(dn, attr, names, func(e *entry, id attrID, others []*entry) {
		for _, o := range others {
			e.cut(id, o)
		}
	})
}

func (c *Changes) eachLink(dn, attr string, names []string, do func(*entry, attrID, []*entry)) error {
	e, err := c.s.view.need(dn)
	if err != nil {
		return err
	}
	id, ok := attrNamed(attr)
	if !ok || schema[id].source != linked {
		return fmt.Errorf("fakedir: %q is no linked attribute", attr)
	}
	others, err := c.entries(names)
	if err != nil {
		return err
	}
	do(e, id, others)
	c.s.view.touch(e)
	return nil
}

// Add makes a new object from its name and attributes. Class user, group,
// contact and organizationalUnit get what the directory itself would add:
// identifiers, category, and for users an account control of 512. The parent
// must exist.
func (c *Changes) Add(dn, class string, attrs map[string][]string) error {
	parent, name, err := c.place(dn)
	if err != nil {
		return err
	}
	kind, _, _ := strings.Cut(dn, "=")
	if err := c.s.org.addByHand(parent, strings.ToUpper(strings.TrimSpace(kind)), name, class); err != nil {
		return err
	}
	defer c.s.view.grown()
	for attr, values := range attrs {
		if err := c.Set(dn, attr, values...); err != nil {
			return err
		}
	}
	return nil
}

// Remove deletes an object and everything below it: what stays are tombstones
// in CN=Deleted Objects, until their lifetime is over.
func (c *Changes) Remove(dn string) error {
	e, err := c.s.view.need(dn)
	if err == nil && e.parent == nil {
		err = fmt.Errorf("fakedir: %s is a naming context and cannot be deleted", e.dn)
	}
	if err == nil {
		c.s.view.remove(e)
	}
	return err
}

// Reanimate gives a deleted object, best named by <GUID=...>, a name and a place
// again. It has what its tombstone kept and no memberships.
func (c *Changes) Reanimate(dn, newDN string) error {
	e := c.s.view.at(dn)
	if e == nil {
		return fmt.Errorf("fakedir: there is no %q", dn)
	}
	parent, name, err := c.place(newDN)
	if err != nil {
		return err
	}
	return c.s.view.reanimate(e, parent, name)
}

// place takes a whole name apart: the parent, and the value of the first part.
func (c *Changes) place(dn string) (*entry, string, error) {
	rdn := splitDN(dn)[0]
	_, name, err := parseRDN(rdn)
	if err != nil {
		return nil, "", err
	}
	parent, err := c.s.view.need(strings.TrimPrefix(strings.TrimPrefix(dn, rdn), ","))
	return parent, name, err
}

// Move renames an object, moves it, or both: the new name is whole.
func (c *Changes) Move(dn, newDN string) error {
	e, err := c.s.view.need(dn)
	if err != nil {
		return err
	}
	parent, name, err := c.place(newDN)
	if err != nil {
		return err
	}
	return c.s.view.move(e, parent, name)
}

// SetPassword gives an account a password it can bind with.
func (c *Changes) SetPassword(dn, password string) error {
	e, err := c.s.view.need(dn)
	if err == nil {
		e.password = password
		e.setNamed("pwdLastSet", fileTime(c.s.view.now))
		c.s.view.touch(e)
	}
	return err
}
