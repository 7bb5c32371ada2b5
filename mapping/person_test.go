package mapping_test

import (
	"github.com/adsync/sdk/adsync"
)

// object makes an object of name and value pairs. A name that stands several
// times has several values.
func object(kind adsync.Kind, pairs ...string) adsync.Object {
	o := adsync.Object{Kind: kind, Anchor: "6f9619ff-8b86-4011-b42d-00c04fc964ff", Container: "OU=People,DC=example,DC=com"}
	for i := 0; i < len(pairs); i += 2 {
		values := append([]string(nil), o.Attrs.Values(pairs[i])...)
		o.Attrs.Set(pairs[i], append(values, pairs[i+1])...)
	}
	return o
}

// ada is a person with the attributes that the ready map for Active Directory
// asks for, about as long as they are in life.
func ada() adsync.Object {
	return object(adsync.User,
		"accountEnabled", "true",
		"accountExpires", "2031-01-31T00:00:00Z",
		"c", "GB",
		"cn", "Lovelace, Ada",
		"co", "United Kingdom",
		"company", "Analytical Engines Ltd",
		"department", "Research",
		"displayName", "Ada Lovelace",
		"facsimileTelephoneNumber", "+44 20 7946 0002",
		"givenName", "Ada",
		"initials", "AK",
		"l", "London",
		"mail", "ada.lovelace@example.com",
		"mailAliases", "countess@example.com",
		"mailAliases", "ada@example.com",
		"mobile", "+44 7700 900001",
		"physicalDeliveryOfficeName", "12 St James's Square",
		"postalCode", "SW1Y 4JH",
		"primaryMail", "Ada.Lovelace@example.com",
		"sAMAccountName", "ada",
		"sn", "Lovelace",
		"st", "Greater London",
		"streetAddress", "12 St James's Square\r\nSecond floor",
		"telephoneNumber", "+44 20 7946 0001",
		"title", "Analyst",
		"userPrincipalName", "ada@example.com",
	)
}
