package mapping

import (
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// Rules are a whole map. A kind without rules is left out: its objects are
// skipped.
type Rules struct {
	// Source lists every source attribute that the rules may read. A rule that
	// reads another one does not load, so that a misspelt name is found. Only
	// those that are really read are asked of the source.
	Source []string
	// Target lists target attributes in addition to those known; see [Target].
	Target []string
	// Parameters are names that expressions may use, with their values. Values
	// given with [Parameter] replace them.
	Parameters map[string]string
	// Tables are lookup tables by name. Keys are compared without case.
	Tables map[string]map[string]string
	// Kinds holds the rules of each kind.
	Kinds map[adsync.Kind]*KindRules

	text   source              // the YAML the rules came from, for errors
	places map[string]position // where source attributes and parameters are declared
}

// KindRules are the rules of one kind.
//
// Skip and Becomes are judged by the kind as it was read. Container,
// References and Attributes are those of the kind that the object has then.
type KindRules struct {
	// Skip leaves an object out when any of the conditions holds.
	Skip []Condition
	// Becomes changes the kind; the first that holds wins.
	Becomes []Become
	// Container says where the object goes. Without a value, it stays where
	// it was read.
	Container []Value
	// References name other objects.
	References []Reference
	// Attributes are the rules, one per target attribute.
	Attributes []Rule
	// Examples are whole objects, run when the map is loaded.
	Examples []ObjectExample

	at position
}

// Set adds a rule or replaces the one for the same target attribute.
func (k *KindRules) Set(r Rule) {
	for i, old := range k.Attributes {
		if strings.EqualFold(old.To, r.To) {
			k.Attributes[i] = r
			return
		}
	}
	k.Attributes = append(k.Attributes, r)
}

// Remove drops the rules and references for these target attributes.
func (k *KindRules) Remove(names ...string) {
	named := func(to string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, to) })
	}
	k.Attributes = slices.DeleteFunc(k.Attributes, func(r Rule) bool { return named(r.To) })
	k.References = slices.DeleteFunc(k.References, func(r Reference) bool { return named(r.To) })
}

// Condition is an expression that gives true or false.
type Condition struct {
	When string

	at position
}

// Become changes the kind of an object.
type Become struct {
	Kind adsync.Kind
	// When is a condition; empty always holds.
	When string

	at position
}

// Reference copies a reference to other objects, such as manager. The source
// gives references as anchors.
type Reference struct {
	To, From string
	Blank    Blank

	at position
}

// Rule sets one target attribute. The steps, in their order: take the first of
// From that is not blank; judge the number of values; normalise; look up; fall
// back on Default; else Blank.
type Rule struct {
	To   string
	From []Value
	// Multi says what to do about several values.
	Multi Multi
	// Normalize names what is done to each value. Nil stands for "text".
	Normalize []string
	// Table names a lookup table; OffTable says what becomes of a value that
	// is not in it.
	Table    string
	OffTable OffTable
	// Default is taken when there is no value.
	Default string
	Blank   Blank
	// Examples are run when the map is loaded.
	Examples []Example

	at position
}

// Value is where a value comes from: exactly one of the fields is set. Besides
// the attributes of the source, Attr may name anchor, container or kind.
type Value struct {
	Attr     string
	Expr     string
	Constant string

	at position
}

// Copy takes the first of these source attributes that is not blank.
func Copy(attrs ...string) []Value {
	values := make([]Value, len(attrs))
	for i, a := range attrs {
		values[i] = Value{Attr: a}
	}
	return values
}

// Expr takes the result of an expression.
func Expr(text string) []Value { return []Value{{Expr: text}} }

// Constant takes a fixed value.
func Constant(value string) []Value { return []Value{{Constant: value}} }

// Multi says what to do when a single value is expected and several come.
type Multi uint8

const (
	// One makes several values an error of the object.
	One Multi = iota
	// First takes the first in the order the source gives them, and does not
	// look at the others.
	First
	// All takes all, sorted, without repeats.
	All
)

// Blank says what a rule without a value means.
type Blank uint8

const (
	// AsRead says nothing when the source says nothing, and asks to clear when
	// the source proves blank: see the package comment.
	AsRead Blank = iota
	// Clear asks to clear whenever there is no value.
	Clear
)

// OffTable says what becomes of a value that is not in the lookup table.
type OffTable uint8

const (
	// Refuse makes it an error of the object.
	Refuse OffTable = iota
	// Keep keeps the value as it is.
	Keep
	// Drop leaves the value out.
	Drop
)

// Example shows what a rule makes of a source object.
type Example struct {
	// Give holds source attributes; anchor, container and kind as well.
	Give map[string][]string
	// With replaces parameters.
	With map[string]string
	// Want is what comes out: nil for an absent attribute, empty but not nil
	// for one that asks to clear.
	Want []string
	// Error, when not empty, is part of the error that is wanted instead.
	Error string

	at position
}

// ObjectExample shows what the rules of a kind make of a source object.
type ObjectExample struct {
	Give map[string][]string
	With map[string]string
	// Skip wants the object to be left out.
	Skip bool
	// Kind is the wanted kind; zero is not compared.
	Kind adsync.Kind
	// Want holds the attributes to compare; others are not looked at.
	Want  map[string][]string
	Error string

	at position
}
