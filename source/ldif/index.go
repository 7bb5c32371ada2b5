package ldif

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// hash16 stands for a text. Two texts with the same one do not turn up.
type hash16 [16]byte

func hashOf(text string) hash16 {
	sum := sha256.Sum256([]byte(text))
	return hash16(sum[:16])
}

func compare(a, b hash16) int { return bytes.Compare(a[:], b[:]) }

// index finds anchors by the hash of a name: 32 bytes an entry. An
// anchor that is a UUID is kept in binary, another one in a list beside.
type index struct {
	rows      []row
	texts     []string
	ambiguous map[hash16]bool // keys that stand for several anchors
}

type row struct{ key, anchor hash16 }

const uuidLength = 36

// add takes an entry in; sort follows before the first find.
func (x *index) add(key hash16, anchor adsync.Anchor) {
	packed, ok := pack(string(anchor))
	if !ok {
		// A number in the last eight bytes; pack leaves those values free.
		packed = hash16{}
		n := len(x.texts)
		for i := 15; n > 0; i-- {
			packed[i] = byte(n)
			n >>= 8
		}
		x.texts = append(x.texts, string(anchor))
	}
	x.rows = append(x.rows, row{key, packed})
}

func (x *index) sort() {
	slices.SortFunc(x.rows, func(a, b row) int { return compare(a.key, b.key) })
	x.ambiguous = map[hash16]bool{}
	for i := 1; i < len(x.rows); i++ {
		if x.rows[i].key == x.rows[i-1].key && x.rows[i].anchor != x.rows[i-1].anchor {
			x.ambiguous[x.rows[i].key] = true
		}
	}
}

// find gives no anchor for a key that stands for several: that would be a guess.
func (x *index) find(key hash16) (adsync.Anchor, bool) {
	if x.ambiguous[key] {
		return "", false
	}
	i, ok := slices.BinarySearchFunc(x.rows, key, func(r row, k hash16) int { return compare(r.key, k) })
	if !ok {
		return "", false
	}
	return x.anchor(x.rows[i].anchor), true
}

// pack gives the bytes of a UUID in lower case whose first eight bytes are not
// all zero: those stand for numbers.
func pack(text string) (hash16, bool) {
	var out hash16
	if len(text) != uuidLength || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return out, false
	}
	digits := strings.ReplaceAll(text, "-", "")
	if len(digits) != 32 || strings.ToLower(digits) != digits {
		return out, false
	}
	for i := range out {
		b, err := strconv.ParseUint(digits[2*i:2*i+2], 16, 8)
		if err != nil {
			return out, false
		}
		out[i] = byte(b)
	}
	return out, !small(out)
}

func small(v hash16) bool { return [8]byte(v[:8]) == [8]byte{} }

func (x *index) anchor(v hash16) adsync.Anchor {
	if small(v) {
		n := 0
		for _, b := range v[8:] {
			n = n<<8 | int(b)
		}
		return adsync.Anchor(x.texts[n])
	}
	const digits = "0123456789abcdef"
	out := make([]byte, 0, uuidLength)
	for i, b := range v {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out = append(out, '-')
		}
		out = append(out, digits[b>>4], digits[b&15])
	}
	return adsync.Anchor(out)
}

// repeated sorts keys and gives those that stand there more than once.
func repeated(keys []hash16) map[hash16]bool {
	slices.SortFunc(keys, compare)
	twice := map[hash16]bool{}
	for i := 1; i < len(keys); i++ {
		if keys[i] == keys[i-1] {
			twice[keys[i]] = true
		}
	}
	return twice
}
