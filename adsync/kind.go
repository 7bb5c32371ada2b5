package adsync

import "fmt"

// Kind says what an object is.
type Kind uint8

// The kinds of objects. The zero Kind is invalid.
const (
	User Kind = iota + 1
	Group
	Contact
	OrganizationalUnit
)

var kindNames = [...]string{User: "user", Group: "group", Contact: "contact", OrganizationalUnit: "organizational-unit"}

// String gives "user", "group", "contact" or "organizational-unit".
func (k Kind) String() string {
	if !k.valid() {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return kindNames[k]
}

func (k Kind) valid() bool { return k != 0 && int(k) < len(kindNames) }

// MarshalText writes the name that String gives.
func (k Kind) MarshalText() ([]byte, error) {
	if !k.valid() {
		return nil, fmt.Errorf("adsync: %s is no kind of object", k)
	}
	return []byte(k.String()), nil
}

// UnmarshalText reads the name that String gives.
func (k *Kind) UnmarshalText(text []byte) error {
	kind, err := ParseKind(string(text))
	if err == nil {
		*k = kind
	}
	return err
}

// ParseKind reads the name that [Kind.String] gives.
func ParseKind(name string) (Kind, error) {
	for k, n := range kindNames {
		if n == name && n != "" {
			return Kind(k), nil
		}
	}
	return 0, fmt.Errorf("adsync: %q is no kind of object; use user, group, contact or organizational-unit", name)
}
