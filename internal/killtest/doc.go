// Package killtest kills a program that synchronises, at every durable step
// and at random instants, and looks whether the next run ends as if nothing had
// happened: invariants I3, I4 and I10.
//
// The program is this package's test binary, started again as a process of its
// own. State and target are real ones: SQLite, PostgreSQL, and a target behind
// HTTP that loses replies (internal/lossysink). There is nothing in the package
// but tests; `make kills` runs them with every step on every ground.
package killtest
