package ldap

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
	"github.com/adsync/sdk/internal/protection"
)

// key stands for an object in this package's sets: its GUID where the server
// writes it with each DN, else a hash of the folded DN. 16 bytes, so that an
// index over a whole directory stays small.
type key [16]byte

func keyOf(guid string, dn directory.DN) key {
	if k, ok := guidKey(guid); ok {
		return k
	}
	sum := sha256.Sum256([]byte(dn.Folded()))
	return key(sum[:16])
}

func guidKey(guid string) (k key, ok bool) {
	n, err := hex.Decode(k[:], []byte(strings.ReplaceAll(guid, "-", "")))
	return k, err == nil && n == len(k)
}

// reference is a value that names an object.
type reference struct {
	guid string // empty where the server did not give it
	dn   directory.DN
}

// parseReference reads a value of DN syntax: plain, extended, or a name with a
// unique identifier behind it, as uniqueMember has (RFC 4517, section 3.3.21).
func parseReference(value string) (reference, error) {
	guid, text := splitExtended(value)
	if at := strings.LastIndex(text, "#'"); at > 0 && strings.HasSuffix(text, "'B") {
		text = text[:at]
	}
	dn, err := directory.ParseDN(text)
	return reference{guid, dn}, err
}

func (r reference) key() key { return keyOf(r.guid, r.dn) }

// base is how to ask for the object itself. A GUID finds it also after it has
// been renamed in mid-read.
func (r reference) base() string {
	if r.guid != "" {
		return "<GUID=" + r.guid + ">"
	}
	return r.dn.String()
}

// names turns references into anchors. Where the server writes GUIDs and the
// GUID is the anchor, that is all; elsewhere an index of the directory is read
// when the first reference comes, and what is not in it is looked up and
// remembered. A directory without references is not read twice.
type names struct {
	rd     *reading
	direct bool
	filled bool
	index  []indexed   // in order of keys, 32 bytes an object
	uuids  map[key]key // those found later; most anchors are UUIDs, and 16 bytes are less than 36
	texts  map[key]adsync.Anchor
	absent map[key]struct{}
	looked int // names asked for one by one
	// listed is the register that this read has made, where it made one.
	listed *register
}

type indexed struct{ name, uuid key }

func (i indexed) compare(k key) int { return bytes.Compare(i.name[:], k[:]) }

// maxAbsent bounds the memory of names that lead nowhere.
const maxAbsent = 100_000

func newNames(rd *reading) *names {
	direct := rd.server.extended && !protection.Identity.Removed() && len(rd.anchors) == 1 && strings.EqualFold(rd.anchors[0], "objectGUID")
	return &names{rd: rd, direct: direct, uuids: map[key]key{}, texts: map[key]adsync.Anchor{}, absent: map[key]struct{}{}}
}

// anchor gives false for a name that leads nowhere, such as a member that was
// deleted on a server that does not clean up after it.
func (n *names) anchor(ctx context.Context, value string) (adsync.Anchor, bool, error) {
	ref, err := parseReference(value)
	if err != nil {
		return "", false, nil
	}
	if n.direct && ref.guid != "" {
		return adsync.Anchor(ref.guid), true, nil
	}
	k := ref.key()
	if err := n.fill(ctx); err != nil {
		return "", false, err
	}
	if a, ok := n.known(k); ok {
		return a, true, nil
	}
	if _, ok := n.absent[k]; ok {
		return "", false, nil
	}
	return n.lookUp(ctx, ref, k)
}

func (n *names) known(k key) (adsync.Anchor, bool) {
	if at, ok := slices.BinarySearchFunc(n.index, k, indexed.compare); ok {
		return uuidText(n.index[at].uuid), true
	}
	if u, ok := n.uuids[k]; ok {
		return uuidText(u), true
	}
	a, ok := n.texts[k]
	return a, ok
}

func (n *names) learn(k key, a adsync.Anchor) {
	if u, ok := guidKey(string(a)); ok && uuidText(u) == a {
		n.uuids[k] = u
		return
	}
	n.texts[k] = adsync.Anchor(strings.Clone(string(a)))
}

func uuidText(u key) adsync.Anchor {
	h := hex.EncodeToString(u[:])
	return adsync.Anchor(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
}

func (n *names) lookUp(ctx context.Context, ref reference, k key) (adsync.Anchor, bool, error) {
	n.looked++
	e, err := n.rd.c.one(ctx, ref.base(), "(objectClass=*)", n.rd.server.extended, n.rd.anchors...)
	if err != nil && !isAbsent(err) {
		return "", false, err
	}
	if err == nil && e != nil {
		if a, err := n.rd.anchorOf(e); err == nil {
			n.learn(k, a)
			return a, true, nil
		}
	}
	if len(n.absent) < maxAbsent {
		n.absent[k] = struct{}{}
	}
	return "", false, nil
}

// isAbsent tells whether the server said that there is no such object here.
func isAbsent(err error) bool {
	e, ok := errors.AsType[*adsync.Error](err)
	return ok && (e.Problem == "base-not-found" || e.Problem == "base-elsewhere" || e.Problem == "name-invalid")
}

// fill reads the names and anchors of all objects once. It has a connection of
// its own, since another search is under way. A read of a few objects has no use
// for it, and one of changes takes it only where it asked for many names.
func (n *names) fill(ctx context.Context) error {
	switch {
	case n.filled || n.direct || len(n.rd.req.Only) > 0:
		return nil
	case n.rd.isFull():
	case n.rd.register == nil || n.looked < lookUpsAtMost:
		return nil
	}
	n.filled = true
	if noted := cmp.Or(n.listed, n.rd.register); noted != nil && n.rd.native == "" {
		return n.fillFromRegister(ctx, noted)
	}
	c, err := n.rd.second(ctx)
	if err != nil {
		return err
	}
	for _, b := range n.rd.bases {
		for _, kind := range allKinds {
			if err := n.fillFrom(ctx, c, b.dn.String(), n.rd.filter(kind)); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(n.index, func(a, b indexed) int { return a.compare(b.name) })
	return nil
}

// lookUpsAtMost is how many names a read of changes asks for one by one before
// it takes what is known of all of them.
const lookUpsAtMost = 200

// fillFromRegister takes the names that earlier reads noted, brought up to date
// by this one, without asking the server.
func (n *names) fillFromRegister(ctx context.Context, noted *register) error {
	for entry, err := range noted.all(ctx) {
		if err != nil {
			return err
		}
		if ref, err := parseReference(entry.dn); err == nil {
			n.index = append(n.index, indexed{ref.key(), entry.uuid})
		}
	}
	slices.SortFunc(n.index, func(a, b indexed) int { return a.compare(b.name) })
	return nil
}

func (n *names) fillFrom(ctx context.Context, c *conn, base, filter string) error {
	for page, err := range c.search(ctx, n.rd.query(base, filter, n.rd.anchors)) {
		if err != nil {
			return err
		}
		for i := range page {
			ref, err := parseReference(page[i].dn)
			if err != nil {
				continue // reported when the object itself is read
			}
			if a, err := n.rd.anchorOf(&page[i]); err == nil {
				n.note(ref.key(), a)
			}
		}
	}
	return nil
}

// note puts an object into the index, which is sorted when it is whole.
func (n *names) note(k key, a adsync.Anchor) {
	if u, ok := guidKey(string(a)); ok && uuidText(u) == a {
		n.index = append(n.index, indexed{k, u})
		return
	}
	n.texts[k] = adsync.Anchor(strings.Clone(string(a)))
}
