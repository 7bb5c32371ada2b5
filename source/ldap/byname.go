package ldap

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// What is common to the rungs of servers that know entries by name only.

// byName is a position of the rungs whose servers know entries by name only.
type byName struct {
	// Cookies of syncrepl, by the folded name of the part followed.
	Cookies map[string][]byte `json:"cookies,omitempty"`
	// Since is the newest modifyTimestamp known of.
	Since string `json:"since,omitempty"`
	// Register and Buckets are the register's name and size.
	Register string `json:"register"`
	Buckets  uint32 `json:"buckets"`
	// Fresh says that the register was made after this position was taken.
	Fresh bool `json:"fresh,omitempty"`
}

func (p byName) encode() ([]byte, error) { return json.Marshal(p) }

func decodeByName(position []byte) (p byName, err error) {
	if err := json.Unmarshal(position, &p); err != nil || p.Buckets == 0 || p.Buckets > 1<<24 {
		return byName{}, gone("the cursor's position cannot be read")
	}
	return p, nil
}

// byNameRefused says why no rung that follows names fits this read.
func (rd *reading) byNameRefused() string {
	switch {
	case !strings.EqualFold(rd.own, "entryUUID"):
		return "the server's schema knows no entryUUID, by which entries are told apart"
	case rd.req.Notes == nil:
		return "it needs notes between reads, and the caller keeps none"
	}
	for _, name := range rd.req.Attributes {
		if rd.schema.unseen(name) {
			return "the server changes " + name + " without marking the entry as changed; take it out of the mapping to read changes only"
		}
	}
	return ""
}

// followed gives the parts of the directory of which every change is followed:
// the naming contexts that hold the bases, since who manages somebody, or is in
// a group, may live outside the bases; the bases themselves where the account
// cannot see the top of their context.
func (rd *reading) followed(ctx context.Context) ([]directory.DN, error) {
	if rd.tops != nil {
		return rd.tops, nil
	}
	var tops []directory.DN
	for _, b := range rd.bases {
		top, err := directory.ParseDN(rd.contextOf(b.dn))
		if err != nil {
			return nil, err
		}
		if !top.Equal(b.dn) {
			e, err := rd.c.one(ctx, top.String(), "(objectClass=*)", false, "1.1")
			if err != nil && !isAbsent(err) && adsync.CodeOf(err) != adsync.CodeDenied {
				return nil, err
			}
			if err != nil || e == nil {
				top, rd.partly = b.dn, true
			}
		}
		tops = append(tops, top)
	}
	rd.tops = topmost(tops)
	return rd.tops, nil
}

// makeRegister notes what every entry is called, and gives the position of one
// who starts with it: the newest modifyTimestamp stands in it where it was asked
// for.
func (rd *reading) makeRegister(ctx context.Context, more []string) (p byName, err error) {
	maker := newRegisterMaker()
	defer maker.close()
	tops, err := rd.followed(ctx)
	if err != nil {
		return p, err
	}
	for _, top := range tops {
		err := rd.list(ctx, top.String(), "(objectClass=*)", more, func(uuid key, e *entry) error {
			p.Since = max(p.Since, e.value("modifyTimestamp"))
			return maker.add(uuid, rd.sight(e).called)
		})
		if err != nil {
			return p, err
		}
	}
	if p.Buckets, p.Register, err = maker.write(ctx, rd.req.Notes); err == nil {
		rd.names.listed = openRegister(rd.req.Notes, p.Buckets)
	}
	return p, err
}

// within tells whether a name is in a base or below it.
func within(name string, base directory.DN) bool {
	dn, err := directory.ParseDN(name)
	return err == nil && dn.Within(base)
}
