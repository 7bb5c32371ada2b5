package ldap

import (
	"context"
	"strings"

	"github.com/adsync/sdk/internal/directory"
)

// About is what a server says of itself: enough to choose a mapping.
type About struct {
	// ActiveDirectory says that it is Active Directory, or Samba in its place.
	ActiveDirectory bool
	// BaseDN is the naming context that is read when BaseDNs is empty; "" when
	// the server names none or several.
	BaseDN string
	// Domain is the DNS name that BaseDN is made of (RFC 2247), such as
	// example.com for DC=example,DC=com; "" when it is made of something else.
	Domain string
}

// About connects, binds, and asks the server what it is. Its errors are those
// of Read.
func (s *Source) About(ctx context.Context) (About, error) {
	var v server
	c, err := s.connect(ctx, "", func(ctx context.Context, c *conn) (err error) {
		v, err = c.server(ctx)
		return err
	})
	if err != nil {
		return About{}, err
	}
	defer c.close()
	return About{ActiveDirectory: v.ad, BaseDN: v.byDefault, Domain: domainOf(v.byDefault)}, nil
}

// domainOf joins the domain components that a name ends with.
func domainOf(name string) string {
	dn, err := directory.ParseDN(name)
	if err != nil {
		return ""
	}
	var labels []string
	for ; !dn.IsRoot(); dn = dn.Parent() {
		attr, value, _ := strings.Cut(dn.RDN(), "=")
		if !strings.EqualFold(strings.TrimSpace(attr), "dc") {
			return ""
		}
		labels = append(labels, strings.ToLower(strings.TrimSpace(value)))
	}
	return strings.Join(labels, ".")
}
