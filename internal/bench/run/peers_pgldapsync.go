package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/adsync/sdk/internal/bench/report"
)

func (b *bench) hasPgLDAPSync(ctx context.Context) bool {
	return b.admin != "" && installed("pg_ldap_sync")(ctx)
}

// pgLDAPSyncRows make a role in PostgreSQL of every person of one unit. Making
// roles is the server's work, so the rows to compare are those that make none.
func (b *bench) pgLDAPSyncRows() []row {
	n := b.unit("").n
	return []row{
		{name: "pg_ldap_sync dry", what: "one unit, no role there, none is made", by: report.Others, objects: n, command: pgLDAPSync("-t"), before: b.pgLDAPSyncConfig},
		{name: "pg_ldap_sync real", what: "one unit, a role is made of everybody", by: report.Others, objects: n, command: pgLDAPSync()},
		{name: "pg_ldap_sync again", what: "one unit, all roles are there", by: report.Others, objects: n, command: pgLDAPSync(), before: b.rolesAreThere},
	}
}

func pgLDAPSync(more ...string) func(setting) []string {
	return func(s setting) []string {
		return append([]string{"pg_ldap_sync", "-c", at(s, "pg_ldap_sync.yaml")}, more...)
	}
}

const pgLDAPSyncYAML = `ldap_connection:
  host: %s
  port: %s
  auth:
    method: :simple
    username: %s
    password: %s
ldap_users:
  base: %s
  filter: (objectClass=inetOrgPerson)
  name_attribute: uid
ldap_groups:
  base: ou=Groups,dc=example,dc=com
  filter: (cn=group00001)
  name_attribute: cn
  member_attribute: member
pg_connection:
  host: %s
  port: %s
  dbname: postgres
  user: %s
  password: %s
pg_users:
  filter: rolcanlogin AND NOT rolsuper AND rolname LIKE 'u%%'
  create_options: LOGIN
pg_groups:
  filter: NOT rolcanlogin AND NOT rolsuper AND rolname LIKE 'group%%'
  create_options: NOLOGIN
  grant_options:
`

// pgLDAPSyncConfig writes its settings and takes away the roles of an earlier run.
func (b *bench) pgLDAPSyncConfig(ctx context.Context, s setting) error {
	dsn, err := b.dsn("")
	if err != nil {
		return err
	}
	directory, err := url.Parse(s.url)
	if err != nil {
		return err
	}
	bindPassword, err := os.ReadFile(b.writer.password)
	if err != nil {
		return err
	}
	password, _ := dsn.User.Password()
	text := fmt.Sprintf(pgLDAPSyncYAML, directory.Hostname(), directory.Port(), b.writer.bind, bindPassword, b.unit("").base,
		dsn.Hostname(), dsn.Port(), dsn.User.Username(), password)
	if err := os.WriteFile(at(s, "pg_ldap_sync.yaml"), []byte(text), 0o600); err != nil {
		return err
	}
	return b.dropRoles(ctx)
}

const roles = "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND (rolcanlogin AND rolname LIKE 'u%' OR rolname LIKE 'group%')"

func (b *bench) roles(ctx context.Context) (names []string, err error) {
	err = b.withServer(func(db *sql.DB) error {
		names, err = texts(ctx, db, roles)
		return err
	})
	return names, err
}

// dropRoles does so one by one: a transaction would need a lock for each.
func (b *bench) dropRoles(ctx context.Context) error {
	names, err := b.roles(ctx)
	if err != nil {
		return err
	}
	var statements []string
	for _, name := range names {
		statements = append(statements, `DROP ROLE "`+strings.ReplaceAll(name, `"`, `""`)+`"`)
	}
	return b.onServer(ctx, statements...)
}

// rolesAreThere wants the run before to have made a role of everybody, and the
// group's.
func (b *bench) rolesAreThere(ctx context.Context, _ setting) error {
	names, err := b.roles(ctx)
	if err != nil {
		return err
	}
	return expect("roles", len(names), b.unit("").n+1, true)
}
