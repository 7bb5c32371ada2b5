package sqlstate

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// A query that breaks off after some rows gives those rows and the error: they
// are not the end of the list.
//
// Red when the check for a cancelled context writes over the error of the page.
func TestAPageThatBreaksOffIsAnError(t *testing.T) {
	broken := errors.New("the connection is gone")
	var got []int
	var last error
	for n, err := range paged(t.Context(), 3, func(*int) ([]int, error) { return []int{1, 2}, broken }) {
		if last = err; err == nil {
			got = append(got, n)
		}
	}
	require.Equal(t, []int{1, 2}, got)
	require.ErrorIs(t, last, broken)
}
