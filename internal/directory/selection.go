package directory

import (
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// Selection is what a mapper asks for, ready to be taken out of entries. It
// does not change and may be used from several goroutines.
type Selection struct {
	fields []field // in the order that attributes have
	raw    []string
}

// field is one attribute asked for.
type field struct {
	name   string // as it was asked for
	decode decoder
	// reference says that the values are names of other objects.
	reference bool
}

// decoder gives the values of an attribute, and false where it is absent.
type decoder func(e entry) (values []string, present bool, err error)

// entry is what decoders look at.
type entry struct {
	dn  DN
	raw adsync.Attributes
}

// Option changes how a Selection decodes.
type Option func(*options)

type options struct{ references, binaries map[string]bool }

// References names further attributes that hold distinguished names, such as
// those a schema declares so.
func References(names ...string) Option {
	return func(o *options) { o.references = set(names...) }
}

// Binaries names further attributes that hold bytes.
func Binaries(names ...string) Option {
	return func(o *options) { o.binaries = set(names...) }
}

// Select prepares the attributes that a mapper asks for. Those that are
// forbidden, and members of groups, which do not travel as attributes, are
// left out. A name that stands twice counts once.
func Select(attributes []string, opts ...Option) *Selection {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	s := &Selection{}
	seen := map[string]bool{}
	for _, name := range attributes {
		key := strings.ToLower(name)
		if seen[key] || Forbidden(name) || IsMember(name) || name == "" {
			continue
		}
		seen[key] = true
		s.add(name, key, o)
	}
	slices.SortStableFunc(s.fields, func(a, b field) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	slices.Sort(s.raw)
	s.raw = slices.CompactFunc(s.raw, strings.EqualFold)
	return s
}

func (s *Selection) add(name, key string, o options) {
	if d, ok := derived[key]; ok {
		s.fields = append(s.fields, field{name: name, decode: d.decode})
		s.raw = append(s.raw, d.needs...)
		return
	}
	base := BaseName(key)
	f := field{name: name, reference: IsReference(base) || o.references[base]}
	switch {
	case f.reference:
		f.decode = textOf(name)
	case guids[base], sids[base]:
		f.decode = identifiersOf(name, base)
	case filetimes[base]:
		f.decode = timesOf(name)
	case binaries[base], o.binaries[base], HasOption(key, "binary"):
		f.decode = bytesOf(TrimOption(name, "binary"))
	default:
		f.decode = textOf(name)
	}
	s.fields = append(s.fields, f)
	s.raw = append(s.raw, name)
}

// Raw lists the directory's own attributes that the selection needs, sorted by
// name. The entry's name is no attribute and does not stand in it.
func (s *Selection) Raw() []string { return slices.Clone(s.raw) }

// Decoded is what a Selection takes out of an entry.
type Decoded struct {
	Attrs adsync.Attributes
	// Refs holds references by attribute, as the names that stand in the entry.
	Refs map[string][]DN
}

// Decode takes the selected attributes out of an entry. Attributes of the
// result carry the names under which they were asked for. An attribute that
// the entry lacks, or whose value says nothing, is absent. The error names the
// first attribute that cannot be read and has CodeInvalid; the object was seen
// all the same, so a source reports it as the Problem of a change.
//
// Names of raw attributes carry no ";binary" and no ";range=": the caller
// takes them off, see TrimOption.
func (s *Selection) Decode(dn DN, raw adsync.Attributes) (Decoded, error) {
	out := Decoded{}
	list := make([]adsync.Attribute, 0, len(s.fields))
	e := entry{dn, raw}
	for _, f := range s.fields {
		values, present, err := f.decode(e)
		if err != nil {
			return Decoded{}, err
		}
		switch {
		case !present:
		case !f.reference:
			list = append(list, adsync.Attribute{Name: f.name, Values: values})
		default:
			if err := out.refer(f.name, values); err != nil {
				return Decoded{}, err
			}
		}
	}
	out.Attrs = adsync.MakeAttributes(list...)
	return out, nil
}

func (d *Decoded) refer(name string, values []string) error {
	if d.Refs == nil {
		d.Refs = map[string][]DN{}
	}
	names := make([]DN, len(values))
	for i, v := range values {
		dn, err := ParseDN(v)
		if err != nil {
			return invalid(name, "%w", err)
		}
		names[i] = dn
	}
	d.Refs[name] = names
	return nil
}
