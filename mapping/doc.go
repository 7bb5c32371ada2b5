// Package mapping turns directory objects into the shape a target should have,
// by rules that a person can read and change. [Mapper] is an adsync.Mapper.
//
// Rules are written in YAML ([Parse], [Load]) or as Go values ([Rules], [New]);
// both are the same rules. [ActiveDirectory] and [OpenLDAP] are ready maps to
// the names listed under [Vocabulary].
//
// # The format
//
//	version: 1
//	source: [givenName, sn, mail, uid, employeeType, manager]   # all that rules may read
//	target: [badge]                           # target attributes beyond those known
//	parameters: {domain: ""}                  # names for expressions, see Parameter
//	tables:
//	  types: {E: Employee, C: Contractor}
//	user:                                     # or group, contact, organizational-unit
//	  skip:
//	    - employeeType == "robot"             # left out when any of these holds
//	  becomes:
//	    - {kind: contact, when: employeeType == "C"}
//	  container: {constant: "OU=Staff"}       # where it goes; default: where it was
//	  references:
//	    manager: manager                      # target: source
//	  attributes:
//	    firstName: givenName                  # copy
//	    email: [mail, uid]                    # the first that is not blank
//	    company: {constant: Example}
//	    displayName: {expr: words(givenName, sn)}
//	    title:
//	      from: [employeeType, {expr: ...}]   # attributes, expressions, constants
//	      multi: error                        # or first, all
//	      normalize: [text]                   # in this order; default text
//	      table: types
//	      off-table: error                    # or keep, drop
//	      default: Employee
//	      blank: as-read                      # or clear
//	      examples:
//	        - {give: {employeeType: C}, want: Contractor}   # want: null is absent, [] is clear
//	        - {give: {employeeType: X}, error: lookup table}
//	  examples:                               # whole objects
//	    - {give: {employeeType: robot}, skip: true}
//
// Besides the source attributes, anchor, container and kind are read like
// attributes of one value; kind is that of the object as it was read.
//
// Normalisers are text, lines, raw, trim, collapse, controls, nfc, lower,
// upper, email, primary-address and other-addresses; [With] adds others. All
// but raw refuse values that are no UTF-8 text.
//
// # Expressions
//
// Expressions are those of github.com/expr-lang/expr. A source attribute
// stands for its only value, "" when it is absent. Attributes whose names are
// no words are written value("ms-DS-ConsistencyGuid"). Also there are
// valuesOf("mail"), present("mail"), words, firstOf, localPart, domainPart and
// lookup, and of the language's own functions those that work on text and
// lists. There is no clock and no randomness: the same object gives the same
// result.
//
// # What is checked when a map is loaded
//
// A fault in a map shows when it is loaded, not in the middle of a run. Every
// source attribute that a rule or an expression reads must stand in the map's
// source list. Every target attribute that a rule sets must belong to the
// target: the names given with [Target], else the canonical vocabulary, and
// the map's own target list. Expressions are compiled and their types checked.
// Examples are run; a map with a failing example does not load. All faults are
// reported together, each with its line, column and rule.
//
// # Blank
//
// LDAP never returns an empty attribute, so an absent one may be blank,
// unreadable, or unknown to the directory. A rule that finds nothing therefore
// leaves the target attribute absent, which says nothing about the target.
// When every source attribute of the rule is present without a value, the
// source has proved that it is blank, and the target attribute is present
// without values, which asks to clear it. The option "blank: clear" makes a
// rule take absent for blank too. Whether a blank is then written is for the
// job's merge mode to say; by default it is not.
//
// # Several values
//
// A rule says whether it takes one value (the default; a second one is an
// error of that object), the first, or all. LDAP keeps no order of values, so
// all are sorted and repeats dropped.
//
// # Errors of one object
//
// An attribute that is no UTF-8 text, an invalid e-mail address, a value that
// is in no lookup table, or too many values are errors of that object with
// adsync.CodeInvalid and the target attribute's name. They hold no values.
//
// The package is not a judge of lengths and required attributes: those are the
// target's, and the engine checks them. It does no I/O and knows no clock.
package mapping
