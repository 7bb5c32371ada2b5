package simtest

import "github.com/adsync/sdk/adsync"

// systemSchema is what the target accepts, as the line that makes the world
// says.
func systemSchema(world Step) adsync.Schema {
	person := map[string]adsync.AttributeSchema{
		"email": {}, "displayName": {Naming: true}, "title": {MaxLength: 100}, "phone": {}, adsync.AttrActive: {}, "manager": {Reference: true},
	}
	user := map[string]adsync.AttributeSchema{"logon": {Required: true, Unique: true, Naming: true}}
	for name, a := range person {
		user[name] = a
	}
	user["email"] = adsync.AttributeSchema{Unique: true}
	named := map[string]adsync.AttributeSchema{"name": {Required: true, Naming: true}, "description": {}}
	return adsync.Schema{
		Kinds: map[adsync.Kind]adsync.KindSchema{
			adsync.User:               {Attributes: user, Deactivate: true, Delete: true},
			adsync.Contact:            {Attributes: person, Deactivate: true, Delete: true},
			adsync.Group:              {Attributes: named, Delete: true, MemberKinds: []adsync.Kind{adsync.User, adsync.Contact, adsync.Group}},
			adsync.OrganizationalUnit: {Attributes: named, Delete: true},
		},
		MaxBatch: world.number("batch", 4), InFlight: world.number("flight", 1),
		Replay: map[string]adsync.Replay{"keyed": adsync.ReplayKeyed, "external": adsync.ReplayByExternalID}[world.get("replay", "keyed")],
		Swap:   map[string]adsync.Swap{"atomic": adsync.SwapAtomic, "park": adsync.SwapPark}[world.get("swap", "park")],
		// A target that decides recognises its own objects by the anchor.
		TargetDecides: world.get("decides", "no") == "yes",
	}
}
