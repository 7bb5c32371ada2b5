package ldap

import (
	"bytes"
	"context"
	"iter"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
	"github.com/adsync/sdk/source/ldap/internal/ber"
)

// query is one search, of one page or of several.
type query struct {
	base     string
	scope    int // goldap.ScopeBaseObject, ScopeWholeSubtree
	filter   string
	attrs    []string
	pageSize int  // 0: not paged
	extended bool // DNs with GUID and SID (MS-ADTS 3.1.1.3.4.1.5)
	deleted  bool // also what is left of deleted objects (MS-ADTS 3.1.1.3.4.1.14)
	// brief: no entry is looked at once the next page is asked for. Its list of
	// attributes is then used for others; names and values stay.
	brief bool
	// meanwhile is done while the server works on the first page. Its error ends
	// the search.
	meanwhile func() error
}

// entry is one entry of a result; see answer for how long it stays.
type entry struct {
	dn    string
	attrs []attribute
}

type attribute = ber.Attribute

// aheadBytes is the size of a page up to which the next is read while this one
// is worked on: memory holds two pages, and large ones are too large for that.
var aheadBytes int64 = 8 << 20

// search reads page by page (RFC 2696): pages in order, the error last, and an
// end without one only when the server said that it was the end.
func (c *conn) search(ctx context.Context, q query) iter.Seq2[[]entry, error] {
	return func(yield func([]entry, error) bool) {
		asked, err := c.ask(q)
		if err != nil {
			yield(nil, err)
			return
		}
		for cookie := []byte(nil); ; {
			page, next, err := c.finish(ctx, q, asked, cookie)
			if err != nil && protection.Pages.Removed() && len(cookie) > 0 {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if asked = c.use(q, page, next, yield); asked == nil {
				return
			}
			cookie = next
		}
	}
}

// ask asks for the first page.
func (c *conn) ask(q query) (pending, error) {
	if q.meanwhile == nil {
		return c.begin(q.request(nil), false), nil
	}
	asked := c.begin(q.request(nil), true)
	if err := q.meanwhile(); err != nil {
		asked.abandon()
		return nil, err
	}
	return asked, nil
}

// use hands on one page, and asks for the next while it is worked on unless it
// is large. It gives nil when there is none, or when nobody wants it.
func (c *conn) use(q query, page answer, next []byte, yield func([]entry, error) bool) pending {
	var ahead pending
	if len(next) > 0 && page.bytes <= aheadBytes {
		ahead = c.begin(q.request(next), true)
	}
	wanted := yield(page.entries, nil)
	switch {
	case !wanted && ahead != nil:
		ahead.abandon()
		return nil
	case !wanted || len(next) == 0:
		return nil
	}
	if q.brief && page.release != nil {
		page.release()
	}
	if ahead == nil {
		ahead = c.begin(q.request(next), false)
	}
	return ahead
}

// finish waits for one page and gives the cookie of the next, empty at the end.
func (c *conn) finish(ctx context.Context, q query, asked pending, cookie []byte) (page answer, next []byte, err error) {
	if page, err = asked.whole(ctx); err != nil {
		return answer{}, nil, err
	}
	if next, err = q.nextCookie(page.controls, len(cookie) > 0); err != nil {
		return answer{}, nil, c.failed(ctx, q.doing(), err)
	}
	if len(next) > 0 && len(page.entries) == 0 && bytes.Equal(next, cookie) {
		err = adsync.Errorf(adsync.CodeIncomplete, "ldap: searching %s: the server goes in circles: an empty page and the same cookie again", q.base)
	}
	return page, next, err
}

// page asks for the first page and gives the cookie of the next, empty at the end.
func (c *conn) page(ctx context.Context, q query) ([]entry, []byte, error) {
	page, next, err := c.finish(ctx, q, c.begin(q.request(nil), false), nil)
	return page.entries, next, err
}

func (q query) doing() string { return "searching " + q.base }

// request makes the request for one page.
func (q query) request(cookie []byte) request {
	r := request{doing: q.doing(), base: q.base, scope: q.scope, filter: q.filter, attrs: q.attrs}
	if q.pageSize > 0 {
		paging := goldap.NewControlPaging(uint32(q.pageSize))
		paging.SetCookie(cookie)
		r.controls = append(r.controls, paging)
	}
	if q.extended {
		r.controls = append(r.controls, extendedDNControl())
	}
	if q.deleted {
		r.controls = append(r.controls, goldap.NewControlString(goldap.ControlTypeMicrosoftShowDeleted, true, ""))
	}
	return r
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

// one reads a single entry by its name; nil when there is none.
func (c *conn) one(ctx context.Context, base, filter string, extended bool, attrs ...string) (*entry, error) {
	page, _, err := c.page(ctx, query{base: base, scope: goldap.ScopeBaseObject, filter: filter, attrs: attrs, extended: extended})
	if err != nil || len(page) == 0 {
		return nil, err
	}
	return &page[0], nil
}

// values gives the values of an attribute, whatever the case of its name.
func (e *entry) values(name string) []string {
	for _, a := range e.attrs {
		if len(a.Name) == len(name) && strings.EqualFold(a.Name, name) {
			return a.Values
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
