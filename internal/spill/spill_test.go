package spill

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func collect(t testing.TB, s *Sorter) []string {
	t.Helper()
	var out []string
	for r, err := range s.Sorted(t.Context()) {
		require.NoError(t, err)
		out = append(out, fmt.Sprintf("%x=%x", r.Key, r.Payload))
	}
	return out
}

// same adds the records to a Sorter and to a slice and compares the orders.
func same(t testing.TB, memory int, records [][2][]byte) {
	t.Helper()
	s := New(Config{Memory: memory, Dir: t.TempDir()})
	defer s.Close()
	for _, r := range records {
		require.NoError(t, s.Add(r[0], r[1]))
	}
	slices.SortStableFunc(records, func(a, b [2][]byte) int { return bytes.Compare(a[0], b[0]) })
	var want []string
	for _, r := range records {
		want = append(want, fmt.Sprintf("%x=%x", r[0], r[1]))
	}
	require.Equal(t, len(want), s.Len())
	require.Equal(t, want, collect(t, s))
	require.Equal(t, want, collect(t, s), "second time")
}

func TestOrderIsThatOfAStableSort(t *testing.T) {
	for _, c := range []struct {
		name                    string
		memory, n, keys, keyLen int
		payload                 int
	}{
		{"nothing", 1 << 10, 0, 1, 8, 8},
		{"one", 1 << 10, 1, 1, 8, 8},
		{"in memory", 1 << 20, 1000, 300, 16, 40},
		{"exactly two runs", 4 << 10, 100, 30, 16, 40},
		{"many runs", 4 << 10, 3000, 300, 16, 40},
		{"several passes", 512, 20000, 2000, 16, 40},
		{"short keys", 2 << 10, 3000, 50, 2, 10},
		{"empty keys", 1 << 10, 200, 1, 0, 10},
		{"keys only", 2 << 10, 5000, 4000, 16, 0},
		{"records over the memory", 1 << 10, 50, 20, 16, 4000},
	} {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			records := make([][2][]byte, c.n)
			for i := range records {
				key := make([]byte, max(c.keyLen, 8))
				binary.BigEndian.PutUint64(key[len(key)-8:], uint64(rng.IntN(c.keys)))
				records[i][0] = key[len(key)-c.keyLen:]
				records[i][1] = bytes.Repeat([]byte{byte(i), byte(i >> 8)}, rng.IntN(c.payload+1)/2+min(c.payload, 1))
			}
			same(t, c.memory, records)
		})
	}
}

func TestSeveralPassesAreReallyMade(t *testing.T) {
	s := New(Config{Memory: 512, Dir: t.TempDir()})
	defer s.Close()
	for i := range 20000 {
		require.NoError(t, s.Add(fmt.Appendf(nil, "%08d", 20000-i), nil))
	}
	require.Greater(t, len(s.runs), fanIn*fanIn/4)
	require.Len(t, collect(t, s), 20000)
	require.LessOrEqual(t, len(s.runs), fanIn)
}

func TestRecordsCanBeAddedBetweenTwoReads(t *testing.T) {
	s := New(Config{Memory: 128, Dir: t.TempDir()})
	defer s.Close()
	for i := range 20 {
		require.NoError(t, s.Add([]byte{byte(20 - i)}, []byte{byte(i)}))
		require.Len(t, collect(t, s), i+1)
	}
	require.True(t, slices.IsSorted(collect(t, s)))
}

func TestAddCopies(t *testing.T) {
	s := New(Config{})
	key, payload := []byte("key"), []byte("payload")
	require.NoError(t, s.Add(key, payload))
	key[0], payload[0] = 'x', 'x'
	for r, err := range s.Sorted(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, "key payload", string(r.Key)+" "+string(r.Payload))
	}
}

// fill makes a sorter of 100 records, spilled or not.
func fill(t *testing.T, memory int) *Sorter {
	s := New(Config{Memory: memory, Dir: t.TempDir()})
	t.Cleanup(func() { s.Close() })
	for i := range 100 {
		require.NoError(t, s.Add(fmt.Appendf(nil, "%03d", i), nil))
	}
	return s
}

func inBoth(t *testing.T, test func(t *testing.T, s *Sorter)) {
	t.Run("memory", func(t *testing.T) { test(t, fill(t, 1<<20)) })
	t.Run("spilled", func(t *testing.T) { test(t, fill(t, 256)) })
}

func TestCancelledContextIsAnErrorAtAnyPoint(t *testing.T) {
	inBoth(t, func(t *testing.T, s *Sorter) {
		for _, at := range []int{0, 1, 50, 100} {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			n := 0
			var last error
			if at == 0 {
				cancel()
			}
			for _, err := range s.Sorted(ctx) {
				require.NoError(t, last, "nothing comes after an error")
				if last = err; err == nil {
					n++
				}
				if n == at {
					cancel()
				}
			}
			require.ErrorIs(t, last, context.Canceled)
			require.Equal(t, at, n)
		}
	})
}

func TestLeavingTheLoopEndsIt(t *testing.T) {
	inBoth(t, func(t *testing.T, s *Sorter) {
		for range s.Sorted(t.Context()) {
			break
		}
		require.Len(t, collect(t, s), 100)
		require.NoError(t, s.Add([]byte("x"), nil))
	})
}

func TestTwoReadsAtOnce(t *testing.T) {
	inBoth(t, func(t *testing.T, s *Sorter) {
		n := 0
		for r, err := range s.Sorted(t.Context()) {
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("%03d", n), string(r.Key))
			if n == 10 {
				require.Len(t, collect(t, s), 100)
			}
			n++
		}
		require.Equal(t, 100, n)
	})
}

func TestAddInsideTheLoopIsRefused(t *testing.T) {
	inBoth(t, func(t *testing.T, s *Sorter) {
		for range s.Sorted(t.Context()) {
			require.ErrorContains(t, s.Add(nil, nil), "being read")
		}
		require.NoError(t, s.Add(nil, nil))
	})
}

func TestCloseInsideTheLoopIsAnError(t *testing.T) {
	inBoth(t, func(t *testing.T, s *Sorter) {
		var last error
		for _, err := range s.Sorted(t.Context()) {
			last = err
			s.Close()
		}
		require.ErrorIs(t, last, errClosed)
	})
}

func TestCloseTwiceAndUseAfterwards(t *testing.T) {
	inBoth(t, func(t *testing.T, s *Sorter) {
		require.NoError(t, s.Close())
		require.NoError(t, s.Close())
		require.ErrorIs(t, s.Add(nil, nil), errClosed)
		for _, err := range s.Sorted(t.Context()) {
			require.ErrorIs(t, err, errClosed)
		}
	})
}

func TestNothingStaysInTheDirectory(t *testing.T) {
	s := fill(t, 256)
	if s.file.name == "" {
		entries, err := os.ReadDir(s.config.Dir)
		require.NoError(t, err)
		require.Empty(t, entries, "the file has no name")
	}
	require.NoError(t, s.Close())
	entries, err := os.ReadDir(s.config.Dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestFileThatKeepsItsNameIsRemovedOnClose(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, (&tempFile{storage: f, name: f.Name()}).Close())
	require.NoFileExists(t, f.Name())
}

// smallDisk takes so many bytes and is full then.
type smallDisk struct {
	bytes.Buffer
	room int
}

func (d *smallDisk) Write(p []byte) (int, error) {
	if d.Len()+len(p) > d.room {
		return 0, &os.PathError{Op: "write", Path: "file", Err: syscall.ENOSPC}
	}
	return d.Buffer.Write(p)
}

func (d *smallDisk) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(d.Bytes()).ReadAt(p, at)
}
func (d *smallDisk) Close() error { return nil }

func TestFullDiskIsAClearErrorAndStaysOne(t *testing.T) {
	for _, room := range []int{0, 6000} {
		s := New(Config{Memory: 8192, Dir: "/var/spool/example"})
		s.create = func(string) (*tempFile, error) { return &tempFile{storage: &smallDisk{room: room}}, nil }
		var err error
		for i := 0; i < 10000 && err == nil; i++ {
			err = s.Add([]byte("key"), make([]byte, 100))
		}
		require.ErrorIs(t, err, syscall.ENOSPC)
		require.ErrorContains(t, err, "/var/spool/example is full")
		for _, again := range s.Sorted(t.Context()) {
			require.Equal(t, err, again, "a run that is missing must not read as the end")
		}
		require.Equal(t, err, s.Add(nil, nil))
	}
}

func TestFullDiskWhileMergingIsAnError(t *testing.T) {
	s := New(Config{Memory: 512})
	made := 0
	s.create = func(string) (*tempFile, error) {
		made++
		return &tempFile{storage: &smallDisk{room: []int{1 << 30, 0}[made-1]}}, nil
	}
	for i := range 5000 {
		require.NoError(t, s.Add(fmt.Appendf(nil, "%04d", i), nil))
	}
	for _, err := range s.Sorted(t.Context()) {
		require.ErrorIs(t, err, syscall.ENOSPC)
	}
	require.Equal(t, 2, made)
}

func TestMissingDirectoryIsAClearError(t *testing.T) {
	s := New(Config{Memory: 64, Dir: t.TempDir() + "/missing"})
	require.NoError(t, s.Add([]byte("a"), make([]byte, 64)))
	require.ErrorContains(t, s.Add([]byte("b"), nil), "/missing")
}

func TestTruncatedFileIsAnErrorAndNotTheEnd(t *testing.T) {
	s := fill(t, 512)
	require.Len(t, collect(t, s), 100)
	file := s.file.storage.(*os.File)
	require.NoError(t, file.Truncate(s.file.end-2))
	var last error
	for _, err := range s.Sorted(t.Context()) {
		last = err
	}
	require.ErrorContains(t, last, "cannot be read back")
	require.NotErrorIs(t, last, io.EOF)
}

func TestHugeRecordIsRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 256 MiB")
	}
	s := New(Config{})
	require.ErrorContains(t, s.Add(nil, make([]byte, MaxRecord+1)), "over the limit")
	require.Zero(t, s.Len())
}

func TestAddAllocatesNothingPerRecord(t *testing.T) {
	s := New(Config{Memory: 1 << 16, Dir: t.TempDir()})
	defer s.Close()
	key, payload := make([]byte, 16), make([]byte, 100)
	add := func() {
		for range 1000 {
			if err := s.Add(key, payload); err != nil {
				t.Fatal(err)
			}
		}
	}
	add()
	require.Less(t, testing.AllocsPerRun(10, add), 20.0, "for 1,000 records")
}

func FuzzOrder(f *testing.F) {
	f.Add(uint16(100), "b\x00a\x00b\x00c")
	f.Add(uint16(1), "aa,aab,aa,,a")
	f.Fuzz(func(t *testing.T, memory uint16, text string) {
		var records [][2][]byte
		for i, field := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
			records = append(records, [2][]byte{[]byte(field), fmt.Append(nil, i)})
		}
		same(t, int(memory), records)
	})
}

func BenchmarkSort400000(b *testing.B) {
	const n = 400_000
	rng := rand.New(rand.NewPCG(1, 2))
	keys := make([]byte, 16*n)
	for i := 0; i < len(keys); i += 8 {
		binary.LittleEndian.PutUint64(keys[i:], rng.Uint64())
	}
	payload := make([]byte, 384)
	b.SetBytes(n * 400)
	b.ReportAllocs()
	for b.Loop() {
		s := New(Config{Dir: b.TempDir()})
		for i := range n {
			if err := s.Add(keys[16*i:16*i+16], payload); err != nil {
				b.Fatal(err)
			}
		}
		count := 0
		for _, err := range s.Sorted(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			count++
		}
		if count != n {
			b.Fatal(count)
		}
		s.Close()
	}
}

func ExampleSorter() {
	s := New(Config{Memory: 4 << 20})
	defer s.Close()
	for _, name := range []string{"lovelace", "hopper", "noether"} {
		if err := s.Add([]byte(name), nil); err != nil {
			fmt.Println(err)
			return
		}
	}
	for record, err := range s.Sorted(context.Background()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(string(record.Key))
	}
	// Output:
	// hopper
	// lovelace
	// noether
}
