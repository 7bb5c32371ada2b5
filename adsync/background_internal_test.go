package adsync

import (
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"
)

func numbers(n int, last error, ended *bool) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		defer func() { *ended = true }()
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if last != nil {
			yield(0, last)
		}
	}
}

func TestWhatIsMadeInTheBackgroundComesWholeAndInOrder(t *testing.T) {
	fault := errors.New("a fault")
	for _, n := range []int{0, 1, backgroundItems - 1, backgroundItems, 5*backgroundItems + 3} {
		var got []int
		var err error
		ended := false
		for i, fault := range inBackground(numbers(n, fault, &ended)) {
			if err = fault; err == nil {
				got = append(got, i)
			}
		}
		require.Len(t, got, n)
		for i := range got {
			require.Equal(t, i, got[i])
		}
		require.Equal(t, fault, err)
		require.True(t, ended)
	}
}

// Red when end does not wait.
func TestWhoLeavesTheLoopLeavesNothingRunning(t *testing.T) {
	for range 50 {
		ended := false
		for i := range inBackground(numbers(10*backgroundItems, nil, &ended)) {
			if i == 3 {
				break
			}
		}
		require.True(t, ended)
	}
}
