package fakedir

import (
	"cmp"
	"fmt"
	"net/netip"
	"time"
)

// Config says which directory to make. The zero value is a domain of 200
// people on its first day.
type Config struct {
	People int    // how many people; groups, contacts and units come on top. 200 when zero
	Seed   uint64 // another seed makes other people. 1 when zero
	Days   int    // how many days have passed since the directory began

	Domain  string // DNS name of the domain. corp.example.com when empty
	Address string // where to listen with TLS, loopback only. 127.0.0.1:0 when empty

	MaxPageSize int // entries a search may return without paging. 1000 when zero
	MaxValRange int // values of an attribute that come at once. 1500 when zero

	DirSyncRound      int           // objects DirSync looks at for one answer. 1000 when zero
	DirSyncValues     int           // changed members of a group in one answer; the rest follows. No limit when zero
	TombstoneLifetime time.Duration // 180 days when zero

	// DeletionsNeedListing makes DirSync show deletions to nobody without the
	// right to list CN=Deleted Objects, as Samba does. To Microsoft's product the
	// right to replicate changes is enough.
	DeletionsNeedListing bool

	// WithoutControls are object identifiers of controls that this server does
	// not know, such as DirSync's.
	WithoutControls []string

	// ReferralHost is the host that search references name. The controller's
	// own name when empty.
	ReferralHost string
}

func (c Config) withDefaults() Config {
	c.People = cmp.Or(c.People, 200)
	c.Seed = cmp.Or(c.Seed, 1)
	c.Domain = cmp.Or(c.Domain, "corp.example.com")
	c.Address = cmp.Or(c.Address, "127.0.0.1:0")
	c.MaxPageSize = cmp.Or(c.MaxPageSize, 1000)
	c.DirSyncRound = cmp.Or(c.DirSyncRound, 1000)
	c.TombstoneLifetime = cmp.Or(c.TombstoneLifetime, defaultLifetime)
	c.MaxValRange = cmp.Or(c.MaxValRange, 1500)
	c.ReferralHost = cmp.Or(c.ReferralHost, "dc1."+c.Domain)
	return c
}

// check refuses what would leave loopback: this server is for tests and
// demonstrations and holds no real secrets, but it is not hardened.
func (c Config) check() error {
	at, err := netip.ParseAddrPort(c.Address)
	if err != nil {
		return fmt.Errorf("fakedir: address %q: %w", c.Address, err)
	}
	if !at.Addr().IsLoopback() {
		return fmt.Errorf("fakedir: address %s is not on loopback; use 127.0.0.1", c.Address)
	}
	if c.People < 0 || c.Days < 0 {
		return fmt.Errorf("fakedir: %d people and %d days cannot be", c.People, c.Days)
	}
	return nil
}
