package ldap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	goldap "github.com/go-ldap/ldap/v3"

	ber "github.com/go-asn1-ber/asn1-ber"

	"github.com/adsync/sdk/adsync"
)

// tlsConfig trusts what the source says, for this host, from TLS 1.2 on.
func (s *Source) tlsConfig(host string) (*tls.Config, error) {
	pool, err := s.pool()
	if err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool, ServerName: host}
	if s.ServerName != "" {
		config.ServerName = s.ServerName
	}
	if s.Certificate != nil {
		if err := privateFile(s.Certificate.KeyFile); err != nil {
			return nil, invalid("the client certificate's key: %v", err)
		}
		pair, err := tls.LoadX509KeyPair(s.Certificate.CertFile, s.Certificate.KeyFile)
		if err != nil {
			return nil, invalid("the client certificate cannot be used: %v", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// pool gives nil, which stands for the system's certificates, when neither
// CAFile nor CAs is set.
func (s *Source) pool() (*x509.CertPool, error) {
	if s.CAFile == "" {
		return s.CAs, nil
	}
	text, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, invalid("CAFile cannot be read: %v", err)
	}
	pool := x509.NewCertPool()
	if s.CAs != nil {
		pool = s.CAs.Clone()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, invalid("CAFile %s holds no certificate in PEM form", s.CAFile)
	}
	return pool, nil
}

// handshake makes the line a TLS connection.
func handshake(ctx context.Context, l *line, config *tls.Config) (net.Conn, error) {
	c := tls.Client(l, config)
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, tlsFault(config.ServerName, err)
	}
	return c, nil
}

// tlsFault says which of the three usual mistakes it was.
func tlsFault(host string, err error) error {
	if ca, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		issuer := ""
		if ca.Cert != nil {
			issuer = " (issued by " + clean(ca.Cert.Issuer.String()) + ")"
		}
		return adsync.Errorf(adsync.CodeUnauthenticated, "ldap: the certificate of %s%s is not signed by a trusted authority; set CAFile to the certificate of the authority that signed it: %w", host, issuer, err)
	}
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return adsync.Errorf(adsync.CodeUnauthenticated, "ldap: the certificate is made out for %v, not for %s; use that name in URL, or set ServerName: %w", name.Certificate.DNSNames, host, err)
	}
	if cert, ok := errors.AsType[x509.CertificateInvalidError](err); ok && cert.Reason == x509.Expired {
		return adsync.Errorf(adsync.CodeUnauthenticated, "ldap: the certificate of %s has expired or is not valid yet; renew it, and compare the clocks: %w", host, err)
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return adsync.Errorf(adsync.CodeUnauthenticated, "ldap: %s refused the TLS connection (%v); check the client certificate and that it speaks TLS 1.2 or newer: %w", host, alert, err)
	}
	return fmt.Errorf("ldap: TLS with %s failed: %w", host, err)
}

// oidStartTLS is RFC 4511, section 4.14.
const oidStartTLS = "1.3.6.1.4.1.1466.20037"

// startTLS asks for TLS on a fresh line. It is done here and not by go-ldap,
// whose error names the cause of a failed handshake only as text. The answer
// is read without a buffer, so that nothing sent in clear after it can pass
// for something sent under TLS.
func startTLS(ctx context.Context, l *line, config *tls.Config) (net.Conn, error) {
	if _, err := l.Write(startTLSRequest()); err != nil {
		return nil, err
	}
	answer, err := ber.ReadPacket(l)
	if err != nil {
		if cause := l.broken(); cause != nil {
			err = cause
		}
		return nil, fmt.Errorf("ldap: no answer to StartTLS: %w", err)
	}
	if err := goldap.GetLDAPError(answer); err != nil {
		return nil, adsync.Errorf(adsync.CodeUnauthenticated, "ldap: %s refused StartTLS, and nothing was sent in clear; give the server a certificate or use ldaps://: %s", config.ServerName, clean(err.Error()))
	}
	return handshake(ctx, l, config)
}

func startTLSRequest() []byte {
	message := ber.NewSequence("")
	message.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, ""))
	extended := ber.Encode(ber.ClassApplication, ber.TypeConstructed, goldap.ApplicationExtendedRequest, nil, "")
	extended.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, oidStartTLS, ""))
	message.AppendChild(extended)
	return message.Bytes()
}
