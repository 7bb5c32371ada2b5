package ldap

import (
	"context"
	"slices"
	"strconv"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
)

// Some attributes of Active Directory change without the object that shows them:
// the far ends of links, such as memberOf, and what a server keeps for itself or
// works out when asked (MS-ADTS 3.1.1.2.3.1, 2.2.10).

// farEnds gives, for each asked attribute that is the far end of a link, the
// attribute that holds the link.
type farEnds map[string]string

// usualFarEnds are those that people map, where the schema cannot be read.
var usualFarEnds = map[string]string{"memberof": "member", "directreports": "manager", "managedobjects": "managedBy"}

// Bits of systemFlags (MS-ADTS 2.2.10).
const (
	notReplicated = 0x1
	constructed   = 0x4
)

// steady are among those attributes and change only together with the object or
// with the name of a container above it.
var steady = []string{"objectGUID", "distinguishedName", "canonicalName", "primaryGroupToken", "createTimeStamp", "uSNCreated", "structuralObjectClass", "msDS-PrincipalName"}

// lookAtLinks finds out, once for a read, which of the attributes asked for
// change without the object.
func (rd *reading) lookAtLinks(ctx context.Context) error {
	if !rd.server.ad || rd.far != nil {
		return nil
	}
	rd.far = farEnds{}
	asked := slices.Concat(rd.want.plain.Raw(), rd.want.refs)
	for _, name := range asked {
		if near, ok := usualFarEnds[strings.ToLower(name)]; ok {
			rd.far[strings.ToLower(name)] = near
		}
	}
	if len(asked) == 0 || rd.server.config == "" {
		return nil
	}
	var ends []string // numbers of the links' near ends
	byNumber := map[string]string{}
	err := rd.eachAttribute(ctx, "lDAPDisplayName", asked, func(e *entry) {
		name := e.value("lDAPDisplayName")
		if n, err := strconv.Atoi(e.value("linkID")); err == nil && n%2 == 1 {
			ends = append(ends, strconv.Itoa(n-1))
			byNumber[strconv.Itoa(n-1)] = strings.ToLower(name)
		}
		flags, _ := strconv.Atoi(e.value("systemFlags"))
		if flags&(notReplicated|constructed) != 0 && e.value("linkID") == "" && !slices.ContainsFunc(steady, func(s string) bool { return strings.EqualFold(s, name) }) {
			rd.unseen = append(rd.unseen, name)
		}
	})
	if err != nil || len(ends) == 0 {
		return err
	}
	return rd.eachAttribute(ctx, "linkID", ends, func(e *entry) {
		rd.far[byNumber[e.value("linkID")]] = e.value("lDAPDisplayName")
	})
}

// eachAttribute reads the schema's description of some attributes. A server that
// does not show them is judged by the usual names.
func (rd *reading) eachAttribute(ctx context.Context, by string, values []string, use func(*entry)) error {
	q := rd.query("CN=Schema,"+rd.server.config, and("(objectClass=attributeSchema)", anyOf(by, values)), []string{"lDAPDisplayName", "linkID", "systemFlags"})
	q.scope = goldap.ScopeSingleLevel
	for page, err := range rd.c.search(ctx, q) {
		if err != nil {
			if ctx.Err() != nil || adsync.CodeOf(err) == adsync.CodeUnavailable {
				return err
			}
			return nil
		}
		for i := range page {
			use(&page[i])
		}
	}
	return nil
}

// holders lists the attributes that hold the links.
func (f farEnds) holders() (list []string) {
	for _, name := range sortedKeys(f) {
		list = append(list, f[name])
	}
	return dedupe(list)
}

// farEndsOf gives the objects at the other end of links that came or went.
func (f farEnds) farEndsOf(e *entry) (ids []string) {
	holders := f.holders()
	for _, a := range e.attrs {
		name, _, _ := strings.Cut(a.Name, ";")
		if !slices.ContainsFunc(holders, func(h string) bool { return strings.EqualFold(h, name) }) {
			continue
		}
		for _, value := range a.Values {
			if guid, _ := splitExtended(value); guid != "" {
				ids = append(ids, guid)
			}
		}
	}
	return ids
}
