package main

import (
	"bufio"
	"fmt"
	"strconv"
)

func (c *config) group(w *bufio.Writer, g int) {
	r := c.rng(g, 2)
	m := c.members
	if g == 0 {
		m = max(m, c.n/100)
	}
	m = min(m, c.n)
	cn := fmt.Sprintf("group%05d", g)
	fmt.Fprintf(w, "dn: cn=%s,ou=Groups,%s\nobjectClass: top\nobjectClass: groupOfNames\n", cn, c.base)
	if c.ad {
		attr(w, "objectClass", "group")
	}
	attr(w, "cn", cn)
	attr(w, "description", "Benchmark group "+strconv.Itoa(g))
	start, step := r.IntN(c.n), 1+r.IntN(max(1, c.n/(m+1)))
	seen := make(map[int]bool, m)
	for k := 0; len(seen) < m; k++ {
		i := (start + k*step) % c.n
		for seen[i] {
			i = (i + 1) % c.n
		}
		seen[i] = true
		attr(w, "member", c.personDN(i))
	}
	if c.ad {
		c.adAttrs(w, r, cn, g, false)
		attr(w, "groupType", "-2147483646")
	}
	long(w)
	w.WriteByte('\n')
}
