package fakedir_test

import (
	"errors"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/internal/testserver"
)

// accounts are who asks: one with all rights, and one without any.
type accounts struct {
	base        string
	sync, plain *ldap.Conn
}

// TestBothRefuseAlike asks both directories for what DirSync must refuse, and an
// ordinary account for what it may not see.
func TestBothRefuseAlike(t *testing.T) {
	ad := testserver.Samba(t)
	s := start(t, fakedir.Config{})
	plain := "CN=svc-backup,OU=Service Accounts," + s.BaseDN()
	alter(t, s, func(d *fakedir.Changes) error { return d.SetPassword(plain, "correct horse") })
	ordinary := dial(t, s)
	require.NoError(t, ordinary.Bind(plain, "correct horse"))
	for name, a := range map[string]accounts{
		"samba": {ad.BaseDN, sambaConn(t, ad, ad.SyncUser, ad.SyncPassword), sambaConn(t, ad, ad.PlainUser, ad.PlainPassword)},
		"fake":  {s.BaseDN(), bound(t, s), ordinary},
	} {
		t.Run(name, func(t *testing.T) { a.areRefused(t) })
	}
}

func (a accounts) areRefused(t *testing.T) {
	_, cookie, _, err := round(a.sync, request(a.base, "(cn=nobody)"), 0, nil)
	require.NoError(t, err)
	paging := func(q *ldap.SearchRequest) { q.Controls = append(q.Controls, ldap.NewControlPaging(10)) }
	for _, x := range []struct {
		name   string
		conn   *ldap.Conn
		base   string
		flags  int64
		cookie []byte
		more   func(*ldap.SearchRequest)
		code   int
	}{
		{"a container", a.sync, "CN=Users," + a.base, 0, nil, nil, 50},
		{"a container, with OBJECT_SECURITY", a.sync, "CN=Users," + a.base, objectSecurity, nil, nil, 53},
		{"nothing there", a.sync, "CN=Nobody," + a.base, 0, nil, nil, 50},
		{"an ordinary account", a.plain, a.base, 0, nil, nil, 50},
		{"an ordinary account with OBJECT_SECURITY", a.plain, a.base, objectSecurity, nil, nil, 0},
		{"garbage", a.sync, a.base, 0, []byte("garbage"), nil, 12},
		{"half a cookie", a.sync, a.base, 0, cookie[:len(cookie)-5], nil, 12},
		{"a cookie of another account", a.plain, a.base, objectSecurity, cookie, nil, 0},
		{"with paging", a.sync, a.base, 0, nil, paging, 1},
	} {
		q := request(x.base, "(objectClass=*)", "name")
		if x.more != nil {
			x.more(q)
		}
		_, _, _, err := round(x.conn, q, x.flags, x.cookie)
		code := 0
		if e, ok := errors.AsType[*ldap.Error](err); ok {
			code = int(e.ResultCode)
		}
		require.Equal(t, x.code, code, "%s: %v", x.name, err)
	}
	deletions, _, _, err := round(a.plain, request(a.base, "(isDeleted=TRUE)", "isDeleted"), objectSecurity, nil)
	require.NoError(t, err)
	require.Empty(t, deletions, "an ordinary account sees no deletions")
	for _, e := range tombstones(t, a.plain, a.base, "(objectClass=*)") {
		require.Empty(t, e.Attributes, "Samba names the container, and that is all")
	}
	require.NotEmpty(t, tombstones(t, a.sync, a.base, "(isDeleted=TRUE)"))
}
