// Command embed is a synchronisation inside a program of one's own: the body of
// synchronise is all there is to it. It reads its settings from the environment:
//
//	AD_URL=ldaps://dc1.example.com AD_BIND=sync@example.com AD_PASSWORD_FILE=./password \
//	AD_CA_FILE=./ca.pem go run ./examples/embed
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
	"github.com/adsync/sdk/mapping"
	"github.com/adsync/sdk/match"
	"github.com/adsync/sdk/sink/localdb"
	"github.com/adsync/sdk/source/ldap"
)

func main() {
	directory := &ldap.Source{
		URL: os.Getenv("AD_URL"), Bind: os.Getenv("AD_BIND"),
		Password: ldap.SecretFile(os.Getenv("AD_PASSWORD_FILE")), CAFile: os.Getenv("AD_CA_FILE"),
	}
	report, err := synchronise(context.Background(), directory, "people.db", "state.db")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %+v\n", report.Outcome, report.Counts)
}

// synchronise makes a database agree with a directory, and shows what it is
// going to do first. Apply refuses a plan that the guard refused.
func synchronise(ctx context.Context, directory adsync.Source, database, remembered string) (*adsync.Report, error) {
	store, err := state.Open(remembered)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	engine, err := adsync.New(adsync.Job{
		Target:   "people",
		Sources:  adsync.From("ad", directory),
		Mapper:   mapping.ActiveDirectory(mapping.Parameter("domain", "example.com")),
		Matcher:  match.Local(),
		Sink:     &localdb.Sink{Path: database},
		State:    store,
		Required: map[adsync.Kind][]string{adsync.User: {"firstName", "lastName", "email", "logon"}},
	})
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	plan, err := engine.Plan(ctx)
	if err != nil {
		return nil, err
	}
	fmt.Printf("plan %s: %+v %s\n", plan.ID(), plan.Report().Counts, plan.Refused())
	return engine.Apply(ctx, plan.ID())
}
