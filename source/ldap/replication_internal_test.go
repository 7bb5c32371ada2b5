package ldap

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func invocation(n byte) string { return strings.Repeat("\x00", 15) + string(rune(n)) }

const idText = "00000000-0000-0000-0000-0000000000"

// stamp is one attribute's stamp: which, where it was changed, its number there
// and its number here.
type stamp struct {
	attribute      uint32
	where          byte
	original, here uint64
}

func stamps(list ...stamp) string {
	raw := binary.LittleEndian.AppendUint64(nil, 1)
	raw = binary.LittleEndian.AppendUint64(raw, uint64(len(list)))
	for _, s := range list {
		raw = binary.LittleEndian.AppendUint32(raw, s.attribute)
		raw = append(raw, make([]byte, 12)...)
		raw = append(raw, invocation(s.where)...)
		raw = binary.LittleEndian.AppendUint64(raw, s.original)
		raw = binary.LittleEndian.AppendUint64(raw, s.here)
	}
	return string(raw)
}

// What a controller received from others is no change of its own: they have it.
func TestOnlyTheControllersOwnChangesCount(t *testing.T) {
	for name, c := range map[string]struct {
		changed, stamps string
		want            uint64
	}{
		"its own":                 {"70", stamps(stamp{9, 1, 70, 70}), 70},
		"another's":               {"70", stamps(stamp{9, 2, 900, 70}), 0},
		"both":                    {"70", stamps(stamp{9, 1, 60, 60}, stamp{10, 2, 900, 70}), 60},
		"the naming attribute":    {"70", stamps(stamp{3, 1, 70, 70}, stamp{9, 2, 900, 70}), 0},
		"a unit's":                {"70", stamps(stamp{11, 1, 70, 70}, stamp{9, 2, 900, 70}), 0},
		"a member, or what else":  {"71", stamps(stamp{9, 2, 900, 70}), 71},
		"no stamps":               {"70", "", 70},
		"stamps that are damaged": {"70", stamps(stamp{9, 2, 900, 70})[:30], 70},
		"another version":         {"70", "\x02" + stamps(stamp{9, 2, 900, 70})[1:], 70},
		"no number":               {"", stamps(stamp{9, 1, 70, 70}), 0},
	} {
		t.Run(name, func(t *testing.T) {
			e := &entry{attrs: []attribute{{Name: "uSNChanged", Values: []string{c.changed}}, {Name: "replPropertyMetaData", Values: []string{c.stamps}}}}
			require.Equal(t, c.want, madeHere(e, idText+"01"))
		})
	}
}

func TestWhatIsLackingIsNamed(t *testing.T) {
	before := reached{"dc=a:1": usnText(100), "dc=a:2": usnText(9), "dc=b:1": usnText(5)}
	for name, c := range map[string]struct {
		now  reached
		want string
	}{
		"all":                       {reached{"dc=a:1": usnText(100), "dc=a:2": usnText(10), "dc=b:1": usnText(5)}, ""},
		"more than nine":            {reached{"dc=a:1": usnText(1000), "dc=a:2": usnText(10)}, ""},
		"one behind":                {reached{"dc=a:1": usnText(99), "dc=a:2": usnText(10)}, "1"},
		"one never heard of":        {reached{"dc=a:1": usnText(100)}, "2"},
		"of another context only":   {reached{"dc=c:1": usnText(1)}, ""},
		"a context no longer said":  {reached{"dc=b:1": usnText(5)}, ""},
		"nothing said":              {nil, ""},
		"another context is behind": {reached{"dc=a:1": usnText(100), "dc=a:2": usnText(9), "dc=b:1": usnText(4)}, "1"},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, c.now.lacks(before)) })
	}
	require.Empty(t, reached{}.lacks(reached{"damaged": "x"}))
}

// The vector that Samba 4.17 gave.
func TestAVectorIsRead(t *testing.T) {
	r := reached{}
	require.True(t, r.addVector("dc=example:", "\x02\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"+
		"\xbf\xf0\xcb\x67\x81\xed\xc3\x42\xa3\x1c\xd1\x0d\x9e\xad\xd0\xd8\xed\x0f\x00\x00\x00\x00\x00\x00\x00\x80\x3e\xd5\xde\xb1\x9d\x01"))
	require.Equal(t, reached{"dc=example:67cbf0bf-ed81-42c3-a31c-d10d9eadd0d8": usnText(4077)}, r)
	require.True(t, r.addVector("dc=example:", ""), "a controller that is alone has none")
	for _, bad := range []string{"x", "\x03" + strings.Repeat("\x00", 15), "\x02" + strings.Repeat("\x00", 7) + "\xff\xff\xff\xff\x00\x00\x00\x00"} {
		require.False(t, r.addVector("dc=example:", bad))
	}
}

func FuzzReplication(f *testing.F) {
	f.Add([]byte(stamps(stamp{9, 1, 70, 70})), "20261121120000.000000Z#000000#001#000000", "dc=a:1", "1")
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "##", ":", "")
	f.Fuzz(func(t *testing.T, raw []byte, csn, key, value string) {
		r := reached{}
		r.addVector("dc=a:", string(raw))
		r.addCSNs("dc=b:", []string{csn})
		require.LessOrEqual(t, len(r), len(raw)/24+1)
		require.Empty(t, r.lacks(r))
		_ = r.lacks(reached{key: value})
		madeHere(&entry{attrs: []attribute{{Name: "uSNChanged", Values: []string{value}}, {Name: "replPropertyMetaData", Values: []string{string(raw)}}}}, idText+"01")
	})
}
