package ldap

import (
	"context"

	"github.com/adsync/sdk/adsync"
)

// Check tries, without reading more than a page, what a read needs: the
// connection, the bind, the bases, the anchor, and the rights to read people
// and their userAccountControl. The error says what failed and what worked
// before it.
func (s *Source) Check(ctx context.Context) error {
	rd, err := s.begin(ctx, adsync.ReadRequest{Kinds: []adsync.Kind{adsync.OrganizationalUnit}})
	if err != nil {
		return err
	}
	defer rd.close()
	for _, b := range rd.bases {
		if err := rd.checkBase(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (rd *reading) checkBase(ctx context.Context, b searchBase) error {
	attrs := append([]string{"userAccountControl"}, rd.anchors...)
	page, _, err := rd.c.page(ctx, rd.query(b.dn.String(), rd.filter(adsync.User), attrs))
	if err != nil {
		return err
	}
	if len(page) == 0 {
		return adsync.Errorf(adsync.CodeDenied, "ldap: connected to %s and bound as %s, the base %s is there, but it shows no person: let the account read the objects below it, or correct BaseDNs and the filter", rd.c.host, rd.boundAs, b.dn)
	}
	anchored, controlled := 0, 0
	for i := range page {
		if _, err := rd.anchorOf(&page[i]); err == nil {
			anchored++
		}
		if page[i].value("userAccountControl") != "" {
			controlled++
		}
	}
	if anchored == 0 {
		return adsync.Errorf(adsync.CodeDenied, "ldap: bound as %s, but of %d people below %s none shows an anchor (%v): let the account read it, or set AnchorAttribute", rd.boundAs, len(page), b.dn, rd.anchors)
	}
	if rd.server.ad && controlled == 0 {
		return adsync.Errorf(adsync.CodeDenied, "ldap: bound as %s, but of %d people below %s none shows userAccountControl, so nobody could be told to be active: let the account read it", rd.boundAs, len(page), b.dn)
	}
	return nil
}
