package ldap

import (
	"context"

	goldap "github.com/go-ldap/ldap/v3"
)

// searcher is the one way in which this package asks a server something, once
// it is bound. It has two forms, which give the same: ownSearcher reads the
// socket itself and is what is used; goldapSearcher is go-ldap's loop, the
// reference, and the only one that could go through a security layer of SASL.
//
// An end without an error means that the server said that it was the end.
// Results that say no are a *goldap.Error in both forms.
type searcher interface {
	// begin asks; the answer is waited for by whole. With ahead it is read
	// while the caller does something else, where the form can do that.
	begin(r request, ahead bool) pending
	// stream hands on the messages of an answer as they come: entries with
	// their controls, and controls alone, those of the end among them. Nothing
	// else may be asked meanwhile.
	stream(ctx context.Context, r request, take func(*entry, []goldap.Control) error) error
	// whoAmI is RFC 4532. Empty: nobody, or the server says no.
	whoAmI(ctx context.Context) (string, error)
}

// pending is a search that was begun.
type pending interface {
	whole(ctx context.Context) (answer, error)
	// abandon gives it up; the connection serves on.
	abandon()
}

// request is one search request. doing is for texts.
type request struct {
	doing    string
	base     string
	scope    int
	filter   string
	attrs    []string
	controls []goldap.Control
}

// answer is all that came. Its entries are of whoever has them: nothing that
// comes later writes to them. They are cut from arenas of 64 KiB, and one that
// is kept holds its arena; so what is kept for long should be a copy.
type answer struct {
	entries  []entry
	controls []goldap.Control // of the message that ended it
	bytes    int64
	release  func() // see query.brief; nil: nothing to release
}

// goldap makes the request anew: go-ldap changes those that it is given.
// References to other servers come as results of their own and are not
// followed; aliases are not followed either, since an object would then be seen
// twice.
func (r *request) goldap() *goldap.SearchRequest {
	return goldap.NewSearchRequest(r.base, r.scope, goldap.NeverDerefAliases, 0, 0, false, r.filter, r.attrs, r.controls)
}
