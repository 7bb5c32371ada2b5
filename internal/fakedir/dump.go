package fakedir

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Dump writes every object with every attribute, sorted by name: two
// directories are the same when their dumps are. Values are quoted as in Go.
func (s *Server) Dump(w io.Writer) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return (&view{tree: s.org.tree, base: s.org.base}).dump(w)
}

func (v *view) dump(w io.Writer) error {
	out := bufio.NewWriter(w)
	list := slices.SortedFunc(v.all(), func(a, b *entry) int { return strings.Compare(a.key, b.key) })
	for _, e := range list {
		fmt.Fprintf(out, "dn: %q\n", e.dn)
		for _, line := range v.lines(e) {
			fmt.Fprintln(out, line)
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

func (v *view) lines(e *entry) []string {
	var out []string
	for _, id := range e.own() {
		for _, value := range v.every(e, id) {
			out = append(out, fmt.Sprintf("%s: %q", schema[id].name, value))
		}
	}
	slices.Sort(out)
	return out
}
