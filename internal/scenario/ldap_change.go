package scenario

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/fakedir"
)

// doDirectory changes what a directory holds, at its first controller or at the
// one that is named:
//
//	user|contact|group|unit NAME [ATTRIBUTE=VALUE…] [in=UNITS] [members=NAME,…]
//	rename NAME NEW     gives it another name, and the logon and address of it
//	gone NAME…
//	replicate           the other controllers hear of everything
//	stop                the controller answers nobody any more
func (w *world) doDirectory(args, input []string) (string, error) {
	if len(args) == 0 || w.place(args[0]) == nil {
		return "", errors.New("directory NAME [CONTROLLER], of a directory that ldap started")
	}
	p, n := w.place(args[0]), 1
	if len(args) > 1 {
		var err error
		if n, err = strconv.Atoi(strings.TrimPrefix(args[1], "dc")); err != nil || n < 1 || n > len(p.servers) {
			return "", fmt.Errorf("%q is no controller", args[1])
		}
	}
	return eachLine(input, func(args []string) error { return p.change(n, args) })
}

func (p *place) change(n int, args []string) error {
	server := p.servers[n-1]
	switch args[0] {
	case "replicate":
		var errs []error
		for i, other := range p.servers {
			if i != n-1 && !p.stopped[i] {
				errs = append(errs, other.ReplicateFrom(server))
			}
		}
		return errors.Join(errs...)
	case "stop":
		p.stopped[n-1] = true
		return server.Close()
	}
	for _, line := range crowd(args) {
		if err := server.Change(func(c *fakedir.Changes) error { return p.edit(c, line) }); err != nil {
			return err
		}
	}
	return nil
}

func (p *place) edit(c *fakedir.Changes, args []string) error {
	if len(args) < 2 {
		return errors.New("a name is needed")
	}
	switch args[0] {
	case "gone":
		var errs []error
		for _, name := range args[1:] {
			errs = append(errs, c.Remove(p.dn("", name, nil)))
		}
		return errors.Join(errs...)
	case "rename":
		return p.rename(c, args[1:])
	}
	return p.put(c, args)
}

func (p *place) dns(names []string) (list []string) {
	for _, arg := range names {
		for _, one := range crowd([]string{arg}) {
			list = append(list, p.dn("", one[0], nil))
		}
	}
	return list
}

func (p *place) rename(c *fakedir.Changes, args []string) error {
	if len(args) != 2 {
		return errors.New("rename NAME NEW")
	}
	from := p.dn("", args[0], nil)
	_, parent, _ := strings.Cut(from, ",")
	to := "CN=" + fakedir.EscapeRDN(args[1]) + "," + parent
	delete(p.at, args[0])
	p.at[args[1]] = to
	return errors.Join(c.Move(from, to), p.set(c, to, person(args[1])))
}

var classes = map[string]string{"user": "user", "contact": "contact", "group": "group", "unit": "organizationalUnit"}

// put adds an object, or changes one that is there.
func (p *place) put(c *fakedir.Changes, args []string) error {
	class, known := classes[args[0]]
	if !known {
		return fmt.Errorf("%q is no kind of object", args[0])
	}
	dn, there := p.at[args[1]]
	attrs, members, units := p.written(args[2:])
	if there {
		return errors.Join(p.set(c, dn, attrs), p.join(c, dn, members))
	}
	if class == "user" {
		attrs = merged(person(args[1]), attrs)
	}
	dn = p.dn(args[0], args[1], units)
	p.at[args[1]] = dn
	if err := c.Add(dn, class, attrs); err != nil {
		return err
	}
	return p.join(c, dn, members)
}

// written takes a line apart: attributes, members, and the units it is in.
func (p *place) written(args []string) (attrs map[string][]string, members, units []string) {
	attrs, units = map[string][]string{}, []string{}
	for _, arg := range args {
		switch name, value, _ := strings.Cut(arg, "="); name {
		case "in":
			units = strings.Split(value, "/")
		case "members":
			members = p.dns(strings.Split(value, ","))
		default:
			attrs[name] = slices.DeleteFunc(strings.Split(value, "|"), func(v string) bool { return v == "" })
		}
	}
	return attrs, members, units
}

func merged(usual, given map[string][]string) map[string][]string {
	maps.Copy(usual, given)
	return usual
}

func (p *place) join(c *fakedir.Changes, dn string, members []string) error {
	if len(members) == 0 {
		return nil
	}
	return c.Link(dn, "member", members...)
}

func (p *place) set(c *fakedir.Changes, dn string, attrs map[string][]string) error {
	var errs []error
	for name, values := range attrs {
		errs = append(errs, c.Set(dn, name, values...))
	}
	return errors.Join(errs...)
}

func person(name string) map[string][]string {
	first := strings.ToUpper(name[:1]) + name[1:]
	return map[string][]string{
		"sAMAccountName": {name}, "userPrincipalName": {name + "@corp.example.com"}, "mail": {name + "@example.com"},
		"givenName": {first}, "sn": {"Example"}, "displayName": {first + " Example"},
	}
}
