package main

import (
	"fmt"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// row is one of the numbers of a plan or report.
type row struct {
	name  string
	n     int
	says  string
	write bool // it stands for something written to the target
}

// rows gives the numbers that are not zero, in the order in which they are shown.
func rows(c adsync.Counts) []row {
	all := []row{
		{"create", c.Create, "", true},
		{"adopt", c.Adopt, "", true},
		{"update", c.Update, "", true},
		{"rename", c.Rename, "", true},
		{"reactivate", c.Reactivate, "", true},
		{"deactivate", c.Deactivate, "", true},
		{"delete", c.Delete, "", true},
		{"members", c.Members, "", true},
		{"unchanged", c.Unchanged, "", false},
		{"skipped", c.Skipped, "left out on purpose, such as disabled accounts", false},
		{"quarantined", c.Quarantined, "lack something required; see below", false},
		{"conflicts", c.Conflicts, "wait for a person; see below", false},
		{"issues", c.Issues, "cannot be written as they are; see below", false},
	}
	var out []row
	for _, r := range all {
		if r.n > 0 {
			out = append(out, r)
		}
	}
	return out
}

func (r row) String() string {
	if r.says == "" {
		return fmt.Sprintf("%8d  %s", r.n, r.name)
	}
	return fmt.Sprintf("%8d  %-12s %s", r.n, r.name, r.says)
}

// wrote sums up what was written, in one line.
func wrote(c adsync.Counts) string {
	var parts []string
	for _, r := range rows(c) {
		if r.write {
			parts = append(parts, fmt.Sprintf("%d %s", r.n, r.name))
		}
	}
	if len(parts) == 0 {
		return "nothing was written"
	}
	return "wrote " + strings.Join(parts, ", ")
}
