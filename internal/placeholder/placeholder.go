// Package placeholder writes the parameters of statements as SQLite's driver
// takes them fastest.
package placeholder

import (
	"strconv"
	"strings"
)

// Unnumbered writes ? for $1, $2 and so on where each stands once and in order:
// a number is a name to SQLite, which the driver asks for with every value. Other
// statements stay as they are.
func Unnumbered(query string) string {
	var out strings.Builder
	n, quoted := 0, byte(0)
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '\'' || c == '"':
			quoted = c
		case c == '$':
			n++
			number := strconv.Itoa(n)
			rest, ok := strings.CutPrefix(query[i+1:], number)
			if !ok || rest != "" && '0' <= rest[0] && rest[0] <= '9' {
				return query
			}
			out.WriteByte('?')
			i += len(number)
			continue
		}
		out.WriteByte(c)
	}
	return out.String()
}
