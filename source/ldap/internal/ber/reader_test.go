package ber_test

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

const limit = 64 << 20

func TestReaderGivesWhatWasSent(t *testing.T) {
	sent := people(300)
	for name, src := range chunks(sent) {
		t.Run(name, func(t *testing.T) {
			list, err := readAll(ber.NewReader(src, limit))
			require.NoError(t, err)
			require.Len(t, list, 300)
			for i, e := range list {
				require.Equal(t, fmt.Sprintf("uid=p%d,ou=People,dc=example,dc=com", i), e.DN)
				require.Len(t, e.Attributes, 27)
				require.Equal(t, ber.Attribute{Name: "objectClass", Values: []string{"top", "person", "organizationalPerson", "inetOrgPerson", "user"}}, e.Attributes[0])
				for j, a := range e.Attributes[1:] {
					require.Equal(t, ber.Attribute{Name: fmt.Sprintf("attribute%d", j), Values: []string{fmt.Sprintf("value %d of %d", j, i)}}, a)
				}
			}
		})
	}
}

// An entry costs no allocation of its own: arenas and slabs serve many.
func TestReaderAllocationsPerEntry(t *testing.T) {
	const n = 4000
	sent := people(n)
	count := testing.AllocsPerRun(5, func() {
		var lists ber.Lists
		r, seen := ber.NewReader(bytes.NewReader(sent), limit), 0
		for m, err := r.Next(); m.Op != ber.SearchResultDone; m, err = r.Next() {
			require.NoError(t, err)
			e, err := r.Entry(&m, &lists)
			require.NoError(t, err)
			seen += len(e.Attributes)
		}
		require.Equal(t, 27*n, seen)
	})
	t.Logf("%.3f allocs per entry", count/n)
	require.LessOrEqual(t, count/n, 1.0)
}

// What was given out is never written to again. Red when an arena is used again
// or when the room behind a message is given out twice.
func TestWhatWasReadStaysAsItWas(t *testing.T) {
	sum := func(e ber.Entry) uint64 {
		h := fnv.New64a()
		fmt.Fprint(h, e)
		return h.Sum64()
	}
	r := ber.NewReader(iotest.HalfReader(bytes.NewReader(people(1000))), limit)
	var list []ber.Entry
	var lists ber.Lists
	var sums []uint64
	for m, err := r.Next(); m.Op != ber.SearchResultDone; m, err = r.Next() {
		require.NoError(t, err)
		e, err := r.Entry(&m, &lists)
		require.NoError(t, err)
		list, sums = append(list, e), append(sums, sum(e))
	}
	for i, e := range list {
		require.Equal(t, sums[i], sum(e), "%d", i)
		_ = append(e.Attributes, ber.Attribute{Name: "mine"})
		_ = append(e.Attributes[0].Values, "mine")
		require.Equal(t, sums[len(sums)-1], sum(list[len(list)-1]), "nobody can write into another's list")
	}
}

// A stream that ends early is an error, wherever it ends.
func TestATruncatedStreamIsNeverComplete(t *testing.T) {
	sent := people(2)
	for end := range len(sent) {
		list, err := readAll(ber.NewReader(bytes.NewReader(sent[:end]), limit))
		require.Error(t, err, "%d bytes", end)
		require.LessOrEqual(t, len(list), 2)
		require.True(t, err == io.EOF || err == io.ErrUnexpectedEOF, "%v", err)
	}
}

// The same with a length that lies: what is inside never goes beyond it.
func TestABodyCutAnywhereIsMalformed(t *testing.T) {
	whole := entry("cn=a", []string{"cn", "a", "b"}, []string{"sn", "c"}).Bytes()
	for end := 2; end < len(whole); end++ {
		body := append([]byte{0x64, byte(end - 2)}, whole[2:end]...)
		sent := append([]byte{0x30, byte(len(body) + 3), 2, 1, 2}, body...)
		r := ber.NewReader(bytes.NewReader(sent), limit)
		m, err := r.Next()
		require.NoError(t, err)
		_, err = r.Entry(&m, new(ber.Lists))
		require.ErrorIs(t, err, ber.ErrMalformed, "%d bytes", end)
	}
}

// Room grows with what arrives, not with what is announced.
func TestAHostileLengthTakesNoMemory(t *testing.T) {
	for name, sent := range map[string]string{
		"60 MB announced": "\x30\x84\x03\x90\x00\x00\x02\x01\x02\x64", "above the limit": "\x30\x84\x7f\xff\xff\xff\x02",
		"64 bits": "\x30\x88\x7f\xff\xff\xff\xff\xff\xff\xff", "all ones": "\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff",
		"127 length bytes": "\x30\xff\x01", "indefinite": "\x30\x80\x02\x01\x02\x00\x00", "a tag without end": "\x30\x0c\x02\x01\x02\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := ber.NewReader(strings.NewReader(sent), limit).Next()
			runtime.ReadMemStats(&after)
			require.Error(t, err)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<10))
		})
	}
}

// The same when a part of it did arrive.
func TestRoomIsAboutTwiceWhatArrived(t *testing.T) {
	sent := append([]byte("\x30\x84\x03\x90\x00\x00\x02\x01\x02\x64"), make([]byte, 200<<10)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := ber.NewReader(bytes.NewReader(sent), limit).Next()
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func TestAMessageBeyondTheLimitIsRefused(t *testing.T) {
	sent := message(2, entry("cn=a", []string{"photo", strings.Repeat("x", 5000)}))
	_, err := ber.NewReader(bytes.NewReader(sent), 5000).Next()
	require.ErrorIs(t, err, ber.ErrTooLarge)
	_, err = ber.NewReader(bytes.NewReader(sent), 6000).Next()
	require.NoError(t, err)
}

// A group with 100,000 members is one message; it takes about twice its size
// while it grows.
func TestAGroupWithManyMembers(t *testing.T) {
	members := []string{"member"}
	for i := range 100_000 {
		members = append(members, fmt.Sprintf("CN=Person %d,OU=People,OU=Somewhere,OU=Head Office,DC=corp,DC=example,DC=com", i))
	}
	sent := message(2, entry("CN=Everybody", members, []string{"cn", "Everybody"}))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := ber.NewReader(bytes.NewReader(sent), limit)
	m, err := r.Next()
	require.NoError(t, err)
	e, err := r.Entry(&m, new(ber.Lists))
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Equal(t, members[1:], e.Attributes[0].Values)
	require.Equal(t, []string{"Everybody"}, e.Attributes[1].Values)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(3*len(sent)+3*16*131072))
}

// A deadline in the middle of a message loses nothing.
func TestReadingGoesOnAfterAnErrorThatPasses(t *testing.T) {
	sent := people(3)
	for cut := range len(sent) {
		src := io.MultiReader(bytes.NewReader(sent[:cut]), &once{err: os.ErrDeadlineExceeded}, bytes.NewReader(sent[cut:]))
		r := ber.NewReader(src, limit)
		var list []ber.Entry
		late := 0
		for {
			some, err := readAll(r)
			if list = append(list, some...); err == nil {
				break
			}
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			late++
		}
		require.Len(t, list, 3)
		require.Equal(t, 1, late)
	}
}

// once fails one time and then is at its end.
type once struct{ err error }

func (o *once) Read([]byte) (int, error) {
	err := o.err
	if o.err = io.EOF; err == nil {
		err = io.EOF
	}
	return 0, err
}

// A server that makes up names fills no memory with them.
func TestNamesAreHeldOnceAndInBounds(t *testing.T) {
	var all bytes.Buffer
	for i := range 6000 {
		all.Write(message(2, entry("cn=a", []string{"objectClass", "top"}, []string{fmt.Sprintf("member;range=%d-*", i), "cn=b"})))
	}
	all.Write(message(2, result(5, 0, "", "")))
	list, err := readAll(ber.NewReader(&all, limit))
	require.NoError(t, err)
	for i, e := range list {
		require.Equal(t, "objectClass", e.Attributes[0].Name)
		require.Equal(t, fmt.Sprintf("member;range=%d-*", i), e.Attributes[1].Name)
	}
}

// What was taken from a released list stays; the list itself is used again.
func TestReleasedListsAreUsedAgain(t *testing.T) {
	sent := people(100)
	r := ber.NewReader(bytes.NewReader(append(bytes.Clone(sent), sent...)), limit)
	var lists ber.Lists
	m, err := r.Next()
	require.NoError(t, err)
	e, err := r.Entry(&m, &lists)
	require.NoError(t, err)
	name, values := e.Attributes[3].Name, e.Attributes[3].Values
	lists.Release()
	require.Equal(t, make([]ber.Attribute, 27), e.Attributes, "a stale list is empty")
	for m, err = r.Next(); m.Op != ber.SearchResultDone; m, err = r.Next() {
		require.NoError(t, err)
		_, err = r.Entry(&m, &lists)
		require.NoError(t, err)
	}
	require.Equal(t, "attribute2", name)
	require.Equal(t, []string{"value 2 of 0"}, values)
}
