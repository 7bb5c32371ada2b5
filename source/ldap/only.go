package ldap

import (
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// onlyChunk is the number of anchors that one filter asks for.
const onlyChunk = 50

// onlyQueries asks for some objects by their anchors.
func (rd *reading) onlyQueries(kind adsync.Kind, filter string, b searchBase) []query {
	var list []query
	for rest := rd.req.Only; len(rest) > 0; {
		n := min(onlyChunk, len(rest))
		list = append(list, rd.kindQuery(kind, b.dn, and(filter, rd.anchorFilter(rest[:n]))))
		rest = rest[n:]
	}
	return list
}

func (rd *reading) anchorFilter(anchors []adsync.Anchor) string {
	var b strings.Builder
	b.WriteString("(|")
	for _, name := range rd.anchors {
		for _, a := range anchors {
			b.WriteString(equals(name, anchorValue(name, a)))
		}
	}
	b.WriteString(")")
	return b.String()
}

// anchorValue gives the bytes that stand in the directory for an anchor.
func anchorValue(name string, a adsync.Anchor) string {
	if strings.EqualFold(name, "objectGUID") || strings.EqualFold(name, "mS-DS-ConsistencyGuid") {
		if bytes, err := directory.GUIDBytes(string(a)); err == nil {
			return bytes
		}
	}
	return string(a)
}
