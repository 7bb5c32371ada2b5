package ldap

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// pad is notes in memory that count how often they were read and written.
type pad struct {
	notes         map[string]string
	reads, writes int
}

func (p *pad) Get(_ context.Context, name string) (string, bool, error) {
	p.reads++
	value, ok := p.notes[name]
	return value, ok, nil
}

func (p *pad) Put(_ context.Context, name, value string) error {
	p.writes++
	if p.notes[name] = value; value == "" {
		delete(p.notes, name)
	}
	return nil
}

func (p *pad) Scan(_ context.Context, prefix string) iter.Seq2[adsync.Note, error] {
	return func(yield func(adsync.Note, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(p.notes)) {
			if strings.HasPrefix(name, prefix) && !yield(adsync.Note{Name: name, Value: p.notes[name]}, nil) {
				return
			}
		}
	}
}

func made(n int) (key, called) {
	return key{byte(n), byte(n >> 8), 7}, called{
		dn: fmt.Sprintf("uid=p%d,dc=example,dc=com", n), uids: []string{fmt.Sprintf("p%d", n), "other"}[:n%3%2+1],
		sign: uint32(n), stamp: uint32(2 * n), kind: adsync.User, refs: []uint64{uint64(n), 9}[:n%2*2],
	}
}

func register4(t testing.TB, notes adsync.Notes, n int) *register {
	maker := newRegisterMaker()
	defer maker.close()
	for i := range n {
		require.NoError(t, maker.add(made(i)))
	}
	buckets, name, err := maker.write(t.Context(), notes)
	require.NoError(t, err)
	r := openRegister(notes, buckets)
	require.NoError(t, r.isThere(t.Context(), name))
	return r
}

func TestRegisterKeepsWhatItWasGiven(t *testing.T) {
	for _, n := range []int{0, 1, perBucket, 20 * perBucket} {
		r := register4(t, &pad{notes: map[string]string{}}, n)
		for i := range n {
			uuid, want := made(i)
			got, ok, err := r.get(t.Context(), uuid)
			require.NoError(t, err)
			require.True(t, ok)
			require.True(t, got.same(want) && want.same(got), "%v %v", got, want)
			require.Equal(t, want.dn, got.dn)
		}
		_, ok, err := r.get(t.Context(), key{1, 2, 3})
		require.NoError(t, err)
		require.False(t, ok)
		count := 0
		for _, err := range r.all(t.Context()) {
			require.NoError(t, err)
			count++
		}
		require.Equal(t, n, count)
	}
}

// A few changes write a few notes, and none when nothing changed; however many
// are changed, only a part is in memory.
func TestRegisterWritesInProportionToTheChanges(t *testing.T) {
	notes := &pad{notes: map[string]string{}}
	const n = 60 * perBucket
	r := register4(t, notes, n)
	notes.writes = 0
	for i := range 3 {
		uuid, c := made(i)
		require.NoError(t, r.put(t.Context(), uuid, c))
	}
	require.NoError(t, r.save(t.Context()))
	require.Zero(t, notes.writes)
	uuid, c := made(4)
	c.dn = "uid=renamed,dc=example,dc=com"
	require.NoError(t, r.put(t.Context(), uuid, c))
	require.NoError(t, r.save(t.Context()))
	require.Equal(t, 1, notes.writes)

	all := map[key]called{}
	for i := range n {
		uuid, c := made(i)
		c.stamp++
		all[uuid] = c
	}
	notes.writes = 0
	for _, uuid := range byPlace(all) {
		require.NoError(t, r.put(t.Context(), uuid, all[uuid]))
		require.LessOrEqual(t, len(r.loaded), bucketsAtOnce)
	}
	require.NoError(t, r.save(t.Context()))
	require.Equal(t, int(r.buckets), notes.writes, "each bucket once")
	for uuid, want := range all {
		got, _, err := openRegister(notes, r.buckets).get(t.Context(), uuid)
		require.NoError(t, err)
		require.Equal(t, want.stamp, got.stamp)
		break
	}
}

// Entries that changed come in the server's order. Red when modifyTime.look takes
// each as it comes: for nearly every one a bucket is then read, and another written.
func TestEntriesByModifyTimestampReadEachBucketOnce(t *testing.T) {
	notes := &pad{notes: map[string]string{}}
	const n = 60 * perBucket
	r := register4(t, notes, n)
	some := map[key]*sighting{}
	for i := 0; i < n; i += 10 {
		uuid, c := made(i)
		c.stamp++
		some[uuid] = &sighting{called: c}
	}
	a := &aftermath{register: r, touched: map[key]touched{}, names: newTurnover()}
	notes.writes, notes.reads = 0, 0
	require.NoError(t, (&modifyTime{}).meet(t.Context(), a, some))
	require.NoError(t, r.save(t.Context()))
	require.Empty(t, some)
	require.Len(t, a.touched, n/10)
	require.LessOrEqual(t, notes.reads, int(r.buckets))
	require.LessOrEqual(t, notes.writes, int(r.buckets))
}

// A smaller register leaves nothing of a larger one behind.
func TestRegisterReplacesAnEarlierOne(t *testing.T) {
	notes := &pad{notes: map[string]string{"controller": "kept"}}
	register4(t, notes, 10*perBucket)
	require.Len(t, notes.notes, 12)
	register4(t, notes, 3)
	require.Len(t, notes.notes, 3)
}

// Notes that are damaged, or of another version, ask for a full read.
//
// Red when the checksum is not compared.
func TestDamagedRegisterAsksForAFullRead(t *testing.T) {
	notes := &pad{notes: map[string]string{}}
	r := register4(t, notes, 10)
	whole := notes.notes[bucketName(0)]
	other := strings.Replace(whole, "example", "elsewhe", 1)
	require.NotEqual(t, whole, other)
	for _, text := range []string{"x", whole[:20], "\x01" + whole[1:], other} {
		notes.notes[bucketName(0)] = text
		_, _, err := openRegister(notes, r.buckets).get(t.Context(), key{})
		require.Equal(t, adsync.CodeGone, adsync.CodeOf(err))
	}
}

// Whatever stands in a note, it is refused or it is a bucket that packs to what
// unpacks to the same; memory stays bounded.
func FuzzBucket(f *testing.F) {
	entries := map[key]called{}
	for i := range 5 {
		uuid, c := made(i)
		entries[uuid] = c
	}
	text := newBucket(entries).pack()
	f.Add(text)
	f.Add(text[:30])
	f.Add("\x03\x00\x00\x00\x00\xff\xff\xff\xff\x0f\x00")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := unpackBucket(text)
		if err != nil || len(b.packed) == 0 {
			return
		}
		entries := maps.Collect(b.all())
		again, err := unpackBucket(newBucket(entries).pack())
		require.NoError(t, err)
		require.Equal(t, entries, maps.Collect(again.all()))
		for uuid, want := range entries {
			got, ok := b.get(uuid)
			require.True(t, ok)
			require.Equal(t, want, got)
		}
	})
}

// Whatever is set and dropped, in memory and over what was stored, a bucket is
// what a map is.
func TestABucketIsWhatAMapIs(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	want, b := map[key]called{}, &bucket{}
	for i := range 3000 {
		uuid, c := made(random.IntN(200))
		if c.stamp = uint32(i); len(c.refs) == 0 {
			c.refs = nil
		}
		switch random.IntN(4) {
		case 0:
			delete(want, uuid)
			b.drop(uuid)
		case 1:
			got, ok := b.get(uuid)
			require.Equal(t, want[uuid], got)
			require.Equal(t, ok, got.dn != "")
		default:
			want[uuid] = c
			b.set(uuid, c)
		}
		if i%100 == 99 {
			require.Equal(t, want, maps.Collect(b.all()))
			var err error
			b, err = unpackBucket(b.pack())
			require.NoError(t, err)
			require.Equal(t, want, maps.Collect(b.all()))
			require.True(t, slices.IsSortedFunc(slices.Collect(keysOf(b)), key.compare))
		}
	}
}

func keysOf(b *bucket) iter.Seq[key] {
	return func(yield func(key) bool) {
		for uuid := range b.all() {
			if !yield(uuid) {
				return
			}
		}
	}
}
