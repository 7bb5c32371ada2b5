package directory

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

func unhex(t testing.TB, text string) string {
	t.Helper()
	b, err := hex.DecodeString(text)
	require.NoError(t, err)
	return string(b)
}

func TestGUIDIsMixedEndian(t *testing.T) {
	text, err := GUID(unhex(t, "00112233445566778899aabbccddeeff"))
	require.NoError(t, err)
	require.Equal(t, "33221100-5544-7766-8899-aabbccddeeff", text)
	back, err := GUIDBytes("{33221100-5544-7766-8899-AABBCCDDEEFF}")
	require.NoError(t, err)
	require.Equal(t, unhex(t, "00112233445566778899aabbccddeeff"), back)

	for _, bad := range []string{"", "short", "seventeen bytes!!"} {
		_, err := GUID(bad)
		require.Error(t, err)
		_, err = GUIDBytes(bad)
		require.Error(t, err)
	}
}

func TestSID(t *testing.T) {
	for _, c := range []struct{ hex, text string }{
		{"01020000000000052000000020020000", "S-1-5-32-544"},
		{"010100000000000512000000", "S-1-5-18"},
		{"0105000000000005150000000102030405060708090a0b0c4f040000", "S-1-5-21-67305985-134678021-202050057-1103"},
		{"0100000000000005", "S-1-5"},
		{"0101ffffffffffff01000000", "S-1-0xffffffffffff-1"},
	} {
		text, err := SID(unhex(t, c.hex))
		require.NoError(t, err)
		require.Equal(t, c.text, text)
	}
	for _, bad := range []string{"", "01", "0201000000000005", "01020000000000052000000020", "01010000000000051200000000", "0110000000000005"} {
		_, err := SID(unhex(t, bad))
		require.Error(t, err, bad)
	}
}

func TestParseUUID(t *testing.T) {
	uuid, ok := ParseUUID("0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0")
	require.True(t, ok)
	require.Equal(t, "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", uuid)
	for _, bad := range []string{"", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1fg", "0f1e2d3c-4b5a-6978-87960a5b4c3d2e1f0"} {
		_, ok := ParseUUID(bad)
		require.False(t, ok, bad)
	}
}

func FuzzIdentifiers(f *testing.F) {
	f.Add("0123456789abcdef")
	f.Add("\x01\x02\x00\x00\x00\x00\x00\x05\x20\x00\x00\x00\x20\x02\x00\x00")
	f.Fuzz(func(t *testing.T, value string) {
		if text, err := GUID(value); err == nil {
			back, err := GUIDBytes(text)
			if err != nil || back != value {
				t.Fatalf("%x gives %s, which gives %x: %v", value, text, back, err)
			}
		}
		if text, err := SID(value); err == nil && len(text) < len("S-1-0") {
			t.Fatalf("%x gives %s", value, text)
		}
		if uuid, ok := ParseUUID(value); ok {
			if again, ok := ParseUUID(uuid); !ok || again != uuid {
				t.Fatalf("%q gives %q", value, uuid)
			}
		}
	})
}
