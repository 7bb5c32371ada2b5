package sinktest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// sample gives attributes that make the n-th valid object of a kind.
func (p *probe) sample(kind adsync.Kind, n int) adsync.Attributes {
	if p.config.Sample != nil {
		return p.config.Sample(kind, n).Clone()
	}
	var out adsync.Attributes
	for name, value := range canonical(kind, n) {
		if a, ok := p.attribute(kind, name); ok && !a.ReadOnly {
			out.Set(name, value)
		}
	}
	for name, a := range p.schema.Kinds[kind].Attributes {
		if a.Required && !a.ReadOnly && !a.Reference && !out.Has(name) {
			out.Set(name, fmt.Sprintf("value %d", n))
		}
	}
	return out
}

// canonical gives made-up values for the usual attributes of a kind.
func canonical(kind adsync.Kind, n int) map[string]string {
	switch kind {
	case adsync.Group:
		return map[string]string{"name": fmt.Sprintf("Group %d", n), "description": "People who work together"}
	case adsync.OrganizationalUnit:
		return map[string]string{"name": fmt.Sprintf("Unit %d", n), "description": "A part of the house"}
	}
	address := fmt.Sprintf("person%d@example.com", n)
	person := map[string]string{
		"firstName": "Ada", "lastName": fmt.Sprintf("Example%d", n), "displayName": fmt.Sprintf("Ada Example %d", n),
		"email": address, "title": "Engineer", "department": "Research", adsync.AttrActive: "true",
	}
	if kind == adsync.User {
		person["logon"] = address
	}
	return person
}

// attribute gives an attribute's schema, and false when the target has no such attribute.
func (p *probe) attribute(kind adsync.Kind, name string) (adsync.AttributeSchema, bool) {
	attrs := p.schema.Kinds[kind].Attributes
	for n, a := range attrs {
		if strings.EqualFold(n, name) {
			return a, true
		}
	}
	return adsync.AttributeSchema{}, len(attrs) == 0
}

// texts are attributes that take any text, the best for trying things first.
var texts = []string{"description", "title", "department", "displayName", "firstName", "lastName", "name"}

// text names an attribute of the samples that takes any text and may change,
// or "" when there is none.
func (p *probe) text(kind adsync.Kind, ok func(adsync.AttributeSchema) bool) string {
	sample := p.sample(kind, 1)
	names := slices.Clone(texts)
	for name := range sample.All() {
		names = append(names, name)
	}
	for _, name := range names {
		a, known := p.attribute(kind, name)
		fixed := a.Unique || a.ReadOnly || a.CreateOnly || a.Reference || a.Multi
		format := slices.Contains([]string{adsync.AttrActive, "email", "logon"}, name)
		if known && sample.Has(name) && !fixed && !format && ok(a) {
			return name
		}
	}
	return ""
}

func anyAttribute(adsync.AttributeSchema) bool { return true }

func optional(a adsync.AttributeSchema) bool { return !a.Required }

// unique names the unique attributes that the samples of a kind have.
func (p *probe) unique(kind adsync.Kind) []string {
	var out []string
	for name := range p.sample(kind, 1).All() {
		if a, _ := p.attribute(kind, name); a.Unique && !a.Reference {
			out = append(out, name)
		}
	}
	return out
}

func one(name string, values ...string) adsync.Attributes {
	return adsync.MakeAttributes(adsync.Attribute{Name: name, Values: values})
}
