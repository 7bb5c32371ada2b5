package ldap_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/source/ldap"
)

// exampleServer starts a made-up directory of 40 people.
func exampleServer() (server *fakedir.Server, caFile string, stop func()) {
	server, err := fakedir.Start(fakedir.Config{People: 40})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "ldap-example")
	if err != nil {
		log.Fatal(err)
	}
	if caFile, err = server.WriteCA(dir); err != nil {
		log.Fatal(err)
	}
	if err := os.Setenv("DIRECTORY_PASSWORD", server.Password()); err != nil {
		log.Fatal(err)
	}
	return server, caFile, func() { _, _ = server.Close(), os.RemoveAll(dir) }
}

func ExampleSource_Read() {
	server, caFile, stop := exampleServer()
	defer stop()

	source := &ldap.Source{
		URL:      server.URL(),
		CAFile:   caFile,
		BaseDNs:  []string{server.PeopleDN()},
		Bind:     server.BindUPN(),
		Password: ldap.SecretEnv("DIRECTORY_PASSWORD"),
	}
	people, done := 0, false
	for batch, err := range source.Read(context.Background(), adsync.ReadRequest{
		Kinds:      []adsync.Kind{adsync.User},
		Attributes: []string{"displayName", "primaryMail", "accountEnabled", "manager"},
	}) {
		if err != nil {
			log.Fatal(err)
		}
		people += len(batch.Changes)
		done = batch.Done
	}
	fmt.Println(people > 30, done)
	// Output: true true
}

func ExampleSource_startTLS() {
	server, caFile, stop := exampleServer()
	defer stop()

	source := &ldap.Source{
		URL:      server.LDAPURL(),
		StartTLS: true,
		CAFile:   caFile,
		Bind:     server.BindDomainUser(),
		Password: ldap.SecretEnv("DIRECTORY_PASSWORD"),
	}
	fmt.Println(source.Check(context.Background()))
	// Output: <nil>
}

func ExampleSource_scope() {
	server, caFile, stop := exampleServer()
	defer stop()

	source := &ldap.Source{URL: server.URL(), CAFile: caFile, Bind: server.BindUPN(), Password: ldap.SecretEnv("DIRECTORY_PASSWORD")}
	all, narrowed := 0, 0
	count := func(n *int, scope *adsync.Scope) {
		for batch, err := range source.Read(context.Background(), adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Scope: scope}) {
			if err != nil {
				log.Fatal(err)
			}
			*n += len(batch.Changes)
		}
	}
	count(&all, nil)
	count(&narrowed, &adsync.Scope{
		Units:  []adsync.Unit{{DN: server.PeopleDN()}},
		Filter: "(employeeID=E00000*)",
	})
	fmt.Println(0 < narrowed, narrowed < all)
	// Output: true true
}

func ExampleSource_Check() {
	server, _, stop := exampleServer()
	defer stop()

	// Without CAFile, the server's certificate is not trusted.
	source := &ldap.Source{URL: server.URL(), ServerName: server.HostName(), Bind: server.BindUPN(), Password: ldap.SecretEnv("DIRECTORY_PASSWORD")}
	err := source.Check(context.Background())
	fmt.Println(adsync.CodeOf(err))
	// Output: unauthenticated
}

func ExampleSource_Validate() {
	source := &ldap.Source{URL: "ldap://dc1.example.com", Bind: "sync@example.com"}
	fmt.Println(source.Validate())
	// Output:
	// ldap: dc1.example.com: ldap:// without StartTLS would send the password in clear; use ldaps:// or set StartTLS
	// ldap: Password is not set; use SecretFile, SecretEnv or SecretFunc
}

// An attribute that people keep when they move to another forest, and the GUID
// for those who never did.
func ExampleSource_anchorAttribute() {
	source := &ldap.Source{
		URL:             "ldaps://dc1.example.com",
		Alternates:      []string{"ldaps://dc2.example.com"},
		Bind:            "sync@example.com",
		Password:        ldap.SecretFile("/etc/adsync/directory.password"),
		AnchorAttribute: []string{"mS-DS-ConsistencyGuid", "objectGUID"},
		PageSize:        1000,
		PageTimeout:     5 * time.Minute,
	}
	fmt.Println(source.Validate())
	// Output: <nil>
}

func ExampleClientCertificate() {
	source := &ldap.Source{
		URL:         "ldaps://ldap.example.com",
		Certificate: &ldap.ClientCertificate{CertFile: "/etc/adsync/client.pem", KeyFile: "/etc/adsync/client.key"},
	}
	fmt.Println(source.Validate())
	// Output: <nil>
}

func ExampleKerberos() {
	source := &ldap.Source{
		URL:      "ldaps://dc1.example.com",
		Bind:     "sync",
		Kerberos: &ldap.Kerberos{Realm: "EXAMPLE.COM", Keytab: "/etc/adsync/sync.keytab"},
	}
	fmt.Println(source.Validate())
	// Output: <nil>
}

func ExampleSecret() {
	fmt.Println(ldap.SecretEnv("DIRECTORY_PASSWORD"))
	fmt.Printf("%+v\n", struct{ Password ldap.Secret }{ldap.SecretFile("/etc/adsync/directory.password")})
	// Output:
	// redacted (environment DIRECTORY_PASSWORD)
	// {Password:redacted (file /etc/adsync/directory.password)}
}
