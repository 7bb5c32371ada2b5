// Package source helps to write sources: [Pages] makes a correct sequence of
// batches out of a function that fetches one page, and [StaticSource] is a
// source of objects held in memory, for tests and for programs that know their
// people already.
//
// It connects to nothing: the sources that do are source/ldap and
// source/ldif. Every source, one's own included, is tried with
// source/sourcetest.
package source
