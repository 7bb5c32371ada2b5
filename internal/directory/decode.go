package directory

import (
	"strconv"
	"unicode/utf8"
)

// pwdAccountLockedTime holds foreverLocked where an administrator has to
// unlock the account.
const (
	lockedTimeAttribute = "pwdAccountLockedTime"
	foreverLocked       = "000001010000Z"
)

// derivation is an attribute made from others.
type derivation struct {
	needs  []string
	decode decoder
}

// derived lists the attributes that the directory has not, or not so.
var derived = map[string]derivation{
	"dn":                {nil, func(e entry) ([]string, bool, error) { return one(e.dn.String()) }},
	"distinguishedname": {nil, func(e entry) ([]string, bool, error) { return one(e.dn.String()) }},
	"container":         {nil, func(e entry) ([]string, bool, error) { return one(e.dn.Parent().String()) }},
	"accountenabled":    {[]string{"userAccountControl", lockedTimeAttribute}, accountEnabled},
	"primarymail":       {[]string{"proxyAddresses", "mail"}, primaryMail},
	"mailaliases":       {[]string{"proxyAddresses"}, mailAliases},
	"groupscope":        {[]string{"groupType"}, groupScope},
	"groupsecurity":     {[]string{"groupType"}, groupIsSecurity},
	"entryuuid":         {[]string{"entryUUID"}, entryUUID},
}

// one is a value, or absence where there is none.
func one(value string) ([]string, bool, error) { return []string{value}, value != "", nil }

// flag is one for a condition.
func flag(name string, value bool, err error) ([]string, bool, error) {
	if err != nil {
		return nil, false, invalid(name, "%v", err)
	}
	return one(strconv.FormatBool(value))
}

// accountEnabled never guesses: without userAccountControl it is absent. A
// server with the password policy of draft-behera-ldap-password-policy, such
// as OpenLDAP, marks an account that is locked for good.
func accountEnabled(e entry) ([]string, bool, error) {
	if value := e.raw.Get("userAccountControl"); value != "" {
		enabled, err := AccountEnabled(value)
		return flag("userAccountControl", enabled, err)
	}
	if e.raw.Get(lockedTimeAttribute) == foreverLocked {
		return one("false")
	}
	return nil, false, nil
}

func groupScope(e entry) ([]string, bool, error) {
	value := e.raw.Get("groupType")
	if value == "" {
		return nil, false, nil
	}
	scope, err := GroupScope(value)
	if err != nil {
		return nil, false, invalid("groupType", "%v", err)
	}
	return one(scope)
}

func groupIsSecurity(e entry) ([]string, bool, error) {
	value := e.raw.Get("groupType")
	if value == "" {
		return nil, false, nil
	}
	security, err := GroupSecurity(value)
	return flag("groupType", security, err)
}

func primaryMail(e entry) ([]string, bool, error) {
	addresses, _, err := textOf("proxyAddresses")(e)
	if err != nil {
		return nil, false, err
	}
	if primary, _ := ProxyAddresses(addresses); primary != "" {
		return one(primary)
	}
	mail, _, err := textOf("mail")(e)
	if err != nil || len(mail) == 0 {
		return nil, false, err
	}
	return one(mail[0])
}

func mailAliases(e entry) ([]string, bool, error) {
	addresses, _, err := textOf("proxyAddresses")(e)
	_, aliases := ProxyAddresses(addresses)
	return aliases, len(aliases) > 0, err
}

func entryUUID(e entry) ([]string, bool, error) {
	value := e.raw.Get("entryUUID")
	if value == "" {
		return nil, false, nil
	}
	uuid, ok := ParseUUID(value)
	if !ok {
		return nil, false, invalid("entryUUID", "it is no UUID")
	}
	return one(uuid)
}

// textOf gives values that must be UTF-8.
func textOf(name string) decoder {
	return func(e entry) ([]string, bool, error) {
		values := e.raw.Values(name)
		for _, v := range values {
			if !utf8.ValidString(v) {
				return nil, false, invalid(name, "a value is not UTF-8; correct it in the directory, or ask for it as binary")
			}
		}
		return values, len(values) > 0 || e.raw.Has(name), nil
	}
}

// bytesOf gives values as they are.
func bytesOf(name string) decoder {
	return func(e entry) ([]string, bool, error) { return e.raw.Values(name), e.raw.Has(name), nil }
}

// each decodes value by value. Values that say nothing are left out.
func each(name string, text func(string) (string, error)) decoder {
	return func(e entry) ([]string, bool, error) {
		var out []string
		for _, v := range e.raw.Values(name) {
			s, err := text(v)
			if err != nil {
				return nil, false, invalid(name, "%v", err)
			}
			if s != "" {
				out = append(out, s)
			}
		}
		return out, len(out) > 0, nil
	}
}

func identifiersOf(name, key string) decoder {
	return each(name, func(v string) (string, error) { return identifierText(key, v) })
}

func timesOf(name string) decoder { return each(name, FiletimeText) }
