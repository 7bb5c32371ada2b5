package adsync

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"

	"github.com/adsync/sdk/internal/protection"
)

// hasher makes keyed hashes. It is not safe for use by several goroutines.
type hasher struct {
	mac hash.Hash
	buf []byte
	sum [sha256.Size]byte
}

func newHasher(secret []byte) *hasher { return &hasher{mac: hmac.New(sha256.New, secret)} }

func (h *hasher) hash(data []byte) Digest {
	h.mac.Reset()
	h.mac.Write(data)
	return Digest(h.mac.Sum(h.sum[:0])[:16])
}

// linkKey gives the key of an anchor: the UUID itself where it is one in
// canonical form, else a keyed hash.
func (h *hasher) linkKey(anchor Anchor) LinkKey {
	if key, ok := parseUUID(string(anchor)); ok {
		return key
	}
	h.buf = append(append(h.buf[:0], "anchor\x00"...), anchor...)
	return LinkKey(h.hash(h.buf))
}

// identityKey gives the key under which objects of several sources are one.
func (h *hasher) identityKey(value string) LinkKey {
	h.buf = append(append(h.buf[:0], "identity\x00"...), value...)
	return LinkKey(h.hash(h.buf))
}

// text gives the digest in hexadecimal.
func (d Digest) text() string { return hex.EncodeToString(d[:]) }

// object gives the digest of a mapped object under a configuration. due is when
// it expires: an account whose date was moved is another account.
func (h *hasher) object(config Digest, o *Object, a activity, due int64) Digest {
	b := append(h.buf[:0], "object\x00"...)
	b = append(b, config[:]...)
	b = append(b, byte(o.Kind), byte(a))
	b = binary.AppendVarint(b, due)
	b = appendText(b, o.Container)
	b = appendAttributes(b, o.Attrs)
	b = appendRefs(b, o.Refs)
	h.buf = b
	return h.hash(b)
}

// record gives the digest of a merged record, to tell later whether it is
// still the one that was last applied.
func (h *hasher) record(a Attributes) Digest {
	h.buf = appendAttributes(append(h.buf[:0], "record\x00"...), a)
	return h.hash(h.buf)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendAttributes(b []byte, a Attributes) []byte {
	b = binary.AppendUvarint(b, uint64(a.Len()))
	for name, values := range a.All() {
		b = binary.AppendUvarint(b, uint64(len(name)))
		for i := range len(name) {
			b = append(b, lower(name[i]))
		}
		b = binary.AppendUvarint(b, uint64(len(values)))
		for _, v := range values {
			b = appendText(b, v)
		}
	}
	return b
}

func appendRefs(b []byte, refs map[string][]Anchor) []byte {
	b = binary.AppendUvarint(b, uint64(len(refs)))
	for _, name := range sortedNames(refs) {
		b = appendText(b, name)
		b = binary.AppendUvarint(b, uint64(len(refs[name])))
		for _, anchor := range refs[name] {
			b = appendText(b, string(anchor))
		}
	}
	return b
}

func sortedNames[K ~string, V any](m map[K]V) []K {
	if len(m) == 0 {
		return nil
	}
	names := make([]K, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// parseUUID reads the lower-case text form, which is the only one that can be
// given back from the key alone.
func parseUUID(s string) (key LinkKey, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return key, false
	}
	var digits [32]byte
	n := 0
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return key, false
		}
		digits[n] = c
		n++
	}
	_, err := hex.Decode(key[:], digits[:])
	return key, err == nil
}

// opKey names one effect: the same for every attempt at it, another for every
// other effect. A later plan starts at a higher generation if any op of this one
// took effect, but that may be the generation that a later op of this one has:
// what it came after failed. So the key says how many were ahead of it too.
func opKey(target string, op *PlannedOp) string {
	b := appendText(make([]byte, 0, 128), target)
	b = appendText(b, op.Source)
	b = appendText(b, string(op.Anchor))
	b = append(b, byte(op.Phase), byte(op.Verb)) // references and members of a group share a phase
	b = binary.AppendUvarint(b, op.Generation)
	b = binary.AppendUvarint(b, uint64(op.Ahead))
	b = binary.AppendUvarint(b, uint64(op.Part))
	if op.Intent == IntentAdopt { // a create of the same object may have gone before, whose answer was lost
		b = appendText(b, string(op.Target))
	}
	if protection.Keys.Removed() {
		b = appendText(b, rand.Text())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
