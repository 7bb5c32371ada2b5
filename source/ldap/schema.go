package ldap

import (
	"context"
	"slices"
	"strings"
)

// syntaxDN and syntaxNameUID are the syntaxes whose values name objects (RFC
// 4517, sections 3.3.9 and 3.3.21).
const (
	syntaxDN      = "1.3.6.1.4.1.1466.115.121.1.12"
	syntaxNameUID = "1.3.6.1.4.1.1466.115.121.1.34"
)

// schema tells which attributes a server knows and which of them hold DNs. A
// server that does not show its schema is judged by the usual names alone.
type schema struct {
	known bool
	types map[string]attributeType // by lower-case name and OID
}

type attributeType struct{ sup, syntax, usage string }

func (c *conn) schema(ctx context.Context, v server) (schema, error) {
	s := schema{types: map[string]attributeType{}}
	if v.schema == "" {
		return s, nil
	}
	e, err := c.one(ctx, v.schema, "(objectClass=subschema)", false, "attributeTypes")
	if err != nil || e == nil {
		// Denied, or not there: the usual names do. A connection that broke
		// shows at the next request.
		return s, ctx.Err()
	}
	for _, text := range e.values("attributeTypes") {
		s.add(text)
	}
	s.known = len(s.types) > 0
	return s, nil
}

// add reads one AttributeTypeDescription (RFC 4512, section 4.1.2).
func (s schema) add(text string) {
	words := schemaWords(text)
	if len(words) < 2 {
		return
	}
	names, t := []string{words[1]}, attributeType{}
	for i := 2; i+1 < len(words); i++ {
		switch words[i] {
		case "NAME":
			names = append(names, nameList(words[i+1:])...)
		case "SUP":
			t.sup = unquote(words[i+1])
		case "USAGE":
			t.usage = unquote(words[i+1])
		case "SYNTAX":
			t.syntax, _, _ = strings.Cut(unquote(words[i+1]), "{")
		}
	}
	for _, name := range names {
		s.types[unquote(name)] = t
	}
}

// schemaWords takes a description apart; what stands in quotes is one word,
// quotes included, so that a text is never taken for a keyword.
func schemaWords(text string) (words []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := strings.IndexAny(text, " ()'")
		switch {
		case n < 0:
			n = len(text)
		case n == 0 && text[0] == '\'':
			if end := strings.IndexByte(text[1:], '\''); end >= 0 {
				n = end + 2
			} else {
				n = len(text)
			}
		case n == 0:
			n = 1
		}
		words, text = append(words, text[:n]), text[n:]
	}
	return words
}

func unquote(word string) string { return strings.ToLower(strings.Trim(word, "'")) }

// nameList reads 'cn' or ( 'cn' 'commonName' ).
func nameList(words []string) []string {
	if words[0] != "(" {
		return words[:1]
	}
	for i, w := range words {
		if w == ")" {
			return words[1:i]
		}
	}
	return nil
}

func (s schema) has(name string) bool {
	_, ok := s.types[strings.ToLower(name)]
	return ok
}

// isReference tells whether the attribute's values are DNs. The syntax may
// stand with a type further up (RFC 4512, section 2.5.1); the bound keeps a
// broken schema from going round in circles.
func (s schema) isReference(name string) bool {
	name, _, _ = strings.Cut(strings.ToLower(name), ";")
	for range 16 {
		t, ok := s.types[name]
		if !ok {
			return false
		}
		if t.syntax != "" {
			return t.syntax == syntaxDN || t.syntax == syntaxNameUID
		}
		name = t.sup
	}
	return false
}

// stamped are operational attributes that change only together with the mark
// by which a changed entry is told: its modifyTimestamp or entryCSN.
var stamped = []string{
	"createtimestamp", "modifytimestamp", "creatorsname", "entryuuid", "entrycsn", "entrydn", "structuralobjectclass", "subschemasubentry",
}

// unseen tells whether a server may change the attribute without marking the
// entry as changed, as OpenLDAP does with memberOf and with what its overlays
// note. Where the schema is not shown, the usual names have to do.
func (s schema) unseen(name string) bool {
	name, _, _ = strings.Cut(strings.ToLower(name), ";")
	if slices.Contains(stamped, name) {
		return false
	}
	usage := s.types[name].usage
	return name == "memberof" || name == "ismemberof" || usage != "" && usage != "userapplications"
}
