package ldap

import (
	"context"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/go-ldap/ldap/v3/gssapi"
	"github.com/jcmturner/gokrb5/v8/client"

	"github.com/adsync/sdk/adsync"
)

// bindKerberos binds by SASL GSSAPI (RFC 4752) inside TLS, without a security
// layer of its own.
func (c *conn) bindKerberos(ctx context.Context) error {
	ticket, err := c.kerberosClient(ctx)
	if err != nil {
		return err
	}
	service := c.service()
	if err := c.fetchTickets(ctx, ticket, service); err != nil {
		return err
	}
	defer ticket.Close()
	return c.do(ctx, "binding as "+c.src.Bind+" by Kerberos to "+service, c.src.dialTimeout(), func(l *goldap.Conn) error {
		err := l.GSSAPIBind(ticket, service, "")
		if err != nil && !isLDAP(err) && c.line.broken() == nil {
			return kerberosFault(c.src.Bind, "binding to "+service, err)
		}
		return err
	})
}

// fetchTickets asks the key distribution centre, on sockets that only gokrb5
// knows: a cancelled context does not end that wait, so it is left behind and
// ends by gokrb5's own limits of a few seconds.
func (c *conn) fetchTickets(ctx context.Context, ticket *gssapi.Client, service string) error {
	done := make(chan error, 1)
	go func() {
		err := ticket.Login()
		if err == nil {
			_, _, err = ticket.GetServiceTicket(service) // kept for the bind
		}
		if err != nil {
			ticket.Close()
		}
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			return kerberosFault(c.src.Bind, "getting a Kerberos ticket", err)
		}
		return nil
	case <-ctx.Done():
		return c.failed(ctx, "getting a Kerberos ticket", ctx.Err())
	}
}

func (c *conn) service() string {
	if s := c.src.Kerberos.Service; s != "" {
		return s
	}
	if c.src.ServerName != "" {
		return "ldap/" + c.src.ServerName
	}
	return "ldap/" + c.host
}

func (c *conn) kerberosClient(ctx context.Context) (*gssapi.Client, error) {
	k, name := c.src.Kerberos, c.src.Bind
	file := k.ConfigFile
	if file == "" {
		file = "/etc/krb5.conf"
	}
	// Active Directory does not take part in FAST negotiation as gokrb5 does it.
	settings := client.DisablePAFXFAST(true)
	var ticket *gssapi.Client
	var err error
	if k.Keytab != "" {
		if err := privateFile(k.Keytab); err != nil {
			return nil, invalid("Kerberos.Keytab: %v", err)
		}
		ticket, err = gssapi.NewClientWithKeytab(name, k.Realm, k.Keytab, file, settings)
	} else {
		var password string
		if password, err = c.password(ctx); err != nil {
			return nil, err
		}
		ticket, err = gssapi.NewClientWithPassword(name, k.Realm, password, file, settings)
	}
	if err != nil {
		return nil, invalid("the Kerberos configuration cannot be used (%s): %v", file, err)
	}
	return ticket, nil
}

// kerberosFault turns gokrb5's nested text into what to do about it.
func kerberosFault(name, doing string, err error) error {
	text := err.Error()
	advice := "see that the KDC answers and that krb5.conf names it"
	for _, known := range []struct{ sign, advice string }{
		{"KDC_ERR_C_PRINCIPAL_UNKNOWN", "the realm does not know this name"},
		{"KDC_ERR_PREAUTH_FAILED", "the password or keytab is wrong"},
		{"KDC_ERR_KEY_EXPIRED", "the password has expired; set a new one"},
		{"KDC_ERR_CLIENT_REVOKED", "the account is disabled or locked; enable or unlock it"},
		{"KDC_ERR_S_PRINCIPAL_UNKNOWN", "the realm does not know the server under this name; use its full host name in URL, or set Kerberos.Service"},
		{"KRB_AP_ERR_SKEW", "the clocks differ by more than five minutes; set them right"},
		{"KDC_ERR_ETYPE_NOSUPP", "no encryption type in common; enable AES for the account"},
	} {
		if strings.Contains(text, known.sign) {
			return adsync.Errorf(adsync.CodeUnauthenticated, "ldap: %s for %s failed: %s (%s)", doing, name, known.advice, known.sign)
		}
	}
	return adsync.Errorf(adsync.CodeUnavailable, "ldap: %s for %s failed: %s: %s", doing, name, advice, clean(text))
}
