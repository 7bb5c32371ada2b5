package ldap_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/testserver"
)

// ldif of things that happen

func renamed(dn, rdn string) string {
	return fmt.Sprintf("dn: %s,dc=example,dc=com\nchangetype: modrdn\nnewrdn: %s\ndeleteoldrdn: 1\n", dn, rdn)
}

func movedTo(dn, rdn, parent string) string {
	return fmt.Sprintf("dn: %s,dc=example,dc=com\nchangetype: moddn\nnewrdn: %s\ndeleteoldrdn: 1\nnewsuperior: %s,dc=example,dc=com\n", dn, rdn, parent)
}

func deleted(dn string) string {
	return fmt.Sprintf("dn: %s,dc=example,dc=com\nchangetype: delete\n", dn)
}

func changed(dn, lines string) string {
	return fmt.Sprintf("dn: %s,dc=example,dc=com\nchangetype: modify\n%s\n", dn, lines)
}

func person(dn string) string {
	uid := strings.TrimPrefix(dn[:strings.Index(dn, ",")], "uid=")
	return fmt.Sprintf("dn: %s,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: %s\ncn: %s\nsn: x\n", dn, uid, uid)
}

func unit(dn string) string {
	ou := strings.TrimPrefix(dn[:strings.IndexAny(dn+",", ",")], "ou=")
	return fmt.Sprintf("dn: %s,dc=example,dc=com\nobjectClass: organizationalUnit\nou: %s\n", dn, ou)
}

const inner = "uid=ada,ou=Inner,ou=North,ou=People"

// slapdPlots are told in steps; after each one the changes are read.
var slapdPlots = map[string][][]string{
	"renamed over each other": {
		{renamed("uid=bela,ou=People", "uid=tmp"), renamed("uid=carla,ou=People", "uid=bela"), renamed("uid=tmp,ou=People", "uid=carla")},
		{deleted("uid=bela,ou=People"), renamed("uid=carla,ou=People", "uid=bela"), person("uid=carla,ou=People")},
	},
	"units renamed over each other": {
		{unit("ou=South,ou=People"), person("uid=bela,ou=South,ou=People")},
		{renamed("ou=North,ou=People", "ou=Tmp"), renamed("ou=South,ou=People", "ou=North"), renamed("ou=Tmp,ou=People", "ou=South")},
		{movedTo("uid=bela,ou=North,ou=People", "uid=bela2", "ou=Inner,ou=South,ou=People"), renamed("ou=South,ou=People", "ou=West")},
		{movedTo("ou=Inner,ou=West,ou=People", "ou=Inner", "ou=Services"), movedTo("uid=ada,ou=Inner,ou=Services", "uid=ada", "ou=People")},
		{movedTo("ou=Inner,ou=Services", "ou=Inner", "ou=People"), deleted("ou=West,ou=People")},
	},
	"a unit leaves and is emptied": {
		{renamed("ou=North,ou=People", "ou=N"), movedTo("uid=ada,ou=Inner,ou=N,ou=People", "uid=ada", "ou=People"), movedTo("ou=N,ou=People", "ou=N", "ou=Services")},
		{movedTo("uid=ada,ou=People", "uid=ada", "ou=Inner,ou=N,ou=Services")},
		{changed("uid=ada,ou=Inner,ou=N,ou=Services", "replace: cn\ncn: Away")},
		{movedTo("ou=Inner,ou=N,ou=Services", "ou=Inner2", "ou=People"), deleted("ou=N,ou=Services")},
	},
	"away and another takes the place": {
		{movedTo(inner, "uid=ada", "ou=Services"), strings.ReplaceAll(person(inner), "cn: ada", "cn: Other")},
		{deleted("uid=ada,ou=Services")},
		{deleted(inner), person("uid=ada,ou=People")},
	},
	"groups of groups": {
		{changed("cn=Chess,ou=Groups", "add: member\nmember: cn=Rowing,ou=Groups,dc=example,dc=com")},
		{changed("cn=Rowing,ou=Groups", "add: uniqueMember\nuniqueMember: cn=Chess,ou=Groups,dc=example,dc=com")},
		{renamed("cn=Rowing,ou=Groups", "cn=Tmp"), renamed("cn=Chess,ou=Groups", "cn=Rowing"), renamed("cn=Tmp,ou=Groups", "cn=Chess")},
		{movedTo("cn=Chess,ou=Groups", "cn=Chess", "ou=Services")},
		{movedTo("cn=Chess,ou=Services", "cn=Chess", "ou=Groups"), deleted("cn=Rowing,ou=Groups")},
	},
}

// What people do on purpose, and what a random chronicle seldom hits on: with both
// bases, and with one of the units alone as the base.
func TestSlapdPlots(t *testing.T) {
	for kind, options := range map[string][]testserver.Option{
		"present": nil, "tidy": {testserver.SessionLog(100), testserver.RefInt()}, "timestamps": {testserver.NoSyncProvider()}, "short log": {testserver.SessionLog(1)},
	} {
		for name, steps := range slapdPlots {
			for where, bases := range map[string][]string{"everything": nil, "a unit": {"ou=North,ou=People,dc=example,dc=com"}} {
				t.Run(fmt.Sprint(name, "/", kind, "/", where), func(t *testing.T) {
					server, k := townOf(t, options...)
					if bases != nil {
						k.source.BaseDNs, k.cursor = bases, ""
						k.read(t)
					}
					tell(t, server, k, steps)
				})
			}
		}
	}
}

func tell(t *testing.T, server testserver.LDAP, k *known, steps [][]string) {
	for i, step := range steps {
		for _, change := range step {
			server.Modify(t, change)
		}
		time.Sleep(20 * time.Millisecond) // for the server's own tidying up
		err := k.try(t.Context())
		if errors.Is(err, adsync.ErrIncomplete) && k.source.BaseDNs != nil { // the base has another name
			require.ErrorContains(t, err, "ou=North")
			return
		}
		if adsync.CodeOf(err) == adsync.CodeGone { // the last one of the base has left
			require.ErrorContains(t, err, "nothing any more")
			k.read(t)
			err = nil
		}
		require.NoError(t, err)
		requireNoDifference(t, k, fmt.Sprint("step ", i))
	}
}
