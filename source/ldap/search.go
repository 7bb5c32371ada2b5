package ldap

import (
	"bytes"
	"context"
	"iter"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
)

// query is one search. It is a value: every request to the server is made
// from it anew, since go-ldap changes the requests it is given.
type query struct {
	base     string
	scope    int // goldap.ScopeBaseObject, ScopeWholeSubtree
	filter   string
	attrs    []string
	pageSize int  // 0: not paged
	extended bool // DNs with GUID and SID (MS-ADTS 3.1.1.3.4.1.5)
	deleted  bool // also what is left of deleted objects (MS-ADTS 3.1.1.3.4.1.14)
}

// entry is one entry with values of its own: nothing of go-ldap's buffers, of
// which each holds 20 kB, stays alive.
type entry struct {
	dn    string
	attrs []attribute
}

// attribute keeps the name as the server wrote it, options included.
type attribute struct {
	name   string
	values []string
}

// searcher is the one way in which this package reads: pages in order, the
// error last, and an end without one only when the server said that it was
// the end. The other form of it will decode a page while it arrives.
type searcher interface {
	search(ctx context.Context, q query) iter.Seq2[[]entry, error]
}

var _ searcher = (*conn)(nil)

// search reads page by page (RFC 2696).
func (c *conn) search(ctx context.Context, q query) iter.Seq2[[]entry, error] {
	return func(yield func([]entry, error) bool) {
		var cookie []byte
		for {
			page, next, err := c.page(ctx, q, cookie)
			if err == nil && len(next) > 0 && len(page) == 0 && bytes.Equal(next, cookie) {
				err = adsync.Errorf(adsync.CodeIncomplete, "ldap: searching %s: the server goes in circles: an empty page and the same cookie again", q.base)
			}
			if err != nil && protection.Pages.Removed() && len(cookie) > 0 {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page, nil) || len(next) == 0 {
				return
			}
			cookie = next
		}
	}
}

// page asks for one page and gives the cookie of the next, empty at the end.
func (c *conn) page(ctx context.Context, q query, cookie []byte) (page []entry, next []byte, err error) {
	err = c.do(ctx, "searching "+q.base, c.src.pageTimeout(), func(l *goldap.Conn) error {
		result, err := l.Search(q.request(cookie))
		if err != nil {
			return err
		}
		page = copyEntries(result.Entries)
		next, err = q.nextCookie(result.Controls, len(cookie) > 0)
		return err
	})
	return page, next, err
}

// request makes a request. References to other servers come as results of
// their own and are not followed; aliases are not followed either, since an
// object would then be seen twice.
func (q query) request(cookie []byte) *goldap.SearchRequest {
	var controls []goldap.Control
	if q.pageSize > 0 {
		paging := goldap.NewControlPaging(uint32(q.pageSize))
		paging.SetCookie(cookie)
		controls = append(controls, paging)
	}
	if q.extended {
		controls = append(controls, extendedDNControl())
	}
	if q.deleted {
		controls = append(controls, goldap.NewControlString(goldap.ControlTypeMicrosoftShowDeleted, true, ""))
	}
	return goldap.NewSearchRequest(q.base, q.scope, goldap.NeverDerefAliases, 0, 0, false, q.filter, q.attrs, controls)
}

// nextCookie wants the paging control back once the server has shown that it
// pages: a page without it could not be told from the last.
func (q query) nextCookie(controls []goldap.Control, paging bool) ([]byte, error) {
	if q.pageSize == 0 {
		return nil, nil
	}
	control, ok := goldap.FindControl(controls, goldap.ControlTypePaging).(*goldap.ControlPaging)
	if !ok {
		if paging {
			return nil, adsync.Errorf(adsync.CodeIncomplete, "ldap: searching %s: the server stopped paging in mid-read, so the rest is not known", q.base)
		}
		return nil, nil
	}
	return bytes.Clone(control.Cookie), nil
}

func copyEntries(from []*goldap.Entry) []entry {
	page := make([]entry, 0, len(from))
	for _, f := range from {
		e := entry{dn: strings.Clone(f.DN), attrs: make([]attribute, 0, len(f.Attributes))}
		for _, a := range f.Attributes {
			e.attrs = append(e.attrs, attribute{strings.Clone(a.Name), cloneAll(a.Values)})
		}
		page = append(page, e)
	}
	return page
}

func cloneAll(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.Clone(v)
	}
	return out
}

// one reads a single entry by its name; nil when there is none.
func (c *conn) one(ctx context.Context, base, filter string, extended bool, attrs ...string) (*entry, error) {
	page, _, err := c.page(ctx, query{base: base, scope: goldap.ScopeBaseObject, filter: filter, attrs: attrs, extended: extended}, nil)
	if err != nil || len(page) == 0 {
		return nil, err
	}
	return &page[0], nil
}

// values gives the values of an attribute, whatever the case of its name.
func (e *entry) values(name string) []string {
	for _, a := range e.attrs {
		if strings.EqualFold(a.name, name) {
			return a.values
		}
	}
	return nil
}

func (e *entry) value(name string) string {
	if v := e.values(name); len(v) > 0 {
		return v[0]
	}
	return ""
}
