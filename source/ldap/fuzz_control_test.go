package ldap

import (
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"
)

// Whatever a server puts into a response's control, the read gets a cookie, or
// an error: no panic, and no page that looks like the last one by mistake.
func FuzzResponseControl(f *testing.F) {
	paging := goldap.NewControlPaging(500)
	paging.SetCookie([]byte("next"))
	for _, c := range []goldap.Control{
		paging, goldap.NewControlPaging(0), extendedDNControl(), goldap.NewControlBeheraPasswordPolicy(),
		goldap.NewControlString("1.2.840.113556.1.4.841", true, "\x30\x00"),
	} {
		whole := c.Encode().Bytes()
		f.Add(whole)
		f.Add(whole[:len(whole)/2])
	}
	f.Add([]byte("\x30\x1e\x04\x161.2.840.113556.1.4.319\x04\x04\x30\x02\x02\x00"))
	f.Add([]byte("\x30\x1c\x04\x161.2.840.113556.1.4.319\x04\x02\x04\x00"))
	f.Add([]byte("\x30\x18\x04\x161.2.840.113556.1.4.319"))
	f.Add([]byte{0x30, 0x00})
	f.Fuzz(func(t *testing.T, sent []byte) {
		packet, err := ber.DecodePacketErr(sent)
		if err != nil {
			return
		}
		control, err := goldap.DecodeControl(packet)
		if err != nil {
			return // the library ends the search with this error
		}
		cookie, err := query{base: "DC=example,DC=com", pageSize: 10}.nextCookie([]goldap.Control{control}, true)
		_, isPaging := control.(*goldap.ControlPaging)
		require.Equal(t, isPaging, err == nil, "a paged read that is answered without paging is no last page")
		if err != nil {
			require.Empty(t, cookie)
		}
	})
}
