package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

// writeTree writes the whole directory, parents first.
func (c *config) writeTree(w *bufio.Writer) {
	dc, _, _ := strings.Cut(strings.TrimPrefix(c.base, "dc="), ",")
	fmt.Fprintf(w, "dn: %s\nobjectClass: top\nobjectClass: dcObject\nobjectClass: organization\ndc: %s\no: Example\n\n", c.base, dc)
	for _, ou := range []string{"People", "Groups"} {
		fmt.Fprintf(w, "dn: ou=%s,%s\nobjectClass: top\nobjectClass: organizationalUnit\nou: %s\n\n", ou, c.base, ou)
	}
	for i := range c.ous {
		fmt.Fprintf(w, "dn: ou=Unit%02d,ou=People,%s\nobjectClass: top\nobjectClass: organizationalUnit\nou: Unit%02d\n\n", i, c.base, i)
	}
	for i := range c.n {
		c.person(w, i)
	}
	for g := range c.groups {
		c.group(w, g)
	}
}

// long gives an entry the times of one that has been there for long: a server
// would put the present in their place, and whoever asks for what changed of late
// would get everybody.
func long(w *bufio.Writer) {
	attr(w, "createTimestamp", "20250101000000Z")
	attr(w, "modifyTimestamp", "20250101000000Z")
}

// attr writes one value, in base64 when it is not printable ASCII.
func attr(w *bufio.Writer, name, value string) {
	for i := 0; i < len(value); i++ {
		if value[i] >= 0x80 || value[i] < 0x20 {
			fmt.Fprintf(w, "%s:: %s\n", name, base64.StdEncoding.EncodeToString([]byte(value)))
			return
		}
	}
	fmt.Fprintf(w, "%s: %s\n", name, value)
}

// rng gives each object random numbers of its own, so that none depends on how
// many others there are.
func (c *config) rng(i int, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(c.seed^stream<<56, uint64(i)))
}

func (c *config) personDN(i int) string {
	return fmt.Sprintf("uid=u%07d,ou=Unit%02d,ou=People,%s", i, i%c.ous, c.base)
}
