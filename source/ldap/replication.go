package ldap

import (
	"context"
	"encoding/binary"
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
	highest, err := rd.highestUSN(ctx)
	if err != nil || highest == 0 {
		return nil, err
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
	r[directory.Fold(name)+":"+rd.invocation] = usnText(itself)
	return r, nil
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

// lastChange gives the number of the last change to a person, group, contact or
// unit, the deleted included, or one that is a little higher.
func (rd *reading) lastChange(ctx context.Context) (uint64, error) {
	highest, err := rd.highestUSN(ctx)
	if err != nil || highest == 0 {
		return 0, err
	}
	last := highest - min(highest, lookBack)
	q := rd.query(rd.server.byDefault, fmt.Sprintf("(&(uSNChanged>=%d)(|(objectClass=user)(objectClass=group)(objectClass=contact)(objectClass=organizationalUnit))(!(objectClass=computer)))", last+1), []string{"uSNChanged"})
	q.deleted, q.extended = true, false
	for page, err := range rd.c.search(ctx, q) {
		if err != nil {
			return highest, unlessAnswered(ctx, err)
		}
		for i := range page {
			if n, err := strconv.ParseUint(page[i].value("uSNChanged"), 10, 63); err == nil {
				last = max(last, n)
			}
		}
	}
	return last, nil
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

// addCSNs takes change sequence numbers: time, count, server id and modification,
// each of a fixed width.
func (r reached) addCSNs(context string, values []string) {
	for _, csn := range values {
		if parts := strings.Split(csn, "#"); len(parts) == 4 && len(csn) < 64 {
			r[context+parts[2]] = csn
		}
	}
}

// addVector reads UPTODATE_VECTOR_V1_EXT and V2_EXT (MS-DRSR, sections 5.203 and
// 5.204): version, a reserved field, the number of cursors, a reserved field;
// then each cursor, a GUID and a USN, with a time in version 2. It tells whether
// it could.
func (r reached) addVector(context, blob string) bool {
	if blob == "" {
		return true // no other controller ever sent it anything
	}
	raw := []byte(blob)
	if len(raw) < 16 {
		return false
	}
	size := map[uint32]int{1: 24, 2: 32}[binary.LittleEndian.Uint32(raw)]
	count := uint64(binary.LittleEndian.Uint32(raw[8:]))
	if raw = raw[16:]; size == 0 || uint64(len(raw)) != count*uint64(size) {
		return false
	}
	for ; len(raw) > 0; raw = raw[size:] {
		if id, err := directory.GUID(string(raw[:16])); err == nil {
			r[context+id] = usnText(binary.LittleEndian.Uint64(raw[16:]))
		}
	}
	return true
}

// usnText writes a number so that it compares as text.
func usnText(n uint64) string { return fmt.Sprintf("%020d", n) }

// unlessAnswered passes on an error of the connection or of the context. One that
// the server answered means that it does not say.
func unlessAnswered(ctx context.Context, err error) error {
	if err != nil && (ctx.Err() != nil || adsync.CodeOf(err) == adsync.CodeUnavailable) {
		return err
	}
	return nil
}
