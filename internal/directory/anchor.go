package directory

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/adsync/sdk/adsync"
)

// DefaultAnchors are the attributes tried where none are configured.
var DefaultAnchors = []string{"objectGUID", "entryUUID"}

// Anchor takes the anchor from the first attribute of the list that the entry
// has. GUIDs become text, UUIDs lower case; anything else is taken as it is.
func Anchor(attributes []string, raw adsync.Attributes) (adsync.Anchor, error) {
	for _, name := range attributes {
		values := raw.Values(name)
		if len(values) == 0 || values[0] == "" {
			continue
		}
		if len(values) > 1 {
			return "", invalid(name, "it has %d values and cannot name an object", len(values))
		}
		return anchorOf(name, values[0])
	}
	return "", adsync.Errorf(adsync.CodeInvalid,
		"the entry has none of the anchor attributes %s; let the account read them, or name another attribute", strings.Join(attributes, ", "))
}

func anchorOf(name, value string) (adsync.Anchor, error) {
	key := lowerASCII(name)
	if guids[key] || sids[key] {
		text, err := identifierText(key, value)
		if err != nil {
			return "", invalid(name, "%v", err)
		}
		return adsync.Anchor(text), nil
	}
	if !utf8.ValidString(value) {
		return "", invalid(name, "it is not UTF-8 and cannot name an object")
	}
	if uuid, ok := ParseUUID(value); ok {
		value = uuid
	}
	return adsync.Anchor(value), nil
}

// identifierText gives the text of a GUID or SID. One that is text already, as
// some exports have it, is accepted.
func identifierText(key, value string) (string, error) {
	if sids[key] {
		if strings.HasPrefix(value, "S-1-") && utf8.ValidString(value) {
			return value, nil
		}
		return SID(value)
	}
	if uuid, ok := ParseUUID(value); ok {
		return uuid, nil
	}
	return GUID(value)
}

// invalid is an error about one attribute. Its text holds no value.
func invalid(name, format string, args ...any) *adsync.Error {
	err := adsync.Errorf(adsync.CodeInvalid, "attribute %s: %w", name, fmt.Errorf(format, args...))
	err.Attr = name
	return err
}
