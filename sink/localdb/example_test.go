package localdb_test

import (
	"context"
	"fmt"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/localdb"
)

func ExampleSink() {
	ctx := context.Background()
	people := &localdb.Sink{Path: ":memory:"} // a file's path, outside of examples
	if err := people.Open(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer people.Close()

	op := adsync.Op{Verb: adsync.Put, Kind: adsync.User, Source: "corp", Anchor: "3f2504e0-4f89-11d3-9a0c-0305e82c3301"}
	op.Set.Set("logon", "ada@example.com")
	op.Set.Set("title", "Engineer")
	fmt.Println(people.Apply(ctx, op))
	fmt.Println(people.Apply(ctx, op)) // as after an answer that was lost
	for person, err := range people.List(ctx, adsync.User) {
		fmt.Println(person.ID, person.Attrs.Get("logon"), person.Attrs.Get("title"), err)
	}
	// Output:
	// {user:1 created []} <nil>
	// {user:1 linked []} <nil>
	// user:1 ada@example.com Engineer <nil>
}

// A customer's own table is described column by column. Check says what it lacks.
func ExampleTable() {
	sink := &localdb.Sink{
		Path: "crm.db",
		Tables: map[adsync.Kind]localdb.Table{
			adsync.User: {
				Name: "people", Key: "id", ExternalID: "ad_guid", Active: "enabled",
				Columns: map[string]localdb.Column{
					"logon": {Name: "login", Required: true, Unique: true},
					"email": {Name: "mail", Length: 200, Unique: true},
				},
			},
		},
	}
	fmt.Println(sink.Validate())
	// Output: <nil>
}
