package ldap

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// reached says how far the changes that each server of the directory made have
// come to one server. A key names the naming context, a colon, and who made the
// changes: the invocationId of a controller's database, or the id of an OpenLDAP
// server. The values compare as text. Nothing in it: the server does not say.
type reached map[string]string

// lacks tells whose changes have not all come that had come when before was
// taken, or "". What is not said about a naming context is not compared.
func (r reached) lacks(before reached) string {
	for _, key := range sortedKeys(before) {
		context, who := key[:strings.LastIndexByte(key, ':')+1], key[strings.LastIndexByte(key, ':')+1:]
		if r[key] < before[key] && r.says(context) {
			return who
		}
	}
	return ""
}

func (r reached) says(context string) bool {
	for key := range r {
		if strings.HasPrefix(key, context) {
			return true
		}
	}
	return false
}

// has asks the server how far it is.
func (rd *reading) has(ctx context.Context) (reached, error) {
	if !rd.server.ad {
		return rd.contextCSN(ctx)
	}
	highest, err := strconv.ParseUint(rd.server.highest, 10, 63)
	if err != nil {
		return nil, nil //nolint:nilerr // it does not say
	}
	return rd.vector(ctx, highest)
}

// shown gives how far the server was in what a read can have seen of it: as has
// does, but without the changes that are of no concern here. A controller counts
// its own housekeeping too, which the others receive late or never.
func (rd *reading) shown(ctx context.Context) (reached, error) {
	if !rd.server.ad {
		return rd.contextCSN(ctx)
	}
	last, err := rd.lastChange(ctx)
	if err != nil || last == 0 {
		return nil, err
	}
	return rd.vector(ctx, last)
}

// vector is a controller's up-to-dateness vector (MS-DRSR, section 5.166), with
// what it did itself, which the vector leaves out.
func (rd *reading) vector(ctx context.Context, itself uint64) (reached, error) {
	name := rd.server.byDefault
	if rd.invocation == "" || name == "" {
		return nil, nil
	}
	e, err := rd.c.one(ctx, name, "(objectClass=*)", false, "replUpToDateVector")
	if err != nil || e == nil {
		return nil, unlessAnswered(ctx, err)
	}
	r := reached{}
	if !r.addVector(directory.Fold(name)+":", e.value("replUpToDateVector")) {
		return nil, nil // in a form of another time: it does not say
	}
	r[rd.ownKey()] = usnText(itself)
	return r, nil
}

// ownKey is the key of the controller's own changes.
func (rd *reading) ownKey() string {
	return directory.Fold(rd.server.byDefault) + ":" + rd.invocation
}

func (rd *reading) highestUSN(ctx context.Context) (uint64, error) {
	root, err := rd.c.one(ctx, "", "(objectClass=*)", false, "highestCommittedUSN")
	if err != nil || root == nil {
		return 0, unlessAnswered(ctx, err)
	}
	highest, err := strconv.ParseUint(root.value("highestCommittedUSN"), 10, 63)
	if err != nil {
		return 0, nil //nolint:nilerr // it does not say
	}
	return highest, nil
}

// lookBack is the number of changes that are looked through for the last one
// that is of concern. When it is not among them, it was before them.
const lookBack = 1000

// lastChange gives the number of the last change that the controller itself made
// to a person, group, contact or unit, the deleted included, or one that is a
// little higher. What it received from others is in its vector.
func (rd *reading) lastChange(ctx context.Context) (uint64, error) {
	highest, err := rd.highestUSN(ctx)
	if err != nil || highest == 0 {
		return 0, err
	}
	last := highest - min(highest, lookBack)
	if known, err := strconv.ParseUint(rd.before.Reached[rd.ownKey()], 10, 63); err == nil && known <= highest {
		last = max(last, known) // what came after the last read is enough to look through
	}
	q := rd.query(rd.server.byDefault, and(fmt.Sprintf("(uSNChanged>=%d)", last+1), rd.ofConcern()), []string{"uSNChanged", "replPropertyMetaData"})
	q.deleted, q.extended = true, false
	for page, err := range rd.c.search(ctx, q) {
		if err != nil {
			return highest, unlessAnswered(ctx, err)
		}
		for i := range page {
			last = max(last, madeHere(&page[i], rd.invocation))
		}
	}
	return last, nil
}

// ofConcern is a filter for what a read can show, now or before it was deleted or
// moved. Our own account is left out: each time it binds, the controller may write
// that down.
func (rd *reading) ofConcern() string {
	name := rd.c.src.Bind
	if _, after, ok := strings.Cut(name, `\`); ok {
		name = after
	}
	name, _, _ = strings.Cut(name, "@")
	ours := "(|" + equals("sAMAccountName", name) + equals("userPrincipalName", rd.c.src.Bind) + equals("distinguishedName", rd.c.src.Bind) + ")"
	return "(|(objectClass=user)(objectClass=group)(objectClass=contact)(objectClass=organizationalUnit))(!(objectClass=computer))(!(isCriticalSystemObject=TRUE))(!" + ours + ")"
}

// contextCSN reads how far an OpenLDAP server is in the naming contexts that the
// bases are in: one value for each server that takes writes.
func (rd *reading) contextCSN(ctx context.Context) (reached, error) {
	r := reached{}
	for _, name := range rd.server.contexts {
		if !rd.readsFrom(name) {
			continue
		}
		e, err := rd.c.one(ctx, name, "(objectClass=*)", false, "contextCSN")
		if err = unlessAnswered(ctx, err); err != nil {
			return nil, err
		}
		if e != nil {
			r.addCSNs(directory.Fold(name)+":", e.values("contextCSN"))
		}
	}
	return r, nil
}

func (rd *reading) readsFrom(context string) bool {
	top, err := directory.ParseDN(context)
	if err != nil {
		return false
	}
	for _, b := range rd.bases {
		if b.dn.Within(top) {
			return true
		}
	}
	return false
}

// unlessAnswered passes on an error of the connection or of the context. One that
// the server answered means that it does not say.
func unlessAnswered(ctx context.Context, err error) error {
	if err != nil && (ctx.Err() != nil || adsync.CodeOf(err) == adsync.CodeUnavailable) {
		return err
	}
	return nil
}
