package ber

// Entry is one entry of a search's result; see Reader for how long it stays.
type Entry struct {
	DN         string
	Attributes []Attribute
}

// Attribute keeps the name as the server wrote it, options included.
type Attribute struct {
	Name   string
	Values []string // bytes as they came, text or not
}

// Entry reads a SearchResultEntry (RFC 4511, section 4.5.2). Its list of
// attributes is one of lists, and valid until those are released.
func (r *Reader) Entry(m *Message, lists *Lists) (e Entry, err error) {
	dn, rest, err := expect(m.body, tagOctets, "an entry's name")
	if err != nil {
		return e, err
	}
	list, _, err := expect(rest, tagSequence, "an entry's list of attributes")
	if err != nil {
		return e, err
	}
	lists.begin()
	r.names.begin()
	for len(list) > 0 {
		if list, err = r.attribute(list, lists); err != nil {
			return Entry{}, err
		}
	}
	return Entry{r.text.keep(dn), lists.slab.cut()}, nil
}

// attribute reads one. Its values are a SET; some servers write a SEQUENCE.
func (r *Reader) attribute(list []byte, lists *Lists) (rest []byte, err error) {
	one, rest, err := expect(list, tagSequence, "an attribute")
	if err != nil {
		return nil, err
	}
	name, after, err := expect(one, tagOctets, "an attribute's name")
	if err != nil {
		return nil, err
	}
	set, _, err := next(after)
	if err == nil && set.tag != tagSet && set.tag != tagSequence {
		err = malformed("an attribute's set of values is something else")
	}
	if err == nil {
		err = r.collect(set.body)
	}
	if err != nil {
		return nil, err
	}
	lists.slab.add(Attribute{r.names.intern(name), r.values.cut()})
	return rest, nil
}

func (r *Reader) collect(set []byte) error {
	r.values.begin()
	for len(set) > 0 {
		v, rest, err := expect(set, tagOctets, "a value")
		if err != nil {
			return err
		}
		r.values.add(r.text.keep(v))
		set = rest
	}
	return nil
}
