package ldap

import (
	"cmp"
	"context"
	"net"
	"slices"
	"time"
)

// Resolver finds servers by name. A *net.Resolver is one.
type Resolver interface {
	// LookupSRV gives the records of _service._proto.name (RFC 2782).
	LookupSRV(ctx context.Context, service, proto, name string) (cname string, records []*net.SRV, err error)
	// LookupHost gives the addresses of a host.
	LookupHost(ctx context.Context, host string) (addresses []string, err error)
}

func (s *Source) resolver() Resolver {
	if s.Resolver != nil {
		return s.Resolver
	}
	return net.DefaultResolver
}

// maxAddresses bounds the addresses of one host that are tried.
const maxAddresses = 8

// dial connects to a controller and notes at which of its addresses. A name may
// stand for several machines, which do not hold the same at every instant: the
// address that answered last is tried first.
func (s *Source) dial(ctx context.Context, to *controller) (net.Conn, error) {
	addresses, err := s.addresses(ctx, *to)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: s.dialTimeout() / time.Duration(max(1, len(addresses)))}
	var first error
	for _, ip := range addresses {
		raw, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(ip, to.port))
		if err == nil {
			to.ip = ip
			return raw, nil
		}
		first = cmp.Or(first, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}

func (s *Source) addresses(ctx context.Context, of controller) ([]string, error) {
	if of.ip != "" {
		return []string{of.ip}, nil
	}
	if net.ParseIP(of.host) != nil {
		return []string{of.host}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.dialTimeout())
	defer cancel()
	found, err := s.resolver().LookupHost(ctx, of.host)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &net.DNSError{Err: "it has no address", Name: of.host, IsNotFound: true}
	}
	last := s.memory.addressOf(of)
	found = slices.Clone(found)
	slices.SortStableFunc(found, func(a, b string) int { return -cmp.Compare(same(a, last), same(b, last)) })
	return found[:min(len(found), maxAddresses)], nil
}

func same(a, b string) int {
	if a == b {
		return 1
	}
	return 0
}
