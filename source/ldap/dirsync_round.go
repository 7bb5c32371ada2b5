package ldap

import (
	"bytes"
	"context"
	"errors"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
)

// dirSyncRound is one answer.
type dirSyncRound struct {
	entries []entry
	cookie  []byte
	more    bool
}

// errCut says that an answer ended without what ends it.
var errCut = errors.New("the answer ended without its control, so the rest is not known")

// round does one request. It is made anew each time: go-ldap keeps the cookie of
// the first in a request that is used again.
func (d *dirSync) round(ctx context.Context, filter string, attrs []string, cookie []byte) (r dirSyncRound, err error) {
	c := d.rd.c
	flags := goldap.DirSyncIncrementalValues
	if d.security {
		flags |= goldap.DirSyncObjectSecurity
	}
	controls := []goldap.Control{goldap.NewRequestControlDirSync(flags, dirSyncAttributes, cookie)}
	if d.rd.server.extended {
		controls = append(controls, extendedDNControl())
	}
	doing := "reading the changes of " + d.context
	err = c.do(ctx, doing, c.src.pageTimeout(), func(l *goldap.Conn) error {
		request := goldap.NewSearchRequest(d.context, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases, 0, 0, false, filter, attrs, controls)
		return r.take(l.SearchAsync(context.WithoutCancel(ctx), request, 64), doing)
	})
	if err == nil && r.more && bytes.Equal(r.cookie, cookie) { // the next answer would be this one
		err = adsync.Errorf(adsync.CodeIncomplete, "ldap: %s: the server goes in circles: %w", doing, errCut)
	}
	return r, err
}

// take reads one answer to its end. The end is the control: go-ldap says
// nothing when an answer just stops.
func (r *dirSyncRound) take(answer goldap.Response, doing string) error {
	ended := false
	for answer.Next() {
		if e := answer.Entry(); e != nil {
			r.entries = append(r.entries, copyEntries([]*goldap.Entry{e})...)
		}
		if c, ok := goldap.FindControl(answer.Controls(), goldap.ControlTypeDirSync).(*goldap.ControlDirSync); ok {
			r.cookie, r.more, ended = bytes.Clone(c.Cookie), c.Flags != 0, true
		}
	}
	if err := answer.Err(); err != nil {
		return err
	}
	if !ended || len(r.cookie) == 0 {
		return adsync.Errorf(adsync.CodeIncomplete, "ldap: %s: %w", doing, errCut)
	}
	return nil
}
