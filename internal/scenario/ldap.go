package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/mapping"
	"github.com/adsync/sdk/source/ldap"
)

// place is a make-believe Active Directory that a real ldap.Source reads. What
// the story is about lives below a unit of its own, OU=Museum.
type place struct {
	name    string
	config  fakedir.Config
	servers []*fakedir.Server
	source  *ldap.Source
	scope   *adsync.Scope
	folder  string
	at      map[string]string // DN by the name in the story
	stopped map[int]bool
}

// doLDAP starts a directory:
//
//	way NAME            how changes are found; full: every read is a full one
//	values N            values of an attribute that the server gives at once
//	page N              entries that are asked for at once
//	sweep DURATION      how often it is looked who is still there
//	unit [-]UNIT        scope: this unit only; with a minus: not this one; a name
//	                    in the story, or a distinguished name as somebody writes it
//	members-of GROUP    scope: who is in this group, however deep
//	controllers N       so many, of which the first is asked first
func (w *world) doLDAP(args, input []string) (string, error) {
	if len(args) != 1 || w.place(args[0]) != nil {
		return "", errors.New("ldap NAME, once for each name")
	}
	p := &place{name: args[0], at: map[string]string{}, stopped: map[int]bool{}, source: &ldap.Source{}, config: fakedir.Config{People: 1}}
	w.places = append(w.places, p)
	controllers := 1
	set := p.settings(&controllers)
	_, err := eachLine(input, func(args []string) error {
		f, known := set[args[0]]
		if !known || len(args) != 2 {
			return errors.New("no such setting, or not one value")
		}
		return f(args[1])
	})
	if err != nil {
		return "", err
	}
	return ok, p.start(controllers)
}

func (p *place) settings(controllers *int) map[string]func(string) error {
	return map[string]func(string) error{
		"values":      number(&p.config.MaxValRange),
		"page":        number(&p.source.PageSize),
		"controllers": number(controllers),
		"unit":        p.selectUnit,
		"way": func(v string) error {
			p.source.Delta = ldap.Delta(v)
			return nil
		},
		"members-of": func(v string) error {
			p.within().Groups = append(p.within().Groups, p.dn("group", v, nil))
			return nil
		},
		"sweep": func(v string) (err error) {
			p.source.SweepEvery, err = time.ParseDuration(v)
			return err
		},
	}
}

func number(into *int) func(string) error {
	return func(v string) (err error) {
		*into, err = strconv.Atoi(v)
		return err
	}
}

func (p *place) within() *adsync.Scope {
	if p.scope == nil {
		p.scope = &adsync.Scope{}
	}
	return p.scope
}

func (p *place) selectUnit(path string) error {
	name, deselect := strings.CutPrefix(path, "-")
	p.within().Units = append(p.within().Units, adsync.Unit{DN: p.below(name), Deselect: deselect})
	return nil
}

const museum = "OU=Museum,DC=corp,DC=example,DC=com"

// below gives the name of a unit of the story, the museum's own for none.
func (p *place) below(path string) string {
	if strings.Contains(path, "=") {
		return path
	}
	dn := museum
	for _, part := range slices.Backward(strings.Split(path, "/")) {
		if part != "" {
			dn = "OU=" + fakedir.EscapeRDN(part) + "," + dn
		}
	}
	return dn
}

// start starts the controllers, of which the second and later ones know what
// the first knew at their start and hear of nothing by themselves.
func (p *place) start(controllers int) (err error) {
	if p.folder, err = os.MkdirTemp("", "scenario-"); err != nil {
		return err
	}
	first, err := fakedir.Start(p.config)
	if err != nil {
		return err
	}
	p.servers = append(p.servers, first)
	if err := first.Change(func(c *fakedir.Changes) error { return c.Add(museum, "organizationalUnit", nil) }); err != nil {
		return err
	}
	for len(p.servers) < controllers {
		another, err := first.Another("")
		if err != nil {
			return err
		}
		p.servers = append(p.servers, another)
		p.source.Alternates = append(p.source.Alternates, another.URL())
	}
	p.source.URL, p.source.Bind, p.source.Password = first.URL(), first.BindUPN(), secret(first.Password())
	p.source.BaseDNs = []string{museum}
	p.source.CAFile, err = first.WriteCA(p.folder)
	return err
}

func secret(text string) ldap.Secret {
	return ldap.SecretFunc(func(context.Context) (string, error) { return text, nil })
}

func (p *place) close() error {
	errs := []error{p.source.Close()}
	for _, s := range p.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(p.folder))...)
}

func (w *world) place(name string) *place {
	for _, p := range w.places {
		if p.name == name {
			return p
		}
	}
	return nil
}

// dn gives the name of an object of the story. in= says in which units, the
// nearest first.
func (p *place) dn(kind, name string, units []string) string {
	if dn, known := p.at[name]; known && units == nil {
		return dn
	}
	attr := "CN="
	if kind == "unit" {
		attr = "OU="
	}
	return attr + fakedir.EscapeRDN(name) + "," + p.below(strings.Join(units, "/"))
}

// adMapper is the ready map for Active Directory. It notes what each anchor is
// called, so that a story can be read.
type adMapper struct {
	*mapping.Mapper
	names map[adsync.Anchor]string
}

func newADMapper() adMapper {
	return adMapper{mapping.ActiveDirectory(mapping.Parameter("domain", "corp.example.com")), map[adsync.Anchor]string{}}
}

func (m adMapper) Map(o adsync.Object) (adsync.Object, error) {
	for _, attr := range []string{"cn", "name", "ou"} {
		if name := o.Attrs.Get(attr); name != "" {
			m.names[o.Anchor] = name
			break
		}
	}
	return m.Mapper.Map(o)
}

// said tells apart controllers by their names in the story and not by ports.
func (p *place) said() (pairs []string) {
	for i, s := range p.servers {
		pairs = append(pairs, strings.TrimPrefix(s.URL(), "ldaps://"), fmt.Sprintf("dc%d", i+1))
	}
	return pairs
}
