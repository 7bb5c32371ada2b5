package ldap

import (
	"bytes"
	"context"
	"errors"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
)

// dirSyncRound is one answer.
type dirSyncRound struct {
	entries []entry
	cookie  []byte
	more    bool
}

// errCut says that an answer ended without what ends it.
var errCut = errors.New("the answer ended without its control, so the rest is not known")

// round does one request.
func (d *dirSync) round(ctx context.Context, filter string, attrs []string, cookie []byte) (r dirSyncRound, err error) {
	c := d.rd.c
	flags := goldap.DirSyncIncrementalValues
	if d.security {
		flags |= goldap.DirSyncObjectSecurity
	}
	controls := []goldap.Control{goldap.NewRequestControlDirSync(flags, dirSyncAttributes, cookie)}
	if d.rd.server.extended {
		controls = append(controls, extendedDNControl())
	}
	doing := "reading the changes of " + d.context
	asked := c.begin(request{doing: doing, base: d.context, scope: goldap.ScopeWholeSubtree, filter: filter, attrs: attrs, controls: controls}, false)
	answer, err := asked.whole(ctx)
	if err == nil {
		err = r.take(answer, doing)
	}
	if err == nil && r.more && bytes.Equal(r.cookie, cookie) { // the next answer would be this one
		err = adsync.Errorf(adsync.CodeIncomplete, "ldap: %s: the server goes in circles: %w", doing, errCut)
	}
	return r, err
}

// take reads one answer. What shows its end is the control.
func (r *dirSyncRound) take(a answer, doing string) error {
	c, ok := goldap.FindControl(a.controls, goldap.ControlTypeDirSync).(*goldap.ControlDirSync)
	if !ok || len(c.Cookie) == 0 {
		return adsync.Errorf(adsync.CodeIncomplete, "ldap: %s: %w", doing, errCut)
	}
	r.entries, r.cookie, r.more = a.entries, bytes.Clone(c.Cookie), c.Flags != 0
	return nil
}
