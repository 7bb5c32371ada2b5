package ldap

import (
	"crypto/x509"
	"sync"
	"time"

	"github.com/adsync/sdk/adsync"
)

// Source reads a directory over LDAP. URL, or Domain in its place, is the only
// field that every server needs; the zero value of each other field means what its comment says.
type Source struct {
	// URL of the server: ldaps://dc1.example.com, or ldap:// with StartTLS.
	// The port is 636 or 389 when it has none.
	URL string
	// Alternates are further servers of the same directory, tried in order
	// when one before them does not answer; see Fail-over in the package
	// comment.
	Alternates []string
	// Domain, in the place of URL, is the DNS name of the directory's domain,
	// such as example.com. Its controllers are found by DNS SRV records, and
	// reached by LDAPS, or by StartTLS where that is set.
	Domain string
	// Site is our site in Active Directory: its controllers are asked first.
	// Empty: what a controller says that it is.
	Site string
	// ControllerDomains are further domains that Domain's controllers may have
	// their names in. DNS alone does not make a host one of ours.
	ControllerDomains []string
	// Resolver finds controllers and their addresses. Empty: the system's.
	Resolver Resolver
	// BaseDNs are searched below. Empty: the server's default naming context.
	//lint:ignore ST1003 several DNs, not a DNS
	BaseDNs []string

	// Bind is the account: a DN, a UPN (sync@example.com) or DOMAIN\name. With
	// Kerberos, the principal's name without its realm.
	Bind string
	// Password of the account.
	Password Secret
	// Anonymous binds nobody. It must be asked for, since a forgotten account
	// would read as an almost empty directory.
	Anonymous bool
	// Certificate binds by SASL EXTERNAL with a client certificate.
	Certificate *ClientCertificate
	// Kerberos binds by SASL GSSAPI.
	Kerberos *Kerberos

	// StartTLS turns an ldap:// connection into TLS before anything else. A
	// server that refuses it is an error.
	StartTLS bool
	// CAFile holds the certificates (PEM) to trust. With CAs empty too: those
	// of the system.
	CAFile string
	// CAs to trust, beside those of CAFile.
	CAs *x509.CertPool
	// ServerName is the name that each server's certificate must have. Empty:
	// the server's own, which is the one to want. It does not go with Domain.
	ServerName string
	// AllowInsecure lets a password go over a connection without TLS, where
	// everybody on the way can read it.
	AllowInsecure bool

	// PageSize is the number of entries asked for at once. Default 500.
	PageSize int
	// MaxPageBytes bounds what the server may send for one page, so that
	// memory stays bounded. Default 64 MiB.
	MaxPageBytes int64
	// DialTimeout bounds connecting, TLS and binding, each. Default 15 s.
	DialTimeout time.Duration
	// PageTimeout bounds the wait for one page. Default 2 minutes.
	PageTimeout time.Duration
	// ReadTimeout bounds a whole read, what is done with it included. Default
	// 6 hours.
	ReadTimeout time.Duration
	// LagLimit is how long a server that has not yet received what was read
	// before is not read at all. After that, what it shows counts as a read
	// that is not to be believed until a person accepts it. Default 24 hours.
	LagLimit time.Duration

	// AnchorAttribute lists what may identify an object for good; the first
	// that an object has, counts. Empty: objectGUID on Active Directory,
	// entryUUID elsewhere, if the schema has them.
	AnchorAttribute []string
	// Filters replace the built-in filter of a kind.
	Filters map[adsync.Kind]string

	// Delta is how to learn what changed since the last read. The zero value
	// takes the best way that server and account allow; another one is taken
	// or nothing, and then everything is read each time.
	Delta Delta
	// SweepEvery is how often a way that cannot see who left is joined by a
	// look at all objects in scope. Default 24 h.
	SweepEvery time.Duration
	// Overlap is how far a way that goes by the clock reaches back behind the
	// last read. Default 10 minutes.
	Overlap time.Duration

	memory memory
	mu     sync.Mutex
	open   map[*conn]struct{}
}

// ClientCertificate names the files (PEM) of a certificate and its key.
type ClientCertificate struct{ CertFile, KeyFile string }

// Kerberos says how to get a ticket. The password is the Source's; a keytab
// takes its place.
type Kerberos struct {
	// Realm of the account, in capitals. Empty: the default realm of the
	// configuration.
	Realm string
	// ConfigFile is the krb5.conf to use. Empty: /etc/krb5.conf.
	ConfigFile string
	// Keytab is a file with the account's keys.
	Keytab string
	// Service is the server's principal. Empty: ldap/ and the server's name.
	Service string
}

var (
	_ adsync.Source    = (*Source)(nil)
	_ adsync.Validator = (*Source)(nil)
	_ adsync.Opener    = (*Source)(nil)
	_ adsync.Checker   = (*Source)(nil)
)

func (s *Source) pageSize() int {
	if s.PageSize > 0 {
		return s.PageSize
	}
	return 500
}

func (s *Source) maxPageBytes() int64 {
	if s.MaxPageBytes > 0 {
		return s.MaxPageBytes
	}
	return 64 << 20
}

func (s *Source) dialTimeout() time.Duration {
	if s.DialTimeout > 0 {
		return s.DialTimeout
	}
	return 15 * time.Second
}

func (s *Source) sweepEvery() time.Duration {
	if s.SweepEvery > 0 {
		return s.SweepEvery
	}
	return 24 * time.Hour
}

func (s *Source) overlap() time.Duration {
	if s.Overlap > 0 {
		return s.Overlap
	}
	return 10 * time.Minute
}

func (s *Source) pageTimeout() time.Duration {
	if s.PageTimeout > 0 {
		return s.PageTimeout
	}
	return 2 * time.Minute
}
