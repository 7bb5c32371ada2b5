package ldap

import (
	"context"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"
)

// goldapSearcher lets go-ldap read. Values are copied, since each of its own
// holds a buffer of 512 bytes, and it never reads ahead.
type goldapSearcher struct{ c *conn }

// goldapPending asks when the answer is wanted.
type goldapPending struct {
	c *conn
	r request
}

func (g goldapSearcher) begin(r request, _ bool) pending { return goldapPending{g.c, r} }

func (goldapPending) abandon() {}

func (p goldapPending) whole(ctx context.Context) (a answer, err error) {
	err = p.c.do(ctx, p.r.doing, p.c.src.pageTimeout(), func(l *goldap.Conn) error {
		result, err := l.Search(p.r.goldap())
		if err == nil {
			a = answer{entries: copyEntries(result.Entries), controls: result.Controls}
		}
		return err
	})
	return a, err
}

// stream: go-ldap gives no error when a context ends it, so the context is not
// given to it, and cuts the line instead. Time and size are bounded from one
// message to the next.
func (g goldapSearcher) stream(ctx context.Context, r request, take func(*entry, []goldap.Control) error) error {
	c := g.c
	streaming, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, c.line.abort)()
	defer c.line.end()
	c.line.begin(c.src.pageTimeout(), c.src.maxPageBytes())
	answers := c.ldap.SearchAsync(streaming, r.goldap(), 0)
	for answers.Next() {
		c.line.begin(c.src.pageTimeout(), c.src.maxPageBytes())
		var e *entry
		if from := answers.Entry(); from != nil {
			e = &copyEntries([]*goldap.Entry{from})[0]
		}
		if err := take(e, answers.Controls()); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return answers.Err()
}

func (g goldapSearcher) whoAmI(ctx context.Context) (identity string, err error) {
	err = g.c.do(ctx, doingWhoAmI, g.c.src.dialTimeout(), func(l *goldap.Conn) error {
		answer, err := l.WhoAmI(nil)
		switch {
		case isLDAP(err): // it offers this and does not do it
			return nil
		case err == nil:
			identity = answer.AuthzID
		}
		return err
	})
	return identity, err
}

func copyEntries(from []*goldap.Entry) []entry {
	page := make([]entry, 0, len(from))
	for _, f := range from {
		e := entry{dn: strings.Clone(f.DN), attrs: make([]attribute, 0, len(f.Attributes))}
		for _, a := range f.Attributes {
			e.attrs = append(e.attrs, attribute{Name: strings.Clone(a.Name), Values: cloneAll(a.Values)})
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
