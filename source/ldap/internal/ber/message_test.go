package ber_test

import (
	"bytes"
	"strings"
	"testing"

	packets "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

func one(t *testing.T, sent []byte) ber.Message {
	t.Helper()
	m, err := ber.NewReader(bytes.NewReader(sent), limit).Next()
	require.NoError(t, err)
	require.Equal(t, len(sent), m.Size)
	return m
}

func TestResultsAndControls(t *testing.T) {
	paging := goldap.NewControlPaging(7)
	paging.SetCookie([]byte("next"))
	unknown := goldap.NewControlString("1.2.3.4", true, "anything")
	m := one(t, message(5, result(5, 10, "dc=example", "elsewhere", context(3, octets("ldap://a/"), octets("ldap://b/"))), context(0, paging.Encode(), unknown.Encode())))
	require.Equal(t, ber.SearchResultDone, m.Op)
	require.EqualValues(t, 5, m.ID)
	r, err := m.Result()
	require.NoError(t, err)
	require.Equal(t, ber.Result{Code: 10, MatchedDN: "dc=example", Text: "elsewhere", Referrals: []string{"ldap://a/", "ldap://b/"}}, r)
	controls, err := m.Controls()
	require.NoError(t, err)
	require.Len(t, controls, 2)
	require.Equal(t, goldap.ControlTypePaging, controls[0].OID)
	require.Equal(t, paging.Encode().Bytes(), controls[0].Whole)
	require.Equal(t, ber.Control{OID: "1.2.3.4", Critical: true, Value: []byte("anything"), Whole: unknown.Encode().Bytes()}, controls[1])
}

func TestControlsWithAndWithoutTheirOptionalParts(t *testing.T) {
	for _, c := range []ber.Control{
		{OID: "1.2.3", Whole: []byte("\x30\x07\x04\x051.2.3")},
		{OID: "1.2.3", Critical: true, Whole: []byte("\x30\x0a\x04\x051.2.3\x01\x01\xff")},
		{OID: "1.2.3", Value: []byte{}, Whole: []byte("\x30\x09\x04\x051.2.3\x04\x00")},
		{OID: "1.2.3", Critical: true, Value: []byte("v"), Whole: []byte("\x30\x0d\x04\x051.2.3\x01\x01\xff\x04\x01v")},
		{OID: "1.2.3", Value: []byte("v"), Whole: []byte("\x30\x0d\x04\x051.2.3\x01\x01\x00\x04\x01v")},
	} {
		list := packets.Encode(packets.ClassContext, packets.TypeConstructed, 0, nil, "")
		list.Data.Write(c.Whole)
		m := one(t, message(2, result(5, 0, "", ""), list))
		got, err := m.Controls()
		require.NoError(t, err)
		require.Equal(t, []ber.Control{c}, got)
	}
}

func TestReferencesIntermediatesAndNotices(t *testing.T) {
	m := one(t, message(3, operation(19, octets("ldap://a/dc=x"), octets("ldap://b/dc=x"))))
	list, err := m.References()
	require.NoError(t, err)
	require.Equal(t, []string{"ldap://a/dc=x", "ldap://b/dc=x"}, list)
	empty := one(t, message(3, operation(19)))
	_, err = empty.References()
	require.ErrorIs(t, err, ber.ErrMalformed)

	between := operation(25, packets.NewString(packets.ClassContext, packets.TypePrimitive, 0, "1.3.6.1.4.1.4203.1.9.1.4", ""))
	m = one(t, message(3, between))
	require.Equal(t, ber.IntermediateResponse, m.Op)
	require.Equal(t, between.Bytes(), m.Operation())

	m = one(t, message(0, result(24, 52, "", "going down", packets.NewString(packets.ClassContext, packets.TypePrimitive, 10, "1.3.6.1.4.1.1466.20036", ""))))
	r, err := m.Result()
	require.NoError(t, err)
	require.Equal(t, ber.Result{Code: 52, Text: "going down", Name: "1.3.6.1.4.1.1466.20036"}, r)
}

// BER allows longer forms of a length than needed, and messages of kinds that
// nobody knows yet, however deep they are.
func TestFormsThatAreAllowed(t *testing.T) {
	done := "\x65\x07\x0a\x01\x00\x04\x00\x04\x00"
	for name, sent := range map[string]string{
		"shortest":           "\x30\x0c\x02\x01\x02" + done,
		"one length byte":    "\x30\x81\x0c\x02\x01\x02" + done,
		"eight length bytes": "\x30\x88\x00\x00\x00\x00\x00\x00\x00\x0c\x02\x01\x02" + done,
		"long inside":        "\x30\x10\x02\x82\x00\x01\x02\x65\x81\x08\x0a\x01\x00\x04\x81\x00\x04\x00",
	} {
		m := one(t, []byte(sent))
		require.Equal(t, ber.SearchResultDone, m.Op, name)
		r, err := m.Result()
		require.NoError(t, err, name)
		require.Zero(t, r, name)
	}
	deep := []byte{4, 0}
	for range 100 {
		p := packets.Encode(packets.ClassContext, packets.TypeConstructed, 5, nil, "")
		p.Data.Write(deep)
		deep = p.Bytes()
	}
	p := operation(9)
	p.Data.Write(deep)
	require.Equal(t, ber.Op(0x69), one(t, message(2, p)).Op)
	high := one(t, []byte("\x30\x07\x02\x01\x02\x7f\x81\x01\x00"))
	require.Equal(t, ber.Op(0x7f), high.Op)
}

func TestWhatIsNoMessage(t *testing.T) {
	for _, sent := range []string{
		"\x04\x01a", "\x30\x00", "\x30\x02\x02\x00", "\x30\x03\x02\x01\x02", "\x30\x05\x04\x01\x02\x65\x00", "\x30\x05\x02\x01\x02\x65\x05",
		"\x30\x07\x02\x01\x02\x65\x00\x04\x00", "\x30\x0b\x02\x09123456789", "\x30\x03\x02\x05\x01",
		"\x30\x05\x02\x01\x02\x44\x00", "\x30\x05\x02\x01\x02\xa4\x00", "\x30\x06\x02\x01\x02\x7f\x04\x00", "\x30\x07\x02\x01\x02\x7f\x80\x04\x00",
	} {
		_, err := ber.NewReader(strings.NewReader(sent), limit).Next()
		require.ErrorIs(t, err, ber.ErrMalformed, "%x", sent)
	}
	for _, body := range []string{
		"", "\x0a\x00", "\x0a\x01\x00", "\x0a\x01\x00\x04\x00", "\x04\x01\x00\x04\x00\x04\x00", "\x0a\x03\x01\x00\x00\x04\x00\x04\x00", "\x0a\x01\xff\x04\x00\x04\x00",
		"\x0a\x01\x00\x24\x00\x04\x00", "\x0a\x01\x00\x04\x00\x04\x00\xa3\x02\x02\x00", "\x0a\x01\x00\x04\x00\x04\x00\x04\x00\x04\x00",
	} {
		m := one(t, append([]byte{0x30, byte(5 + len(body)), 2, 1, 2, 0x65, byte(len(body))}, body...))
		_, err := m.Result()
		require.ErrorIs(t, err, ber.ErrMalformed, "%x", body)
	}
	for _, controls := range []string{"\x30\x00", "\x04\x01a", "\x30\x03\x04\x01", "\x30\x05\x02\x03abc", "\x30\x06\x04\x01a\x02\x01b", "\x30\x08\x04\x01a\x04\x01b\x04\x00"} {
		m := one(t, append([]byte{0x30, byte(14 + len(controls)), 2, 1, 2, 0x65, 7, 10, 1, 0, 4, 0, 4, 0, 0xa0, byte(len(controls))}, controls...))
		_, err := m.Controls()
		require.ErrorIs(t, err, ber.ErrMalformed, "%x", controls)
	}
}

// A result code beyond what there can be is not taken for success.
func TestAResultCodeOf65536IsNoSuccess(t *testing.T) {
	m := one(t, message(2, result(5, 1<<16, "", "")))
	_, err := m.Result()
	require.ErrorIs(t, err, ber.ErrMalformed)
}
