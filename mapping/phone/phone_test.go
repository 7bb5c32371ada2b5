package phone_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/mapping/phone"
)

func TestNumbersAreWrittenInOneStyle(t *testing.T) {
	for _, c := range []struct {
		format    phone.Format
		in, want  string
		wantError bool
	}{
		{format: phone.Format{Region: "DE"}, in: "030 / 901 820", want: "+4930901820"},
		{format: phone.Format{Region: "DE"}, in: "+1 (212) 555-2368", want: "+12125552368"},
		{format: phone.Format{Region: "DE", Style: phone.International}, in: "030901820", want: "+49 30 901820"},
		{format: phone.Format{Region: "DE", Style: phone.National}, in: "+4930901820", want: "030 901820"},
		{format: phone.Format{Region: "DE"}, in: "030 901820 ext. 12", want: "+4930901820 x12"},
		{format: phone.Format{}, in: "030 901820", want: "030 901820"},
		{format: phone.Format{Region: "DE"}, in: "ask reception", want: "ask reception"},
		{format: phone.Format{Region: "DE", Refuse: true}, in: "ask reception", wantError: true},
		{format: phone.Format{Region: "DE", Refuse: true}, in: "+49 1", wantError: true},
		{format: phone.Format{Region: "no such region"}, in: "030 901820", want: "030 901820"},
	} {
		got, err := c.format.Normalizer().Value(c.in)
		require.Equal(t, c.wantError, err != nil, "%q", c.in)
		require.Equal(t, c.want, got, "%q", c.in)
	}
}

func TestVersionFollowsTheSettings(t *testing.T) {
	require.NotEqual(t, phone.Format{Region: "DE"}.Normalizer().Version, phone.Format{Region: "FR"}.Normalizer().Version)
	require.NotEqual(t, phone.Format{}.Normalizer().Version, phone.Format{Refuse: true}.Normalizer().Version)
}

func TestErrorsDoNotRepeatTheNumber(t *testing.T) {
	_, err := phone.Format{Refuse: true}.Normalizer().Value("12345 secret")
	require.NotContains(t, err.Error(), "secret")
}

func FuzzFormatIsIdempotent(f *testing.F) {
	f.Add("030 901820 ext. 12")
	f.Add("+1 212 555 2368;ext=9")
	f.Fuzz(func(t *testing.T, s string) {
		n := phone.Format{Region: "DE"}.Normalizer()
		once, err := n.Value(s)
		require.NoError(t, err)
		twice, err := n.Value(once)
		require.NoError(t, err)
		require.Equal(t, once, twice)
	})
}

func ExampleFormat() {
	number, err := phone.Format{Region: "DE"}.Normalizer().Value("030 / 901 820")
	fmt.Println(number, err)
	// Output: +4930901820 <nil>
}
