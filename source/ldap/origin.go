package ldap

import "cmp"

// originOf says where an entry was seen: the server, and the counter that it
// wrote the last change under. Each controller counts for itself (MS-ADTS
// 3.1.1.1.9); OpenLDAP's entryCSN holds the server's own number.
func (rd *reading) originOf(e *entry) string {
	server := cmp.Or(rd.server.name, rd.c.host)
	switch {
	case e.value("uSNChanged") != "":
		return server + " USN " + clean(e.value("uSNChanged"))
	case e.value("entryCSN") != "":
		return server + " CSN " + clean(e.value("entryCSN"))
	}
	return server
}

// originAsk is what originOf reads.
func (rd *reading) originAsk() []string {
	switch {
	case rd.server.ad:
		return []string{"uSNChanged"}
	case rd.schema.has("entryCSN"):
		return []string{"entryCSN"}
	}
	return nil
}
