package adsync

// Mapper turns a source object into the shape that the target should have.
//
// The engine calls Map once per object read, from one goroutine per source at
// a time; [Engine.Explain] may do so beside it. It must not depend on the clock or on earlier calls. [ErrSkip] leaves
// the object out, counted as skipped and never taken for absent; any other
// error, and a panic, becomes an issue of that object, and the run goes on.
type Mapper interface {
	Map(Object) (Object, error)
	// Attributes names the source attributes that Map reads. The engine asks
	// the source for these and no more.
	Attributes() []string
	// Digest changes when the rules do. "" replans everything at each start.
	Digest() string
}

// Producer is an optional ability of a Mapper: it names the attributes that
// Map may set per kind, so that New can refuse one that the sink does not know.
type Producer interface {
	Produces(Kind) []string
}

// Tracer is an optional ability of a Mapper: it says how Map makes what it
// makes, rule by rule, for [Engine.Explain]. It agrees with Map on every object.
type Tracer interface {
	Trace(Object) Trace
}

// Trace is how a Mapper made one object.
type Trace struct {
	// Kind that the object has after the mapping.
	Kind Kind `json:"kind"`
	// Decided is the rule that left the object out or changed its kind; empty
	// where none did. Where Map gives ErrSkip it says why.
	Decided string `json:"decided,omitempty"`
	// Rules in order of the target attributes' names; none where the object is
	// left out.
	Rules []RuleTrace `json:"rules,omitempty"`
}

// RuleTrace is how one rule made one target attribute or reference.
type RuleTrace struct {
	// Attr is the target attribute.
	Attr string `json:"attr"`
	// Rule is the rule as a person would write it; Place is where it stands,
	// such as "line 12". Place is empty where rules have no place.
	Rule  string `json:"rule"`
	Place string `json:"place,omitempty"`
	// Reads are the source attributes that it looked at, with their values.
	Reads []TraceRead `json:"reads,omitempty"`
	// Steps are what it did to the values, in order, with those after each.
	Steps []TraceStep `json:"steps,omitempty"`
	// Error says why the rule gave nothing.
	Error string `json:"error,omitempty"`
}

// TraceStep is one step of a rule.
type TraceStep struct {
	// Step is what was done: "take mail", "normalise email", "table country".
	Step string `json:"step"`
	// Values after it.
	Values Values `json:"values"`
}

// TraceRead is a source attribute that a rule looked at.
type TraceRead struct {
	Attr   string `json:"attr"`
	Values Values `json:"values"`
}

// Values are the values of one attribute. In JSON, one that is no UTF-8 stands
// as {"base64":"…"}.
type Values []string

// MarshalJSON writes a list of texts, or null where nothing is said.
func (v Values) MarshalJSON() ([]byte, error) {
	if v == nil {
		return []byte("null"), nil
	}
	return appendJSONList(nil, v), nil
}

// Matcher gives the keys by which an object without a link is looked for in
// the target. Keys is pure; the engine runs the same function on mapped
// objects and on the target's own objects (Object.Anchor is then empty and
// Attrs hold what the sink reported), and equal keys are a hit.
type Matcher interface {
	// Keys come in order of their rungs, the surest first. A key with an empty
	// value never matches and is left out.
	Keys(Object) []Key
}

// Key is one value to look for. Keys are equal when all three parts are.
type Key struct {
	// Rung orders keys: the engine stops at the first rung with a hit.
	Rung int
	// Attr is the target attribute to look in, such as email; for composed
	// keys a name for the whole, such as name.
	Attr string
	// Value is normalised by the matcher.
	Value string
}
