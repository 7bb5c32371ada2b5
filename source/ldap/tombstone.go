package ldap

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
)

// isTombstone tells what is left of a deleted object from a live one. Both
// signs are needed (MS-ADTS 3.1.1.5.5): isDeleted alone is also said of objects
// that an account may no longer see.
func isTombstone(e *entry) bool {
	return strings.EqualFold(e.value("isDeleted"), "TRUE") && isMangled(nameOf(e))
}

// isMangled finds the mark that deletion puts into a name: a line feed, DEL:
// and the GUID.
func isMangled(dn string) bool {
	return strings.Contains(dn, `\0ADEL:`) || strings.Contains(dn, "\nDEL:") || strings.Contains(dn, `\nDEL:`)
}

// outlived: what is left of a deleted object goes away in the end, and with it
// the news that it was deleted.
func (rd *reading) outlived(ctx context.Context, c cursor) error {
	since := rd.server.now.Sub(c.At)
	if !rd.server.ad || c.At.IsZero() || rd.server.now.IsZero() || since < 24*time.Hour {
		return nil
	}
	lifetime, err := rd.tombstoneLifetime(ctx)
	if err != nil || since < lifetime {
		return err
	}
	return gone("the last read was on %s, and what was deleted is only remembered for %d days", c.At.Format(time.DateOnly), lifetime/(24*time.Hour))
}

// tombstoneLifetime reads for how long deleted objects are remembered (MS-ADTS
// 6.1.1.2.4.1.1). Where nothing is said, it is 60 days; newer forests say 180.
func (rd *reading) tombstoneLifetime(ctx context.Context) (time.Duration, error) {
	days := 60
	e, err := rd.c.one(ctx, "CN=Directory Service,CN=Windows NT,CN=Services,"+rd.server.config, "(objectClass=*)", false, "tombstoneLifetime")
	if err != nil && (ctx.Err() != nil || adsync.CodeOf(err) == adsync.CodeUnavailable) {
		return 0, err
	}
	if err == nil && e != nil {
		if n, err := strconv.Atoi(e.value("tombstoneLifetime")); err == nil && n > 0 {
			days = n
		}
	}
	return time.Duration(days) * 24 * time.Hour, nil
}
