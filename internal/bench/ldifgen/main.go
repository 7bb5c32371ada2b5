// Command ldifgen writes a deterministic LDIF directory for benchmarks.
//
//	ldifgen [flags] N > file.ldif     N person entries, plus groups
//	ldifgen -changes K [flags] N      an LDIF of K modify records for the same tree
//
// The same flags and seed always give the same bytes. People, groups and
// organizational units are made up; a person has some 900 bytes of LDIF, and
// values in several scripts. It is no test data with awkward cases: those are
// loaded by package testserver.
package main

import (
	"bufio"
	"flag"
	"log"
	"os"
	"strconv"
)

type config struct {
	n, groups, members, ous, changes, descLen int
	seed                                      uint64
	base                                      string
	ad, randomUUID                            bool
}

func main() {
	log.SetFlags(0)
	var c config
	flag.IntVar(&c.groups, "groups", 2000, "number of groups")
	flag.IntVar(&c.members, "members", 50, "members of a group (group 0 has N/100, at least this many)")
	flag.IntVar(&c.ous, "ous", 16, "organizational units the persons are spread over, round robin")
	flag.IntVar(&c.descLen, "desc", 120, "length of description, to set the entry's size")
	flag.IntVar(&c.changes, "changes", 0, "write modify records for this many persons instead of the tree")
	flag.Uint64Var(&c.seed, "seed", 1, "seed")
	flag.StringVar(&c.base, "base", "dc=example,dc=com", "suffix")
	flag.BoolVar(&c.ad, "ad", true, "add the AD-like attributes (needs adlike.schema)")
	flag.BoolVar(&c.randomUUID, "random-uuid", false, "give entries a random entryUUID (with -ad); slapd's own rise from entry to entry")
	flag.Parse()
	n, err := strconv.Atoi(flag.Arg(0))
	if err != nil || n < 1 || c.ous < 1 {
		log.Fatal("usage: ldifgen [flags] N > file.ldif")
	}
	c.n = n
	w := bufio.NewWriterSize(os.Stdout, 1<<20)
	if c.changes > 0 {
		c.writeChanges(w)
	} else {
		c.writeTree(w)
	}
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}
}
