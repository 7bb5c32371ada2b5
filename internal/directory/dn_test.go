package directory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func dn(t testing.TB, text string) DN {
	t.Helper()
	d, err := ParseDN(text)
	require.NoError(t, err, text)
	return d
}

func TestSpellingsOfOneNameAreEqual(t *testing.T) {
	for _, c := range []struct{ name, a, b string }{
		{"case", "CN=Ada Lovelace,OU=People,DC=example,DC=com", "cn=ADA lovelace,ou=people,dc=EXAMPLE,dc=com"},
		{"case beyond ASCII", "CN=Ärzte Øre,DC=example", "cn=ärzte øRE,dc=example"},
		{"final sigma", "cn=ΣΊΣΥΦΟΣ", "cn=σίσυφος"},
		{"spaces around separators", "CN = Ada , DC = example", "CN=Ada,DC=example"},
		{"spaces inside", "CN=Ada  Lovelace", "CN=Ada Lovelace"},
		{"escaped comma", `CN=Lovelace\, Ada`, `CN=Lovelace\2C Ada`},
		{"quoted", `CN="Lovelace, Ada",DC=example`, `CN=Lovelace\, Ada,DC=example`},
		{"hexadecimal bytes", `CN=\c3\84rzte`, "CN=Ärzte"},
		{"BER string", "CN=#04024869", "CN=hi"},
		{"object identifiers", "2.5.4.3=Ada,OID.2.5.4.11=People", "cn=Ada,ou=People"},
		{"long type names", "commonName=Ada,organizationalUnitName=People,domainComponent=example", "cn=Ada,ou=People,dc=example"},
		{"order in a relative name", "CN=Ada+UID=al,DC=example", "uid=AL+cn=ada,dc=example"},
		{"composed and decomposed", "CN=Zo\u00eb", "CN=Zoe\u0308"},
		{"equals sign", `CN=a=b`, `CN=a\=b`},
		{"angle brackets", `CN=<a>`, `CN=\<a\>`},
		{"escaped space at the end", `CN=a\ ,DC=x`, `CN=a,DC=x`},
		{"deleted object", `CN=Ada\0ADEL:1`, `cn=ada\0adel:1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, dn(t, c.a).Folded(), dn(t, c.b).Folded())
			require.True(t, dn(t, c.a).Equal(dn(t, c.b)))
		})
	}
}

func TestDifferentNamesAreNotEqual(t *testing.T) {
	for _, c := range [][2]string{
		{"CN=a,DC=x", "CN=a"},
		{`CN=a\,DC\=x`, "CN=a,DC=x"},
		{`CN=a\+UID\=b`, "CN=a+UID=b"},
		{"CN=Team²", "CN=Team2"},
		{"CN=Muller", "CN=Müller"},
		{"CN=ısı", "CN=isi"},
		{`CN=\#41`, "CN=#0401"},
		{`CN=\ff`, `CN=\fe`},
		{"CN=a,OU=b", "OU=b,CN=a"},
	} {
		require.NotEqual(t, dn(t, c[0]).Folded(), dn(t, c[1]).Folded(), "%s and %s", c[0], c[1])
	}
}

func TestNotADistinguishedName(t *testing.T) {
	for _, text := range []string{
		"Ada", "=Ada", "CN=Ada,", "CN=Ada,,DC=x", "CN=a;DC=b", `CN=a\`, `CN=a\z`, `CN="a`, `CN="a"b`, "CN=#0", "CN=#zz",
		"CN=a+", "CN=a+b", "CN=a\x00b", ",", "CN=#", "user@example.com",
	} {
		_, err := ParseDN(text)
		require.Error(t, err, text)
	}
}

func TestParentAndAncestor(t *testing.T) {
	d := dn(t, `CN=Lovelace\, Ada, OU=People,DC=Example,DC=com`)
	require.Equal(t, "OU=People,DC=Example,DC=com", d.Parent().String())
	require.Equal(t, `CN=Lovelace\, Ada`, d.RDN())
	require.Equal(t, 4, d.Depth())
	require.Equal(t, "DC=com", d.Parent().Parent().Parent().String())
	require.Equal(t, "dc=com", d.Parent().Parent().Parent().Folded())
	root := d.Parent().Parent().Parent().Parent()
	require.True(t, root.IsRoot())
	require.True(t, root.Parent().IsRoot())

	require.True(t, dn(t, "dc=EXAMPLE,dc=com").AncestorOf(d))
	require.True(t, root.AncestorOf(d))
	require.False(t, d.AncestorOf(d))
	require.False(t, d.AncestorOf(d.Parent()))
	require.True(t, d.Within(d))
	require.True(t, d.Within(d.Parent()))
	require.False(t, d.Parent().Within(d))
	require.False(t, dn(t, "DC=ample,DC=com").AncestorOf(d), "a suffix of the text is no ancestor")
	require.False(t, dn(t, "OU=People").AncestorOf(dn(t, `CN=a\,OU\=People`)))
	require.False(t, root.AncestorOf(root))
}

func TestFoldedParentIsParentOfFolded(t *testing.T) {
	d := dn(t, "UID=b+CN=a,OU= X ,DC=example")
	require.Equal(t, dn(t, d.Folded()).Parent().Folded(), d.Parent().Folded())
}

func FuzzDN(f *testing.F) {
	for _, s := range []string{
		"CN=Ada,DC=example", `CN=Lovelace\, Ada+UID=al,OU="a,b" , DC=#04024869`, `cn=\ff\00`, "CN=ΐ̈Å", " CN = a ", `CN=\ a\ `,
		"1.2.3=#0500", "CN=\u0345\u0399", "cn=\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDN(text)
		if err != nil {
			return
		}
		again, err := ParseDN(d.Folded())
		if err != nil {
			t.Fatalf("%q folds to %q, which is none: %v", text, d.Folded(), err)
		}
		if again.Folded() != d.Folded() || again.Depth() != d.Depth() {
			t.Fatalf("%q folds to %q and then to %q", text, d.Folded(), again.Folded())
		}
		spelt, err := ParseDN(d.String())
		if err != nil || !spelt.Equal(d) {
			t.Fatalf("%q is written as %q, which is another name: %v", text, d.String(), err)
		}
		if !d.IsRoot() {
			parent := d.Parent()
			if p, err := ParseDN(parent.String()); err != nil || !p.Equal(parent) {
				t.Fatalf("parent of %q is %q: %v", text, parent, err)
			}
			if !parent.AncestorOf(d) || !strings.HasSuffix(d.Folded(), parent.Folded()) {
				t.Fatalf("%q is not below %q", text, parent)
			}
		}
	})
}

func BenchmarkParseDN(b *testing.B) {
	for b.Loop() {
		ParseDN("CN=Ada Lovelace,OU=Research,OU=People,OU=Company,DC=corp,DC=example,DC=com")
	}
}
