package ldap

import (
	"fmt"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
)

// Well-known objects (administrators, built-in groups, the controllers' unit)
// are marked isCriticalSystemObject; computers and trusts have another
// sAMAccountType (MS-SAMR 2.2.1.9) than people.
var filtersAD = map[adsync.Kind]string{
	adsync.User:               "(&(sAMAccountType=805306368)(!(isCriticalSystemObject=TRUE)))",
	adsync.Group:              "(&(objectClass=group)(!(isCriticalSystemObject=TRUE)))",
	adsync.Contact:            "(objectClass=contact)",
	adsync.OrganizationalUnit: "(objectClass=organizationalUnit)",
}

// On other servers a filter must not say what to leave out: (!(objectClass=x))
// matches nothing at all where the class is not known (RFC 4511, section
// 4.5.1.7). What an entry is, is therefore told from its classes once more.
var filtersOther = map[adsync.Kind]string{
	adsync.User:               "(|(objectClass=inetOrgPerson)(objectClass=person)(objectClass=posixAccount))",
	adsync.Group:              "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)(objectClass=group))",
	adsync.Contact:            "(objectClass=contact)",
	adsync.OrganizationalUnit: "(objectClass=organizationalUnit)",
}

// kindFilter gives the filter of a kind.
func (s *Source) kindFilter(kind adsync.Kind, ad bool) string {
	if f := s.Filters[kind]; f != "" {
		return parenthesised(f)
	}
	if ad {
		return filtersAD[kind]
	}
	return filtersOther[kind]
}

// and joins filters; empty ones are left out.
func and(filters ...string) string {
	var b strings.Builder
	n := 0
	for _, f := range filters {
		if f != "" {
			b.WriteString(parenthesised(f))
			n++
		}
	}
	if n == 1 {
		return b.String()
	}
	return "(&" + b.String() + ")"
}

// anyOf matches any of the values; at least one must be given.
func anyOf(name string, values []string) string {
	var b strings.Builder
	for _, v := range values {
		b.WriteString(equals(name, v))
	}
	if len(values) == 1 {
		return b.String()
	}
	return "(|" + b.String() + ")"
}

// equals matches a value, whatever bytes it holds (RFC 4515, section 3).
func equals(name, value string) string { return "(" + name + "=" + escape(value) + ")" }

// escape writes every byte that is not a plain letter, digit or one of a few
// harmless signs as \XX, so that no value can end its filter.
func escape(value string) string {
	if protection.Escaping.Removed() {
		return value
	}
	var b strings.Builder
	for i := range len(value) {
		c := value[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_' || c == '@' || c == '=' || c == ',' {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, `\%02x`, c)
	}
	return b.String()
}

// parenthesised lets people write department=Sales.
func parenthesised(filter string) string {
	if f := strings.TrimSpace(filter); f != "" && !strings.HasPrefix(f, "(") {
		return "(" + f + ")"
	}
	return strings.TrimSpace(filter)
}

// checkFilter judges a filter from a configuration.
func checkFilter(which, filter string) error {
	if _, err := goldap.CompileFilter(parenthesised(filter)); err != nil {
		return invalid("%s does not parse: %q: %v; see RFC 4515, an example is (department=Sales)", which, filter, err)
	}
	if name, ok := forbiddenIn(filter); ok {
		return forbidden(name)
	}
	return nil
}
