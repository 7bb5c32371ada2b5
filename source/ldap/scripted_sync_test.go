package ldap_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/source/ldap"
)

// provider is a scripted server that offers content synchronisation (RFC 4533)
// and answers it as a test tells it to.
type provider struct {
	*scripted
	// refresh answers a request with a cookie. Without one the cookie is "start".
	refresh func(cookie string) *answer
	// begun is called when a first cookie was given.
	begun   func()
	cookies []string // with which it was asked
}

const suffix = "dc=example,dc=com"

// newProvider has so many people, person 0 and up.
func newProvider(t testing.TB, n int) *provider {
	p := &provider{scripted: newScripted(t)}
	p.root = map[string][]string{
		"objectClass": {"top", "OpenLDAProotDSE"}, "supportedControl": {goldap.ControlTypePaging, goldap.ControlTypeSyncRequest},
		"namingContexts": {suffix}, "subschemaSubentry": {"cn=Subschema"},
	}
	p.objects = []object{
		{dn: suffix, attrs: map[string][]string{"objectClass": {"domain"}, "entryUUID": {uuidOf(900)}}},
		{dn: "cn=Subschema", attrs: map[string][]string{"attributeTypes": {
			"( 1.3.6.1.1.16.4 NAME 'entryUUID' SYNTAX 1.3.6.1.1.16.1 USAGE directoryOperation )",
			"( 2.5.18.2 NAME 'modifyTimestamp' SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 USAGE directoryOperation )",
		}}},
	}
	for i := range n {
		p.put(i, fmt.Sprintf("person %d", i))
	}
	p.hook = p.answer
	return p
}

func (p *provider) source() *ldap.Source {
	s := p.scripted.source()
	s.Bind = "cn=sync," + suffix
	return s
}

func uuidOf(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", n) }

func uuidBytes(n int) string {
	b, _ := hex.DecodeString(strings.ReplaceAll(uuidOf(n), "-", ""))
	return string(b)
}

func (p *provider) put(n int, name string) {
	p.take(n)
	p.mu.Lock()
	defer p.mu.Unlock()
	uid := fmt.Sprintf("p%d", n)
	p.objects = append(p.objects, object{kind: "user", dn: "uid=" + uid + "," + suffix, attrs: map[string][]string{
		"objectClass": {"inetOrgPerson"}, "entryUUID": {uuidOf(n)}, "uid": {uid}, "cn": {name},
	}})
}

func (p *provider) take(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.objects = slices.DeleteFunc(p.objects, func(o object) bool { return slices.Contains(o.attrs["entryUUID"], uuidOf(n)) })
}

// answer answers all that is asked of a person by identifier, class or name.
func (p *provider) answer(q *search) *answer {
	if q.sync != nil {
		if *q.sync != "" && slices.Equal(q.attrs, []string{"1.1"}) { // whether it leaves a part out
			return &answer{controls: []goldap.Control{syncDone(true, *q.sync)}}
		}
		p.mu.Lock()
		p.cookies = append(p.cookies, *q.sync)
		p.mu.Unlock()
		if *q.sync == "" {
			if p.begun != nil {
				p.begun()
			}
			return &answer{controls: []goldap.Control{syncDone(true, "start")}}
		}
		return p.refresh(*q.sync)
	}
	if q.base == "" || q.scope == goldap.ScopeBaseObject {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []object
	for _, o := range p.objects {
		if len(o.attrs["entryUUID"]) > 0 && q.asksFor(o) {
			found = append(found, o)
		}
	}
	return q.page(found)
}

// asksFor tells by the parts of the filter: a class, identifiers, a member.
func (q *search) asksFor(o object) bool {
	id := strings.Join(o.attrs["entryUUID"], "")
	switch {
	case strings.Contains(q.filter, "member="):
		return slices.ContainsFunc(o.attrs["member"], func(m string) bool { return strings.Contains(q.filter, "(member="+m+")") })
	case strings.Contains(q.filter, "entryUUID=") && !strings.Contains(q.filter, id):
		return false
	case strings.Contains(q.filter, "memberUid="), strings.Contains(q.filter, "organizationalUnit"), strings.Contains(q.filter, "objectClass=contact"):
		return false
	case strings.Contains(q.filter, "groupOfNames"):
		return o.kind == "group"
	}
	return !strings.Contains(q.filter, "inetOrgPerson") || o.kind == "user"
}

// rename gives a person another uid.
func (p *provider) rename(n int, uid string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, o := range p.objects {
		if slices.Contains(o.attrs["entryUUID"], uuidOf(n)) {
			p.objects[i].dn, p.objects[i].attrs["uid"] = "uid="+uid+","+suffix, []string{uid}
		}
	}
}

// group makes, or changes, a group of these names.
func (p *provider) group(n int, members ...string) {
	p.take(n)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.objects = append(p.objects, object{kind: "group", dn: fmt.Sprintf("cn=g%d,%s", n, suffix), attrs: map[string][]string{
		"objectClass": {"groupOfNames"}, "entryUUID": {uuidOf(n)}, "cn": {fmt.Sprintf("g%d", n)}, "member": members,
	}})
}

// entries of a refresh

func (p *provider) entryIn(state int64, n int) streamed {
	o := object{dn: fmt.Sprintf("uid=p%d,%s", n, suffix), attrs: map[string][]string{"entryUUID": {uuidOf(n)}}}
	for _, known := range p.objects {
		if slices.Contains(known.attrs["entryUUID"], uuidOf(n)) {
			o = known
		}
	}
	value := ber.NewSequence("")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, state, ""))
	value.AppendChild(octets(uuidBytes(n)))
	value.AppendChild(octets("in the middle"))
	return streamed{p.entry(o, search{attrs: []string{"entryUUID", "objectClass", "uid"}}), []goldap.Control{goldap.NewControlString(goldap.ControlTypeSyncState, false, string(value.Bytes()))}}
}

func octets(text string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, text, "")
}

func truth(b bool) *ber.Packet {
	return ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, b, "")
}

// syncDone is the Sync Done control; its cookie and flag are left out where
// they say nothing.
func syncDone(deletes bool, cookie string) goldap.Control {
	value := ber.NewSequence("")
	if cookie != "" {
		value.AppendChild(octets(cookie))
	}
	if deletes {
		value.AppendChild(truth(true))
	}
	return goldap.NewControlString(goldap.ControlTypeSyncDone, false, string(value.Bytes()))
}

// syncInfo is a Sync Info message: choice 0 is newcookie, 1 refreshDelete, 2
// refreshPresent, 3 syncIdSet.
func syncInfo(value *ber.Packet) streamed {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, goldap.ApplicationIntermediateResponse, nil, "")
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, goldap.ControlTypeSyncInfo, ""))
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 1, string(value.Bytes()), ""))
	return streamed{op: op}
}

func newCookie(cookie string) streamed {
	return syncInfo(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, cookie, ""))
}

func presentPhaseOver() streamed {
	value := ber.Encode(ber.ClassContext, ber.TypeConstructed, 2, nil, "")
	value.AppendChild(octets("in the middle"))
	value.AppendChild(truth(false))
	return syncInfo(value)
}

func idSet(deleted bool, list ...int) streamed {
	value := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
	value.AppendChild(octets("in the middle"))
	if deleted {
		value.AppendChild(truth(true))
	}
	set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
	for _, n := range list {
		set.AppendChild(octets(uuidBytes(n)))
	}
	value.AppendChild(set)
	return syncInfo(value)
}

// syncRequested reads the Sync Request control, which go-ldap only writes.
func syncRequested(control *ber.Packet) (cookie string, ok bool) {
	if len(control.Children) < 3 || control.Children[0].Value != goldap.ControlTypeSyncRequest {
		return "", false
	}
	value := control.Children[2]
	if len(value.Children) == 0 {
		inner, err := ber.DecodePacketErr(value.Data.Bytes())
		if err != nil {
			return "", false
		}
		value = inner
	} else {
		value = value.Children[0]
	}
	for _, child := range value.Children {
		if child.Tag == ber.TagOctetString {
			cookie = child.Data.String()
		}
	}
	return cookie, true
}
