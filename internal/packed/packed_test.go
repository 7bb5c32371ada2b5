package packed_test

import (
	"errors"
	"iter"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/packed"
)

var samples = []attribute{
	{"mail", []string{"ada@example.com"}}, {"phone", nil}, {"picture", []string{"\x00\xff", "", "x"}},
}

type attribute struct {
	name   string
	values []string
}

func each(list []attribute) iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		for _, a := range list {
			if !yield(a.name, a.values) {
				return
			}
		}
	}
}

func write() []byte {
	var w packed.Writer
	w.Byte(7)
	w.Bool(true)
	w.Uint(math.MaxUint64)
	w.Int(math.MinInt64)
	w.Int(math.MaxInt64)
	w.Raw([]byte{1, 2, 3})
	w.String("a\x00b")
	w.Time(time.Time{})
	w.Time(time.Date(9999, 1, 2, 3, 4, 5, 999_999_999, time.UTC))
	packed.Strings(&w, []string{"", "x"})
	w.Attributes(len(samples), each(samples), func(name string) uint64 { return uint64(len(name)) })
	return w.Buf
}

// read reads what write wrote and gives the attributes.
func read(record string) ([]attribute, error) {
	r := packed.Read(record)
	r.Byte()
	r.Bool()
	r.Uint()
	r.Int()
	r.Int()
	r.Raw(make([]byte, 3))
	_ = r.String()
	r.Time()
	r.Time()
	packed.ReadStrings[string](r)
	var got []attribute
	r.Attributes(func(n int) { got = make([]attribute, 0, n) }, nameOf,
		func(name string, values []string) { got = append(got, attribute{name, values}) })
	return got, r.End()
}

func nameOf(number uint64) (string, error) {
	for _, s := range samples {
		if uint64(len(s.name)) == number {
			return s.name, nil
		}
	}
	return "", errors.New("no name " + strconv.FormatUint(number, 10))
}

func TestEverythingIsReadAsItWasWritten(t *testing.T) {
	r := packed.Read(string(write()))
	require.Equal(t, byte(7), r.Byte())
	require.True(t, r.Bool())
	require.Equal(t, uint64(math.MaxUint64), r.Uint())
	require.Equal(t, int64(math.MinInt64), r.Int())
	require.Equal(t, int64(math.MaxInt64), r.Int())
	raw := make([]byte, 3)
	r.Raw(raw)
	require.Equal(t, []byte{1, 2, 3}, raw)
	require.Equal(t, "a\x00b", r.String())
	require.True(t, r.Time().IsZero())
	require.Equal(t, time.Date(9999, 1, 2, 3, 4, 5, 999_999_999, time.UTC), r.Time())
	require.Equal(t, []string{"", "x"}, packed.ReadStrings[string](r))
	require.NoError(t, r.Err())

	got, err := read(string(write()))
	require.NoError(t, err)
	require.Len(t, got, len(samples))
	for i, want := range samples {
		require.Equal(t, want.name, got[i].name)
		require.ElementsMatch(t, want.values, got[i].values)
	}
}

func TestEveryTruncationIsAnError(t *testing.T) {
	whole := string(write())
	for n := range whole {
		_, err := read(whole[:n])
		require.ErrorIs(t, err, packed.ErrMalformed, "cut to %d of %d bytes", n, len(whole))
	}
	_, err := read(whole + "x")
	require.ErrorIs(t, err, packed.ErrMalformed, "a byte too many")
}

func TestHostileLengthsAllocateNothing(t *testing.T) {
	var w packed.Writer
	w.Uint(1 << 60)
	huge := string(w.Buf)
	require.Less(t, testing.AllocsPerRun(10, func() {
		_ = packed.Read(huge).String()
		packed.ReadStrings[string](packed.Read(huge))
		packed.Read(huge).Attributes(func(int) { t.Error("began") }, nameOf, func(string, []string) {})
	}), 20.0)
	w.Reset()
	w.Uint(1)
	w.Uint(2) // two values announced
	w.Uint(4)
	w.Uint(3) // three come
	w.Raw([]byte{0, 0, 0, 0, 0, 0})
	r := packed.Read(string(w.Buf))
	r.Attributes(func(int) {}, nameOf, func(string, []string) { t.Error("gave an attribute") })
	require.ErrorIs(t, r.Err(), packed.ErrMalformed)
}

func TestAnUnknownNameIsAnError(t *testing.T) {
	var w packed.Writer
	w.Attributes(1, each([]attribute{{"a name of its own", []string{"v"}}}), func(name string) uint64 { return 99 })
	r := packed.Read(string(w.Buf))
	r.Attributes(func(int) {}, nameOf, func(string, []string) { t.Error("gave an attribute") })
	require.ErrorContains(t, r.End(), "no name 99")
}

func FuzzReader(f *testing.F) {
	f.Add(string(write()))
	f.Add("")
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
	f.Fuzz(func(t *testing.T, record string) {
		got, err := read(record)
		if err != nil {
			return
		}
		bytes := 0
		for _, a := range got {
			bytes += 2 + len(a.values)
		}
		if bytes > len(record) {
			t.Errorf("%d bytes gave %d attributes", len(record), len(got))
		}
	})
}
