package ber

// maxNames bounds how many attribute descriptions are remembered. A directory
// has some dozens; one that makes up new ones gets them as plain text.
const maxNames = 4096

// names holds each attribute description once, whatever it was cut from.
// Entries of one search mostly have the same ones in the same order, so the
// one that followed the last time is tried first.
type names struct {
	known map[string]int // to its place in list
	list  []name
	last  int // the one before, in list
}

type name struct {
	text string
	next int // what came after it
}

func (n *names) begin() { n.last = 0 }

func (n *names) intern(b []byte) string {
	if n.known == nil {
		n.known, n.list = map[string]int{}, []name{{}}
	}
	if at := n.list[n.last].next; at != 0 && n.list[at].text == string(b) {
		n.last = at
		return n.list[at].text
	}
	return n.look(b)
}

func (n *names) look(b []byte) string {
	at, known := n.known[string(b)]
	if !known {
		if len(n.list) > maxNames {
			return string(b)
		}
		at = len(n.list)
		n.list = append(n.list, name{text: string(b)})
		n.known[n.list[at].text] = at
	}
	n.list[n.last].next = at
	n.last = at
	return n.list[at].text
}
