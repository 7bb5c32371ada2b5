package main

import (
	"context"
	"crypto/x509"
	"fmt"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/fakedir"
	"github.com/adsync/sdk/mapping"
	"github.com/adsync/sdk/source/ldap"
)

// directory is what is read: the made-up one, or one's own.
type directory struct {
	source *ldap.Source
	mapper adsync.Mapper
	says   string
	close  func()
}

func startDirectory(ctx context.Context, o *options, f *folder) (*directory, error) {
	if o.url != "" {
		return ownDirectory(ctx, o)
	}
	server, err := fakedir.Start(fakedir.Config{People: f.made.Objects, Seed: f.made.Seed, Days: f.made.Day})
	if err != nil {
		return nil, fmt.Errorf("the made-up directory does not start: %w", err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(server.CAPEM())
	return &directory{
		source: &ldap.Source{
			URL: server.URL(), Bind: server.BindUPN(), CAs: trusted,
			Password: ldap.SecretFunc(func(context.Context) (string, error) { return server.Password(), nil }),
		},
		mapper: mapping.ActiveDirectory(mapping.Parameter("domain", "corp.example.com")),
		says:   fmt.Sprintf("a made-up one of %d people, on day %d, at %s", f.made.Objects, f.made.Day, server.URL()),
		close:  func() { _ = server.Close() },
	}, nil
}

// ownDirectory asks the server what it is, to choose the mapping.
func ownDirectory(ctx context.Context, o *options) (*directory, error) {
	source := &ldap.Source{URL: o.url, Bind: o.bind, Password: ldap.SecretFile(o.passwordFile), CAFile: o.ca, BaseDNs: o.bases}
	source.StartTLS = len(o.url) > 7 && o.url[:7] == "ldap://"
	if err := source.Validate(); err != nil {
		return nil, &adsync.ConfigError{Faults: []error{fmt.Errorf("source directory: %w", err)}}
	}
	about, err := source.About(ctx)
	if err != nil {
		return nil, &adsync.SourceError{Source: "directory", Err: err}
	}
	d := &directory{source: source, says: o.url, close: func() {}, mapper: mapping.OpenLDAP()}
	if about.ActiveDirectory {
		d.mapper = mapping.ActiveDirectory(mapping.Parameter("domain", about.Domain))
	}
	return d, nil
}
