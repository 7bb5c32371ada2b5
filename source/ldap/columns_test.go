package ldap

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// gather puts name=value pairs through the columns, as raw does.
func gather(c *columns, pairs ...string) adsync.Attributes {
	c.begin()
	for i := 0; i < len(pairs); i += 2 {
		c.put(c.of(pairs[i]), pairs[i+1:i+2])
	}
	return c.end().Clone()
}

func TestColumnsGiveWhatMakeAttributesGives(t *testing.T) {
	plain := func(pairs ...string) adsync.Attributes {
		var list []adsync.Attribute
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, adsync.Attribute{Name: pairs[i], Values: pairs[i+1 : i+2]})
		}
		return adsync.MakeAttributes(list...)
	}
	var c columns
	for _, pairs := range [][]string{
		{"sn", "a", "cn", "b"},
		{"cn", "a", "mail", "x", "sn", "b"},
		{"sn", "only"},
		{"CN", "first", "cn", "last"},
		{},
		{"mail", "y", "title", "t", "Sn", "b", "aa", "new in front"},
	} {
		require.True(t, plain(pairs...).Equal(gather(&c, pairs...)), pairs)
	}
}

func TestColumnsOfAServerThatMakesUpNames(t *testing.T) {
	var c columns
	for i := range 3 * maxColumns {
		got := gather(&c, "zz", "1", fmt.Sprintf("made-up-%d", i), "2", "cn", "3")
		require.Equal(t, 3, got.Len())
		require.Equal(t, "2", got.Get(fmt.Sprintf("made-up-%d", i)))
		require.Equal(t, "3", got.Get("cn"))
	}
	require.LessOrEqual(t, len(c.list), maxColumns+1)
}

func TestColumnsTakeOptionsOff(t *testing.T) {
	var c columns
	c.begin()
	require.Equal(t, "userCertificate", c.of("userCertificate;binary").name)
	require.True(t, c.of("member;range=0-9").member)
	description := c.of("description;range=0-9")
	require.True(t, description.part)
	require.Equal(t, "description", description.name)
	require.False(t, c.of("description;range=10-*").part)
}
