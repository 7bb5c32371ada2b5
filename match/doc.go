// Package match gives the keys by which an object without a link is looked for
// in the target. [Ladder] composes one of rungs; [Local], [Panel], [Passly] and
// [Autotask] are ready.
//
// A ladder has rungs, the surest first. The engine stops at the first rung
// with a hit; two hits on a rung are a conflict. Rung 1 is the link itself and
// belongs to the engine, so a ladder's own rungs count from 2. That an active
// object goes before an inactive one is the engine's to judge, too.
//
// The same keys are made of source objects and of the target's own, and equal
// keys are a hit. A key's Attr is the target attribute to look in, so that a
// Finder can do so:
//
//	rung        kinds             Attr         Value
//	ExternalID  all               externalId   the attribute, else the anchor, as it is
//	Logon       users             logon        trimmed, lower case
//	SamName     users             samName      trimmed, lower case
//	Email       users, contacts   email        trimmed, lower case
//	Name        users, contacts   name         composed: see PersonName
//	            groups            name         trimmed, lower case
//
// For people "name" is no attribute of a target but stands for firstName,
// middleName and lastName together: a Finder that cannot look for a composed
// key gives every object of the kind, and the engine runs the ladder on them.
//
// The ready ladders are those of four kinds of targets. The package decides
// nothing: ambiguity, protection and adoption are the engine's.
package match
