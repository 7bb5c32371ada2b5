package directory

import (
	"slices"
	"strings"
)

// ProxyAddresses takes the SMTP addresses out of proxyAddresses. The prefix
// SMTP: in capitals marks the primary one, smtp: the others; other kinds such
// as X500: and sip: are left out. The aliases are sorted, since values come in
// no order, and hold each address once, whatever its case. Of several primary
// addresses, which Active Directory does not prevent, the first in order is
// taken and the others become aliases.
func ProxyAddresses(values []string) (primary string, aliases []string) {
	var primaries []string
	for _, v := range values {
		kind, address, _ := strings.Cut(v, ":")
		if !strings.EqualFold(kind, "smtp") || address == "" {
			continue
		}
		if kind == "SMTP" {
			primaries = append(primaries, address)
		} else {
			aliases = append(aliases, address)
		}
	}
	slices.Sort(primaries)
	if len(primaries) > 0 {
		primary = primaries[0]
		aliases = append(aliases, primaries[1:]...)
	}
	return primary, distinct(aliases, primary)
}

// distinct sorts addresses and drops those that differ by case only.
func distinct(addresses []string, but string) []string {
	slices.SortFunc(addresses, func(a, b string) int {
		if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	addresses = slices.CompactFunc(addresses, strings.EqualFold)
	return slices.DeleteFunc(addresses, func(a string) bool { return strings.EqualFold(a, but) })
}
