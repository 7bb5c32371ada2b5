package ldap

import (
	"context"
	"slices"
	"time"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

const (
	oidActiveDirectory = "1.2.840.113556.1.4.800"  // supportedCapabilities, MS-ADTS 3.1.1.3.4.3
	oidWhoAmI          = "1.3.6.1.4.1.4203.1.11.3" // RFC 4532
)

// server is what a server says of itself in its root entry (RFC 4512, section
// 5.1), which it shows to everybody.
type server struct {
	ad        bool // Active Directory, or Samba
	extended  bool // knows the extended DN control
	paging    bool
	dirSync   bool
	syncs     bool // offers content synchronisation (RFC 4533)
	openLDAP  bool
	whoAmI    bool
	name      string // its own name; empty when it does not say
	contexts  []string
	byDefault string // the naming context to read when no base is given
	schema    string // DN of the schema
	settings  string // DN of the object that holds its invocationId

	config  string    // the naming context of the forest's configuration
	vendor  string    // who made it, where it says so
	highest string    // highestCommittedUSN: the number of its last change
	now     time.Time // its own clock; zero when it does not say
}

// generalizedTime is how directories write an instant (RFC 4517, section
// 3.3.13); a fraction of the second is read, and not written, since some
// servers insist on one digit of it.
const generalizedTime = "20060102150405Z"

var rootAttributes = []string{
	"supportedCapabilities", "supportedControl", "supportedExtension", "namingContexts",
	"defaultNamingContext", "subschemaSubentry", "dnsHostName", "dsServiceName",
	"configurationNamingContext", "vendorName", "highestCommittedUSN", "currentTime", "objectClass",
}

func (c *conn) server(ctx context.Context) (server, error) {
	root, err := c.one(ctx, "", "(objectClass=*)", false, rootAttributes...)
	if err != nil {
		return server{}, err
	}
	if root == nil {
		return server{}, adsync.Errorf(adsync.CodeDenied, "ldap: %s does not show its root entry; let the account read it", c.host)
	}
	controls := root.values("supportedControl")
	v := server{
		ad:        slices.Contains(root.values("supportedCapabilities"), oidActiveDirectory),
		extended:  slices.Contains(controls, oidExtendedDN),
		paging:    slices.Contains(controls, goldap.ControlTypePaging),
		dirSync:   slices.Contains(controls, goldap.ControlTypeDirSync),
		syncs:     slices.Contains(controls, goldap.ControlTypeSyncRequest),
		openLDAP:  slices.Contains(root.values("objectClass"), "OpenLDAProotDSE"),
		whoAmI:    slices.Contains(root.values("supportedExtension"), oidWhoAmI),
		name:      root.value("dnsHostName"),
		contexts:  root.values("namingContexts"),
		byDefault: root.value("defaultNamingContext"),
		schema:    root.value("subschemaSubentry"),
		settings:  root.value("dsServiceName"),
		config:    root.value("configurationNamingContext"),
		vendor:    root.value("vendorName"),
		highest:   root.value("highestCommittedUSN"),
	}
	v.now, _ = time.Parse(generalizedTime, root.value("currentTime"))
	if v.byDefault == "" && len(v.contexts) == 1 {
		v.byDefault = v.contexts[0]
	}
	return v, nil
}

// identity gives the server's name and, on Active Directory, the invocationId
// of its database, which changes when it is restored from a copy.
func (c *conn) identity(ctx context.Context, v server) (string, error) {
	name := v.name
	if name == "" {
		name = c.host
	}
	if v.settings == "" {
		return name, nil
	}
	e, err := c.one(ctx, v.settings, "(objectClass=*)", false, "invocationId")
	if err != nil && !isAbsent(err) && adsync.CodeOf(err) != adsync.CodeDenied {
		return "", err
	}
	if err != nil || e == nil {
		return name, nil
	}
	if guid, err := directory.GUID(e.value("invocationId")); err == nil {
		name += " " + guid
	}
	return name, nil
}

// boundAs gives the account as the server sees it where it says so, else as
// it was configured.
func (c *conn) boundAs(ctx context.Context, v server) (identity string, err error) {
	if identity = c.src.Bind; identity == "" {
		identity = "anonymous"
	}
	if !v.whoAmI {
		return identity, nil
	}
	said, err := c.whoAmI(ctx)
	if err == nil && said != "" {
		identity = clean(said)
	}
	return identity, err
}

const doingWhoAmI = "asking who we are"
