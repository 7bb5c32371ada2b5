// Package adsync is the contract and the engine of one-way directory
// synchronisation: it reads people, groups, contacts and organizational units
// from one or more sources and makes one target agree with them.
//
// A run goes through fixed stages, and a person can stop between any two:
//
//	plan → guard → apply → explain → revert
//
// [New] checks a [Job] and gives an [Engine]. [Engine.Plan] reads the sources,
// decides what to write and stores that decision; nothing is written to the
// target. [Engine.Apply] writes a stored plan. [Engine.Run] does both, and
// stops in between when the guard refuses the plan.
//
// A vendor implements [Source] or [Sink], one method each, and optional
// abilities such as [BatchSink] or [Finder] where the other side has them.
// Retry, rate limits, batching, dry run and the guard against mass removal
// belong to the engine; a connector never does them.
//
// The package is not a connector, a configuration format or a program. It
// imports the standard library and internal packages only. Connectors live in
// packages below source and sink; state stores in adsync/state.
package adsync
