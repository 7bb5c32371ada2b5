package ldap

import (
	"context"
	"errors"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
)

// changes asks for what changed in a search's result since a cookie (RFC 4533,
// refreshOnly) and gathers the answer. It is complete only when the server
// ended the search with success and with a Sync Done control.
//
// The connection serves nothing else meanwhile. Time and size are bounded from
// one message to the next, since a refresh cannot be had in pages.
func (c *conn) changes(ctx context.Context, q query, cookie []byte, see func(*entry) *sighting) (*refresh, error) {
	doing := "asking for changes below " + q.base
	if err := ctx.Err(); err != nil {
		return nil, c.failed(ctx, doing, err)
	}
	r, ask := newRefresh(see), q.request(nil)
	ask.doing = doing
	// No reload hint: a server that would have to send everything says so.
	ask.controls = append(ask.controls, goldap.NewControlSyncRequest(goldap.SyncRequestModeRefreshOnly, cookie, false))
	err := c.stream(ctx, ask, r.take)
	switch {
	case err != nil && len(cookie) > 0 && refusesCookie(err):
		return nil, c.cookieGone(err)
	case err != nil:
		return nil, c.failed(ctx, doing, err)
	case ctx.Err() != nil:
		return nil, c.failed(ctx, doing, ctx.Err())
	case !r.done && c.line.broken() != nil:
		return nil, c.failed(ctx, doing, c.line.broken())
	case !r.done:
		return nil, incomplete("it ended without a Sync Done control")
	}
	return r, nil
}

// refusesCookie knows the answers by which servers say that they cannot go on
// from a cookie: e-syncRefreshRequired (RFC 4533, section 2.6); OpenLDAP says
// 53 when its database is older than the cookie, and protocolError (2) when it
// cannot read it; a size limit would end the next attempt at the same place,
// while a full read comes in pages.
func refusesCookie(err error) bool {
	e, ok := errors.AsType[*goldap.Error](err)
	if !ok {
		return false
	}
	switch e.ResultCode {
	case goldap.LDAPResultSyncRefreshRequired, goldap.LDAPResultUnwillingToPerform, goldap.LDAPResultProtocolError,
		goldap.LDAPResultSizeLimitExceeded, goldap.LDAPResultAdminLimitExceeded:
		return true
	}
	return false
}

func (c *conn) cookieGone(err error) error {
	e, _ := errors.AsType[*goldap.Error](err)
	why := "it was restored or reloaded, or is a replica that lags behind"
	switch e.ResultCode {
	case goldap.LDAPResultSyncRefreshRequired:
		why = "it no longer knows what changed since then"
	case goldap.LDAPResultProtocolError:
		why = "it cannot read the cookie"
	case goldap.LDAPResultSizeLimitExceeded, goldap.LDAPResultAdminLimitExceeded:
		why = "more changed than its limits let this account see at once; raise them to read changes only"
	}
	out := adsync.Errorf(adsync.CodeGone, "ldap: %s does not go on from the cookie of the last read: %s; result code %d: %s", c.host, why, e.ResultCode, clean(e.Err.Error()))
	if e.ResultCode == goldap.LDAPResultUnwillingToPerform {
		out.Problem = problemOlder
	}
	return out
}

// problemOlder marks the refusal of a cookie that is newer than the server's data.
const problemOlder = "data-older-than-cookie"

func isOlder(err error) bool {
	e, ok := errors.AsType[*adsync.Error](err)
	return ok && e.Problem == problemOlder
}
