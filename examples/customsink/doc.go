// Package customsink shows how a vendor connects a system of their own: a
// phone book with an HTTP interface, in a file of under 30 lines, phonebook.go.
//
// A sink has one method, Apply. It does one thing and says what it knows:
// retry, dry run, the guard against mass removal, conflicts and the report
// belong to the engine. Three rules are all there is to it.
//
//   - An empty Op.Target asks for a new object, and the receipt says what the
//     target calls it. PhoneBook names an entry by the anchor, so a create that
//     is sent again after a lost answer meets its own entry.
//   - Op.Set holds what changes. An attribute without values asks to clear it;
//     one that is absent stays as it is. Attributes marshal to JSON that says
//     just that: {"fax":[],"title":["Engineer"]}.
//   - An error carries a code that says what the engine does next. A network
//     error needs none.
//
// The test runs the conformance kit against it, which is what a vendor does
// first, before a directory is in sight:
//
//	sinktest.Run(t, sinktest.Config{New: func(t testing.TB) sinktest.Target {
//		book := newBook(t)
//		return sinktest.Target{Sink: customsink.PhoneBook{URL: book.URL}, Read: book.read}
//	}})
//
// What more a system can do is told by further interfaces of package adsync
// with one method each, and the kit checks those that it finds: Schema says
// which attributes there are and that repeats do no harm, ApplyBatch takes many
// objects at once, Find lets existing people be recognised.
//
// It is an example and no product: the phone book asks for no credentials.
package customsink
