package spill

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func evenly(n int) []uint64 {
	rng := rand.New(rand.NewPCG(1, 2))
	out := make([]uint64, n)
	for i := range out {
		out[i] = rng.Uint64()
	}
	return out
}

func numbersOf(t testing.TB, list []uint64) *Numbers {
	t.Helper()
	n := NewNumbers(t.TempDir())
	t.Cleanup(func() { n.Close() })
	for _, number := range list {
		require.NoError(t, n.Add(number))
	}
	return n
}

func allParts(t testing.TB, n *Numbers) (all []uint64) {
	t.Helper()
	for part, err := range n.Parts(t.Context()) {
		require.NoError(t, err)
		all = append(all, part...)
	}
	return all
}

func TestNumbersComeInOrderAndAllOfThem(t *testing.T) {
	for name, list := range map[string][]uint64{
		"none":              nil,
		"the ends":          {^uint64(0), 0, 1, ^uint64(0)},
		"few, in memory":    evenly(1000),
		"many":              evenly(100_000),
		"exactly one block": make([]uint64, perBlock),
		"all in one part":   slices.Repeat([]uint64{7, 5}, 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			n := numbersOf(t, list)
			want := slices.Sorted(slices.Values(list))
			require.Equal(t, want, allParts(t, n))
			require.Equal(t, want, allParts(t, n), "second time")
		})
	}
}

// Who looks for equal numbers need not look beyond a part.
func TestNumbersThatBeginAlikeComeInOnePart(t *testing.T) {
	n := numbersOf(t, evenly(100_000))
	last := -1
	for part, err := range n.Parts(t.Context()) {
		require.NoError(t, err)
		require.Greater(t, int(part[0]>>(64-partBits)), last)
		last = int(part[len(part)-1] >> (64 - partBits))
	}
}

func TestNumbersMakeNoFileForFew(t *testing.T) {
	n := numbersOf(t, evenly(perBlock))
	require.Nil(t, n.file)
	require.Len(t, allParts(t, n), perBlock)
}

func TestNumbersHoldLittle(t *testing.T) {
	n := numbersOf(t, evenly(400_000))
	held := 0
	for _, p := range n.parts {
		held += 8 * (cap(p.waiting) + cap(p.blocks))
	}
	require.Less(t, held, 8*perBlock<<partBits+64<<10)
}

func TestFullDiskIsAnErrorOfNumbersForGood(t *testing.T) {
	for _, room := range []int{0, 50_000} {
		n := NewNumbers("/var/spool/example")
		n.create = func(string) (*tempFile, error) { return &tempFile{storage: &smallDisk{room: room}}, nil }
		var err error
		for _, number := range evenly(100_000) {
			if err = n.Add(number); err != nil {
				break
			}
		}
		require.ErrorIs(t, err, syscall.ENOSPC)
		require.ErrorContains(t, err, "/var/spool/example is full")
		for _, again := range n.Parts(t.Context()) {
			require.Equal(t, err, again, "what is missing must not read as the end")
		}
		require.Equal(t, err, n.Add(1))
	}
}

func TestMissingDirectoryIsAnErrorOfNumbers(t *testing.T) {
	n := NewNumbers(t.TempDir() + "/missing")
	var err error
	for i := 0; i < perBlock && err == nil; i++ {
		err = n.Add(1)
	}
	require.ErrorContains(t, err, "/missing")
}

func TestTruncatedFileOfNumbersIsAnErrorAndNotTheEnd(t *testing.T) {
	n := numbersOf(t, evenly(100_000))
	require.NoError(t, n.file.storage.(*os.File).Truncate(n.file.end-2))
	var last error
	for _, err := range n.Parts(t.Context()) {
		last = err
	}
	require.ErrorContains(t, last, "cannot be read back")
	require.NotErrorIs(t, last, io.EOF)
}

func TestCancelledContextEndsNumbers(t *testing.T) {
	n := numbersOf(t, evenly(1000))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range n.Parts(ctx) {
		cancel()
		last = err
	}
	require.ErrorIs(t, last, context.Canceled)
}

func TestCloseOfNumbers(t *testing.T) {
	n := NewNumbers(t.TempDir())
	disk := &closing{}
	n.create = func(string) (*tempFile, error) { return &tempFile{storage: disk}, nil }
	for _, number := range evenly(100_000) {
		require.NoError(t, n.Add(number))
	}
	require.NoError(t, n.Close())
	require.NoError(t, n.Close())
	require.Equal(t, 1, disk.closed)
	require.ErrorIs(t, n.Add(1), errClosed)
	for _, err := range n.Parts(t.Context()) {
		require.ErrorIs(t, err, errClosed)
	}
}

type closing struct {
	bytes.Buffer
	closed int
}

func (*closing) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }
func (c *closing) Close() error                    { c.closed++; return nil }

func BenchmarkNumbers1200000(b *testing.B) {
	list := evenly(1_200_000)
	b.ReportAllocs()
	for b.Loop() {
		n, count := NewNumbers(b.TempDir()), 0
		for _, number := range list {
			if err := n.Add(number); err != nil {
				b.Fatal(err)
			}
		}
		for part, err := range n.Parts(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			count += len(part)
		}
		if count != len(list) {
			b.Fatal(count)
		}
		n.Close()
	}
}

func BenchmarkNumbersInMemory1200000(b *testing.B) {
	list := evenly(1_200_000)
	b.ReportAllocs()
	for b.Loop() {
		var all []uint64
		for len(all) < len(list) { // one by one, as they come
			all = append(all, list[len(all)])
		}
		slices.Sort(all)
	}
}
