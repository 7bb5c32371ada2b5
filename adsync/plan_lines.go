package adsync

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A plan's canonical form is JSON Lines: a header, then an op a line, in plan
// order, members of an object in a fixed order. Its hash is the plan's id, so
// it says what is done to whom and nothing that differs between two runs that
// would do the same.

// planHeader is the first line.
func planHeader(target string) []byte {
	b := append([]byte(nil), `{"plan":1,"target":`...)
	return append(appendJSON(b, target), "}\n"...)
}

// appendPlanLine writes one op.
func appendPlanLine(b []byte, op *PlannedOp) []byte {
	b = append(b, `{"phase":`...)
	b = strconv.AppendUint(b, uint64(op.Phase), 10)
	b = appendMember(b, "verb", op.Verb.String())
	b = appendMember(b, "intent", op.Intent.String())
	b = appendMember(b, "kind", op.Kind.String())
	b = appendMember(b, "source", op.Source)
	b = appendMember(b, "anchor", string(op.Anchor))
	if op.Target != "" {
		b = appendMember(b, "target", string(op.Target))
	}
	b = appendChanges(b, op)
	b = appendAnchors(b, "add", op.Add)
	b = appendAnchors(b, "remove", op.Remove)
	b = appendAnchors(b, "removeTargets", op.RemoveTargets)
	if op.Swap != 0 {
		b = strconv.AppendInt(append(b, `,"swap":`...), int64(op.Swap), 10)
	}
	if op.Note != "" {
		b = appendMember(b, "note", op.Note)
	}
	return append(b, "}\n"...)
}

func appendMember(b []byte, name, value string) []byte {
	b = append(append(append(b, `,"`...), name...), `":`...)
	return appendJSON(b, value)
}

// appendChanges writes what PlannedOp.Changes lists.
func appendChanges(b []byte, op *PlannedOp) []byte {
	if op.Verb == Delete || op.Verb == Members {
		return b
	}
	first := true
	add := func(name string, before, after []string) {
		if first {
			b = append(b, `,"changes":{`...)
		} else {
			b = append(b, ',')
		}
		first = false
		b = append(appendJSONName(b, name), `:{"before":`...)
		b = append(appendJSONList(b, before), `,"after":`...)
		b = append(appendJSONList(b, after), '}')
	}
	op.eachChange(add)
	if !first {
		b = append(b, '}')
	}
	return b
}

func appendAnchors[S ~string](b []byte, name string, anchors []S) []byte {
	if len(anchors) == 0 {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":`...)
	return appendJSONList(b, anchors)
}

func appendJSONList[S ~string](b []byte, values []S) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, string(v))
	}
	return append(b, ']')
}

const namePrefix = "base64:"

// appendJSONName writes the name of a member, which must be a string: what is no
// UTF-8 stands in it as base64.
func appendJSONName(b []byte, name string) []byte {
	if !utf8.ValidString(name) || strings.HasPrefix(name, namePrefix) {
		name = namePrefix + base64.StdEncoding.EncodeToString([]byte(name))
	}
	return appendJSON(b, name)
}

const hexDigits = "0123456789abcdef"

// appendJSON writes a JSON string, or {"base64":"…"} for what is no UTF-8.
func appendJSON(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		b = append(b, `{"base64":"`...)
		b = base64.StdEncoding.AppendEncode(b, []byte(s))
		return append(b, `"}`...)
	}
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20 || c == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
