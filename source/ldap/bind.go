package ldap

import (
	"context"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
)

// bind proves who we are, in the way that the source is configured for.
func (c *conn) bind(ctx context.Context) error {
	s := c.src
	switch {
	case s.Anonymous:
		return nil
	case s.Kerberos != nil:
		return c.bindKerberos(ctx)
	case s.Certificate != nil:
		return c.do(ctx, "binding with the client certificate", s.dialTimeout(), (*goldap.Conn).ExternalBind)
	}
	password, err := c.password(ctx)
	if err != nil {
		return err
	}
	return c.do(ctx, "binding as "+s.Bind, s.dialTimeout(), func(l *goldap.Conn) error { return l.Bind(s.Bind, password) })
}

// password fetches the secret. An empty one is refused: a simple bind without
// a password succeeds as nobody (RFC 4513, section 5.1.2), and nobody sees an
// empty directory.
func (c *conn) password(ctx context.Context) (string, error) {
	password, err := c.src.Password.reveal(ctx)
	if err != nil {
		return "", adsync.Errorf(adsync.CodeUnauthenticated, "ldap: the password of %s cannot be had: %w", c.src.Bind, err)
	}
	if password == "" {
		return "", adsync.Errorf(adsync.CodeUnauthenticated, "ldap: the password of %s is empty; a bind without one would read as nobody", c.src.Bind)
	}
	return password, nil
}
