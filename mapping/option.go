package mapping

import (
	"maps"

	"github.com/adsync/sdk/adsync"
)

// Option adjusts a map when it is made.
type Option func(*settings)

type settings struct {
	parameters  map[string]string
	targets     map[adsync.Kind][]string
	normalizers []Normalizer
	without     []string
}

func collect(options []Option) settings {
	s := settings{parameters: map[string]string{}, targets: map[adsync.Kind][]string{}}
	for _, o := range options {
		o(&s)
	}
	return s
}

// Parameter gives a parameter of the rules its value, such as domain in
// [ActiveDirectory]. A name that the rules do not have is a fault.
func Parameter(name, value string) Option {
	return func(s *settings) { s.parameters[name] = value }
}

// Target says which attributes the target has for a kind, in place of the
// canonical vocabulary. A rule that sets another one does not load.
func Target(kind adsync.Kind, attrs ...string) Option {
	return func(s *settings) { s.targets[kind] = append(s.targets[kind], attrs...) }
}

// With adds normalisers, such as the one of package mapping/phone.
func With(n ...Normalizer) Option {
	return func(s *settings) { s.normalizers = append(s.normalizers, n...) }
}

// Without drops the rules and references for these target attributes, for
// targets that do not have them.
func Without(attrs ...string) Option {
	return func(s *settings) { s.without = append(s.without, attrs...) }
}

// parametersOf joins the rules' parameters with those given as options.
func (s settings) parametersOf(r Rules, fault func(position, string, ...any)) map[string]string {
	out := maps.Clone(r.Parameters)
	if out == nil {
		out = map[string]string{}
	}
	for name, value := range s.parameters {
		if _, ok := out[name]; !ok {
			fault(position{}, "the rules have no parameter %q%s", name, suggest(name, maps.Keys(r.Parameters)))
			continue
		}
		out[name] = value
	}
	return out
}

// apply carries out Without on a copy of the rules.
func (s settings) apply(r Rules) Rules {
	if len(s.without) == 0 {
		return r
	}
	kinds := map[adsync.Kind]*KindRules{}
	for kind, rules := range r.Kinds {
		k := *rules
		k.Attributes = append([]Rule(nil), k.Attributes...)
		k.References = append([]Reference(nil), k.References...)
		k.Remove(s.without...)
		kinds[kind] = &k
	}
	r.Kinds = kinds
	return r
}
