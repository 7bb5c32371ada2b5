package directory

import (
	"errors"
	"strconv"
)

// Bits of userAccountControl (MS-ADTS 2.2.16).
const (
	AccountDisabled  = 0x0002
	InterdomainTrust = 0x0800
	WorkstationTrust = 0x1000
	ServerTrust      = 0x2000

	anyTrust = InterdomainTrust | WorkstationTrust | ServerTrust
)

// Bits of groupType (MS-ADTS 2.2.12).
const (
	groupGlobal      = 0x00000002
	groupDomainLocal = 0x00000004
	groupUniversal   = 0x00000008
	groupSecurity    = 0x80000000

	groupScopes = groupGlobal | groupDomainLocal | groupUniversal
)

// normalUserAccount is the sAMAccountType of people (MS-ADTS 2.2.1.3).
const normalUserAccount = 0x30000000

var errNoFlags = errors.New("not a whole number of 32 bits")

// flags reads a number of 32 bits, which servers write with a sign.
func flags(value string) (uint32, error) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < -1<<31 || n >= 1<<32 {
		return 0, errNoFlags
	}
	return uint32(n), nil
}

// AccountEnabled tells whether userAccountControl leaves the account usable.
func AccountEnabled(userAccountControl string) (bool, error) {
	f, err := flags(userAccountControl)
	return err == nil && f&AccountDisabled == 0, err
}

// GroupScope gives "global", "domain-local" or "universal" from groupType.
func GroupScope(groupType string) (string, error) {
	f, err := flags(groupType)
	if err != nil {
		return "", err
	}
	switch f & groupScopes {
	case groupGlobal:
		return "global", nil
	case groupDomainLocal:
		return "domain-local", nil
	case groupUniversal:
		return "universal", nil
	}
	return "", errors.New("a group type without one scope")
}

// GroupSecurity tells a security group from a distribution list.
func GroupSecurity(groupType string) (bool, error) {
	f, err := flags(groupType)
	return f&groupSecurity != 0, err
}
