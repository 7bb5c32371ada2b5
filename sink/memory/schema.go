package memory

import "github.com/adsync/sdk/adsync"

// AttrExternalID is the attribute in which the sink keeps op.Anchor.
const AttrExternalID = "externalId"

// DefaultSchema has all four kinds with the canonical attributes. The logon
// and the e-mail address of users are unique; a user needs a logon, a group
// and an organizational unit need a name. Repeats are recognised by external
// id, and exchanges are atomic. Each call gives a value of its own.
func DefaultSchema() adsync.Schema {
	return adsync.Schema{
		Kinds: map[adsync.Kind]adsync.KindSchema{
			adsync.User:               kind(userAttributes()),
			adsync.Contact:            kind(contactAttributes()),
			adsync.Group:              kind(groupAttributes()),
			adsync.OrganizationalUnit: kind(unitAttributes()),
		},
		MaxBatch: 500,
		Replay:   adsync.ReplayByExternalID,
		Swap:     adsync.SwapAtomic,
	}
}

func kind(attrs map[string]adsync.AttributeSchema) adsync.KindSchema {
	attrs[AttrExternalID] = adsync.AttributeSchema{ReadOnly: true, CaseExact: true}
	attrs[adsync.AttrActive] = adsync.AttributeSchema{MaxLength: 5}
	return adsync.KindSchema{
		Attributes:  attrs,
		Deactivate:  true,
		Delete:      true,
		MemberKinds: []adsync.Kind{adsync.User, adsync.Contact, adsync.Group},
	}
}

// personAttributes are those that users and contacts share.
func personAttributes() map[string]adsync.AttributeSchema {
	attrs := plain(256, "firstName", "middleName", "lastName", "title", "department", "company", "office",
		"city", "state", "zip", "country", "phone", "mobile", "fax", "otherPhone")
	attrs["displayName"] = adsync.AttributeSchema{MaxLength: 256, Naming: true}
	attrs["email"] = adsync.AttributeSchema{MaxLength: 256}
	attrs["street"] = adsync.AttributeSchema{MaxLength: 1024}
	attrs["description"] = adsync.AttributeSchema{MaxLength: 1024}
	attrs["aliases"] = adsync.AttributeSchema{MaxLength: 1123, Multi: true}
	attrs["manager"] = adsync.AttributeSchema{Reference: true}
	return attrs
}

func userAttributes() map[string]adsync.AttributeSchema {
	attrs := personAttributes()
	attrs["logon"] = adsync.AttributeSchema{Required: true, MaxLength: 1024, Unique: true, Naming: true}
	attrs["email"] = adsync.AttributeSchema{MaxLength: 256, Unique: true}
	attrs["samName"] = adsync.AttributeSchema{MaxLength: 256}
	attrs["employeeId"] = adsync.AttributeSchema{MaxLength: 256}
	return attrs
}

func contactAttributes() map[string]adsync.AttributeSchema { return personAttributes() }

func groupAttributes() map[string]adsync.AttributeSchema {
	attrs := plain(256, "displayName", "email", "samName")
	attrs["name"] = adsync.AttributeSchema{Required: true, MaxLength: 256, Naming: true}
	attrs["description"] = adsync.AttributeSchema{MaxLength: 1024}
	attrs["manager"] = adsync.AttributeSchema{Reference: true}
	return attrs
}

func unitAttributes() map[string]adsync.AttributeSchema {
	attrs := plain(1024, "displayName", "description", "distinguishedName")
	attrs["name"] = adsync.AttributeSchema{Required: true, MaxLength: 256, Naming: true}
	attrs["parent"] = adsync.AttributeSchema{Reference: true}
	return attrs
}

func plain(length int, names ...string) map[string]adsync.AttributeSchema {
	attrs := map[string]adsync.AttributeSchema{}
	for _, n := range names {
		attrs[n] = adsync.AttributeSchema{MaxLength: length}
	}
	return attrs
}
