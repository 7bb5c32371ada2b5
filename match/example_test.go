package match_test

import (
	"fmt"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/match"
)

func ExamplePanel() {
	o := adsync.Object{Kind: adsync.User, Anchor: "6f9619ff-8b86-4011-b42d-00c04fc964ff"}
	o.Attrs.Set("logon", "Ada@example.com")
	o.Attrs.Set("email", "Ada.Lovelace@example.com")
	for _, k := range match.Panel().Keys(o) {
		fmt.Println(k.Rung, k.Attr, k.Value)
	}
	// Output:
	// 2 externalId 6f9619ff-8b86-4011-b42d-00c04fc964ff
	// 3 logon ada@example.com
	// 5 email ada.lovelace@example.com
}

// A ladder of one's own: contacts only by e-mail, people by name as well.
func ExampleLadder() {
	ladder := match.Ladder(match.ExternalID(), match.Email(adsync.Contact), match.Name())
	o := adsync.Object{Kind: adsync.User}
	o.Attrs.Set("firstName", "José")
	o.Attrs.Set("lastName", "O'Neil")
	fmt.Println(ladder.Keys(o))
	// Output:
	// [{4 name josé//oneil}]
}

func ExampleNormalize() {
	fmt.Println(match.Normalize("Jean-Luc"), match.Normalize("STRASSER") == match.Normalize("Straßer"))
	// Output:
	// jeanluc true
}

// Without a mark of ours, an e-mail address and a name, in this order.
func ExampleAutotask() {
	o := adsync.Object{Kind: adsync.Contact, Anchor: "c-17"}
	o.Attrs.Set("email", "Grace@example.com")
	o.Attrs.Set("firstName", "Grace")
	o.Attrs.Set("lastName", "Hopper")
	for _, k := range match.Autotask().Keys(o) {
		fmt.Println(k.Attr, k.Value)
	}
	// Output:
	// externalId c-17
	// email grace@example.com
	// name grace//hopper
}

func ExamplePersonName() {
	fmt.Println(match.PersonName("Ada", "", "Lovelace") == match.PersonName("ADA", " ", "Lovelace"))
	fmt.Printf("%q\n", match.PersonName("Ada", "", ""))
	// Output:
	// true
	// ""
}
