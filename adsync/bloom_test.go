package adsync

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func bloomOf(n int) *bloom {
	b := newBloom(n)
	for i := range n {
		b.add(TargetID(strconv.Itoa(i)))
	}
	return b
}

func TestBloomKnowsAllOfItsOwn(t *testing.T) {
	for _, n := range []int{0, 1, 7, 1000, 100_000} {
		b := bloomOf(n)
		for i := range n {
			require.True(t, b.has(TargetID(strconv.Itoa(i))), "%d of %d", i, n)
		}
	}
}

// Each stranger taken for known costs a look at every link.
func TestBloomTakesHardlyAStrangerForKnown(t *testing.T) {
	const n = 100_000
	b, known := bloomOf(n), 0
	for i := range 10 * n {
		if b.has(TargetID(strconv.Itoa(n + i))) {
			known++
		}
	}
	require.LessOrEqual(t, known, 5, "of a million; one in three times it is one")
}

func TestBloomThatIsTooSmallStillKnowsItsOwn(t *testing.T) {
	b := newBloom(0)
	for i := range 1000 {
		b.add(TargetID(strconv.Itoa(i)))
	}
	for i := range 1000 {
		require.True(t, b.has(TargetID(strconv.Itoa(i))))
	}
}

func TestBloomBytesPerID(t *testing.T) {
	const n = 400_000
	before := heapInUse()
	b := bloomOf(n)
	each := float64(heapInUse()-before) / n
	require.True(t, b.has("1")) // and so it was alive until here
	require.Greater(t, each, 4.0, "the measure misses what is there")
	require.LessOrEqual(t, each, 5.1)
}

func BenchmarkBloom(b *testing.B) {
	f, n := newBloom(400_000), 0
	for b.Loop() {
		id := TargetID(strconv.Itoa(n % 400_000))
		if !f.has(id) {
			f.add(id)
		}
		n++
	}
}
