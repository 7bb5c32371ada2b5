package ldap

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// Validate names every fault of the configuration, without any I/O.
func (s *Source) Validate() error {
	return errors.Join(s.validateAddress(), s.validateBind(), s.validateSearch())
}

func invalid(format string, args ...any) error {
	return adsync.Errorf(adsync.CodeInvalid, "ldap: "+format, args...)
}

func (s *Source) validateAddress() error {
	if s.Domain != "" {
		return s.validateDomain()
	}
	if s.URL == "" {
		return invalid("URL is empty: give the server's address, such as ldaps://dc1.example.com, or Domain, to find it by DNS")
	}
	if s.Site != "" || len(s.ControllerDomains) > 0 {
		return invalid("Site and ControllerDomains are about servers that DNS names; they go with Domain and not with URL")
	}
	var faults []error
	for _, address := range s.servers() {
		if _, err := s.parseURL(address); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// servers are the addresses that are configured; with Domain there are none.
func (s *Source) servers() []string {
	if s.Domain != "" {
		return nil
	}
	return append([]string{s.URL}, s.Alternates...)
}

func (s *Source) validateDomain() error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, invalid(format, args...))
		}
	}
	fault(s.URL != "" || len(s.Alternates) > 0, "URL and Domain are both set; choose one")
	fault(s.ServerName != "", "ServerName does not go with Domain: each controller has a certificate for its own name")
	for _, domain := range append([]string{s.Domain}, s.ControllerDomains...) {
		name := strings.ToLower(strings.TrimSuffix(domain, "."))
		fault(!isHostName(name) || !strings.Contains(name, "."), "%q is no domain such as example.com", domain)
	}
	fault(s.Site != "" && !isHostName(strings.ToLower(s.Site)), "Site %q is no site's name", s.Site)
	return errors.Join(faults...)
}

func (s *Source) parseURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || (u.Path != "" && u.Path != "/") || u.User != nil || u.RawQuery != "" {
		// The text is not repeated: it may hold a password by mistake.
		return nil, invalid("a server's address is not of the form ldaps://host or ldaps://host:port")
	}
	switch u.Scheme {
	case "ldaps":
		if s.StartTLS {
			return nil, invalid("%s: StartTLS goes with ldap://, ldaps:// is TLS from the start; use one of them", u.Host)
		}
	case "ldap":
		if !s.StartTLS && !s.AllowInsecure && !s.Anonymous {
			return nil, invalid("%s: ldap:// without StartTLS would send the password in clear; use ldaps:// or set StartTLS", u.Host)
		}
	default:
		return nil, invalid("%s: the scheme is %q; use ldaps:// or ldap://", u.Host, u.Scheme)
	}
	return u, nil
}

func (s *Source) validateBind() error {
	var faults []error
	fault := func(wrong bool, text string) {
		if wrong {
			faults = append(faults, invalid("%s", text))
		}
	}
	simple := s.Certificate == nil && s.Kerberos == nil && !s.Anonymous
	fault(s.Certificate != nil && s.Kerberos != nil, "Certificate and Kerberos are both set; choose one way to bind")
	fault(s.Anonymous && (s.Bind != "" || s.Certificate != nil || s.Kerberos != nil), "Anonymous is set together with an account; choose one")
	fault(simple && s.Bind == "", "Bind is empty: name the account to read with, or set Anonymous")
	fault(simple && s.Bind != "" && s.Password.IsZero(), "Password is not set; use SecretFile, SecretEnv or SecretFunc")
	fault(s.Certificate != nil && (s.Certificate.CertFile == "" || s.Certificate.KeyFile == ""), "Certificate needs CertFile and KeyFile")
	fault(s.Kerberos != nil && s.Bind == "", "Kerberos needs Bind, the name of the principal")
	fault(s.Kerberos != nil && s.Kerberos.Keytab == "" && s.Password.IsZero(), "Kerberos needs a Password or a Keytab")
	// go-ldap has no SASL signing or sealing, so only TLS protects what follows the bind.
	tls := s.StartTLS || !slices.ContainsFunc(s.servers(), func(a string) bool { return !strings.HasPrefix(strings.ToLower(a), "ldaps:") })
	fault((s.Certificate != nil || s.Kerberos != nil) && !tls, "Certificate and Kerberos need TLS: use ldaps:// or set StartTLS")
	return errors.Join(faults...)
}

func (s *Source) validateSearch() error {
	var faults []error
	for _, base := range s.BaseDNs {
		if _, err := directory.ParseDN(base); err != nil {
			faults = append(faults, invalid("BaseDNs: %q is no distinguished name: %v", base, err))
		}
	}
	for kind, filter := range s.Filters {
		if err := checkFilter(fmt.Sprintf("the filter for kind %s", kind), filter); err != nil {
			faults = append(faults, err)
		}
	}
	for _, name := range s.AnchorAttribute {
		if err := checkName(name); err != nil {
			faults = append(faults, err)
		}
	}
	if s.PageSize < 0 || s.MaxPageBytes < 0 || s.DialTimeout < 0 || s.PageTimeout < 0 || s.ReadTimeout < 0 || s.LagLimit < 0 || s.SweepEvery < 0 || s.Overlap < 0 {
		faults = append(faults, invalid("PageSize, MaxPageBytes, LagLimit, SweepEvery, Overlap and the timeouts cannot be negative"))
	}
	if s.Delta != DeltaAuto && s.Delta != DeltaOff && !slices.Contains(deltas, s.Delta) {
		faults = append(faults, invalid("Delta is %q; leave it empty, or use full or one of %v", string(s.Delta), deltas))
	}
	return errors.Join(faults...)
}
