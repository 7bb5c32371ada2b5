package directory_test

import (
	"fmt"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

func ExampleSelection() {
	selection := directory.Select([]string{"givenName", "accountEnabled", "primaryMail", "manager"})
	fmt.Println("read:", selection.Raw())

	name, err := directory.ParseDN("CN=Ada Lovelace,OU=People,DC=example,DC=com")
	if err != nil {
		fmt.Println(err)
		return
	}
	decoded, err := selection.Decode(name, adsync.MakeAttributes(
		adsync.Attribute{Name: "givenName", Values: []string{"Ada"}},
		adsync.Attribute{Name: "userAccountControl", Values: []string{"514"}},
		adsync.Attribute{Name: "proxyAddresses", Values: []string{"SMTP:ada@example.com", "smtp:al@example.com"}},
		adsync.Attribute{Name: "manager", Values: []string{"CN=Charles Babbage,OU=People,DC=example,DC=com"}},
	))
	if err != nil {
		fmt.Println(err)
		return
	}
	for name, values := range decoded.Attrs.All() {
		fmt.Println(name, values)
	}
	fmt.Println("manager is", decoded.Refs["manager"][0])
	// Output:
	// read: [givenName mail manager proxyAddresses pwdAccountLockedTime userAccountControl]
	// accountEnabled [false]
	// givenName [Ada]
	// primaryMail [ada@example.com]
	// manager is CN=Charles Babbage,OU=People,DC=example,DC=com
}
