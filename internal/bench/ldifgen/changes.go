package main

import (
	"bufio"
	"fmt"
)

// writeChanges writes modify records: a new title and, with -ad, a higher
// uSNChanged, for K different persons spread evenly over the tree.
func (c *config) writeChanges(w *bufio.Writer) {
	k := min(c.changes, c.n)
	usn := 1000 + c.n + c.groups + k*int(c.seed) // rises with the seed
	for j := range k {
		i := int(int64(j) * int64(c.n) / int64(k))
		fmt.Fprintf(w, "dn: %s\nchangetype: modify\nreplace: title\ntitle: Changed %d-%d\n", c.personDN(i), c.seed, j)
		if c.ad {
			fmt.Fprintf(w, "-\nreplace: uSNChanged\nuSNChanged: %d\n", usn+j)
		}
		w.WriteString("\n")
	}
}
