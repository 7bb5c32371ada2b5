package ldif_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldif"
	"github.com/adsync/sdk/source/sourcetest"
	"github.com/stretchr/testify/require"
)

const companyFile = "testdata/company.ldif"

var attributes = []string{
	"cn", "givenName", "mail", "primaryMail", "mailAliases", "manager", "accountEnabled", "accountExpires",
	"objectGUID", "groupScope", "dn", "ou", "description", "userPassword",
}

const (
	ada      = adsync.Anchor("33221100-5544-7766-8899-aabbccddeeff")
	zoe      = adsync.Anchor("33221101-5544-7766-8899-aabbccddeeff")
	partner  = adsync.Anchor("33221103-5544-7766-8899-aabbccddeeff")
	everyone = adsync.Anchor("33221104-5544-7766-8899-aabbccddeeff")
	inner    = adsync.Anchor("33221105-5544-7766-8899-aabbccddeeff")
	people   = adsync.Anchor("00000000-0000-0000-0000-000000000001")
)

// content makes a source of text.
func content(text string) *ldif.Source {
	return &ldif.Source{Reader: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

type result struct {
	snapshot, done bool
	objects        map[adsync.Anchor]adsync.Change
	members        map[adsync.Anchor][]adsync.Anchor
	reset          bool
	witness        *adsync.Witness
	batches        int
	err            error
}

func (r result) anchors() []adsync.Anchor { return slices.Sorted(maps.Keys(r.objects)) }

func read(t testing.TB, s *ldif.Source, r adsync.ReadRequest) result {
	t.Helper()
	out := result{objects: map[adsync.Anchor]adsync.Change{}, members: map[adsync.Anchor][]adsync.Anchor{}}
	if r.Attributes == nil {
		r.Attributes = attributes
	}
	for b, err := range s.Read(t.Context(), r) {
		require.False(t, out.done, "nothing comes after Done")
		if err != nil {
			out.err = err
			continue
		}
		out.batches++
		out.snapshot, out.done, out.witness = b.Snapshot, b.Done, b.Witness
		for _, c := range b.Changes {
			if !c.MembersOnly {
				require.NotContains(t, out.objects, c.Object.Anchor)
				out.objects[c.Object.Anchor] = c
			}
			if c.Members != nil {
				out.reset = out.reset || c.Members.Reset
				out.members[c.Object.Anchor] = append(out.members[c.Object.Anchor], c.Members.Add...)
			}
		}
	}
	return out
}

func good(t testing.TB, s *ldif.Source, r adsync.ReadRequest) result {
	t.Helper()
	out := read(t, s, r)
	require.NoError(t, out.err)
	require.True(t, out.done)
	return out
}

func TestSourceKeepsTheContract(t *testing.T) {
	for name, s := range map[string]ldif.Source{
		"snapshot":          {Expect: ldif.Expect{Entries: 8}},
		"one change a page": {Expect: ldif.Expect{Entries: 8}, PageSize: 1},
		"no snapshot":       {PageSize: 2},
	} {
		t.Run(name, func(t *testing.T) {
			var opened counter
			sourcetest.Run(t, func(t *testing.T) adsync.Source {
				opened = counter{}
				s.Reader = opened.open
				return &s
			},
				sourcetest.Attributes("cn", "mail", "manager", "accountEnabled"),
				sourcetest.Anchors(ada, zoe, partner, everyone, inner, people),
				sourcetest.Asked(func(adsync.Source) int { return int(opened.opened.Load()) }),
				sourcetest.Held(func(adsync.Source) int { return int(opened.open_.Load()) }))
		})
	}
}

func TestEntriesBecomeObjects(t *testing.T) {
	got := good(t, &ldif.Source{File: companyFile}, adsync.ReadRequest{})
	require.Equal(t, []adsync.Anchor{people, ada, zoe, partner, everyone, inner}, got.anchors())

	person := got.objects[ada].Object
	require.Equal(t, adsync.User, person.Kind)
	require.Equal(t, "OU=People,DC=example,DC=com", person.Container)
	require.Equal(t, "Ada", person.Attrs.Get("givenName"))
	require.Equal(t, "true", person.Attrs.Get("accountEnabled"))
	require.Equal(t, "ada@example.com", person.Attrs.Get("primaryMail"))
	require.Equal(t, "a.lovelace@example.com", person.Attrs.Get("mailAliases"))
	require.Equal(t, "first part, second part", person.Attrs.Get("description"))
	require.Equal(t, string(ada), person.Attrs.Get("objectGUID"))
	require.False(t, person.Attrs.Has("userPassword"), "secrets are never read")

	person = got.objects[zoe].Object
	require.Equal(t, "Zoë Noether", person.Attrs.Get("cn"))
	require.Equal(t, "false", person.Attrs.Get("accountEnabled"))
	require.False(t, person.Attrs.Has("accountExpires"))
	require.Equal(t, map[string][]adsync.Anchor{"manager": {ada}}, person.Refs)

	require.Equal(t, adsync.Contact, got.objects[partner].Object.Kind)
	require.Equal(t, adsync.OrganizationalUnit, got.objects[people].Object.Kind)
	require.Equal(t, "global", got.objects[everyone].Object.Attrs.Get("groupScope"))
	require.Equal(t, []adsync.Anchor{ada, partner, inner}, got.members[everyone])
	require.Equal(t, []adsync.Anchor{zoe, everyone}, got.members[inner])
}

// TestI2_AbsenceCountsOnlyInAFileThatIsWhatWasExpected: see architecture, I2.
func TestI2_AbsenceCountsOnlyInAFileThatIsWhatWasExpected(t *testing.T) {
	text, err := os.ReadFile(companyFile)
	require.NoError(t, err)
	sum := sha256.Sum256(text)
	checksum := hex.EncodeToString(sum[:])
	for _, c := range []struct {
		name     string
		expect   ldif.Expect
		snapshot bool
		fails    bool
	}{
		{"nothing expected", ldif.Expect{}, false, false},
		{"entries", ldif.Expect{Entries: 8}, true, false},
		{"checksum", ldif.Expect{SHA256: strings.ToUpper(checksum)}, true, false},
		{"both", ldif.Expect{Entries: 8, SHA256: checksum}, true, false},
		{"too few", ldif.Expect{Entries: 9}, false, true},
		{"too many", ldif.Expect{Entries: 7}, false, true},
		{"another checksum", ldif.Expect{SHA256: strings.Repeat("0", 64)}, false, true},
		{"one of both wrong", ldif.Expect{Entries: 9, SHA256: checksum}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &ldif.Source{File: companyFile, Expect: c.expect}
			got := read(t, s, adsync.ReadRequest{})
			if c.fails {
				require.ErrorIs(t, got.err, adsync.ErrIncomplete)
				require.Zero(t, got.batches, "it is known before the first object")
				require.ErrorIs(t, s.Check(t.Context()), adsync.ErrIncomplete)
				return
			}
			require.NoError(t, got.err)
			require.NoError(t, s.Check(t.Context()))
			require.True(t, got.done)
			require.Equal(t, c.snapshot, got.snapshot)
			require.Equal(t, c.snapshot, got.reset, "only a snapshot takes members away")
			require.Equal(t, c.snapshot, got.witness != nil)
		})
	}
}

// TestI2_FileCutAnywhereTakesNothingAway cuts the file at every byte.
func TestI2_FileCutAnywhereTakesNothingAway(t *testing.T) {
	text, err := os.ReadFile(companyFile)
	require.NoError(t, err)
	sum := sha256.Sum256(text)
	whole := good(t, content(string(text)), adsync.ReadRequest{})
	cutsSeen := 0
	for cut := range text {
		s := content(string(text[:cut]))
		got := read(t, s, adsync.ReadRequest{})
		require.False(t, got.snapshot, "cut at %d", cut)
		require.False(t, got.reset, "cut at %d", cut)
		for anchor, c := range got.objects {
			if c.Problem != nil {
				cutsSeen++
				continue
			}
			want := whole.objects[anchor].Object
			require.True(t, want.Attrs.Equal(c.Object.Attrs), "cut at %d: half an object was given for %s", cut, anchor)
		}
		s.Expect.SHA256 = hex.EncodeToString(sum[:])
		got = read(t, s, adsync.ReadRequest{})
		require.Error(t, got.err, "cut at %d", cut)
		require.Zero(t, got.batches)
	}
	require.Greater(t, cutsSeen, 100, "entries that were cut are reported")
}

func TestEntryWithoutAnchorMakesNoSnapshot(t *testing.T) {
	s := content("dn: CN=a\nobjectClass: user\nentryUUID: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n\ndn: CN=b\nobjectClass: user\n\n" +
		"dn: CN=g\nobjectClass: group\nentryUUID: 1f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n\n")
	s.Expect.Entries = 3
	got := good(t, s, adsync.ReadRequest{})
	require.False(t, got.snapshot, "who b is cannot be told, so nobody's absence counts")
	require.False(t, got.reset)
	require.ErrorContains(t, got.objects["dn:cn=b"].Problem, "line 5")
	require.ErrorContains(t, got.objects["dn:cn=b"].Problem, "objectGUID, entryUUID")
}

func TestProblemsOfSingleEntries(t *testing.T) {
	const uuid = "entryUUID: 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n"
	const other = "dn: CN=fine\nobjectClass: user\nentryUUID: 1f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n\n"
	for _, c := range []struct {
		name, text, want string
		code             adsync.Code
	}{
		{"twins", "dn: CN=a\nobjectClass: user\n" + uuid + "\ndn: CN=b\nobjectClass: user\n" + uuid + "\n", "same anchor", adsync.CodeConflict},
		{"same name", "dn: CN=a\nobjectClass: user\n" + uuid + "\ndn: cn=A\nobjectClass: contact\nentryUUID: 2f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n\n", "same distinguished name", adsync.CodeConflict},
		{"not UTF-8", "dn: CN=a\nobjectClass: user\n" + uuid + "cn:: /w==\n\n", "attribute cn", adsync.CodeInvalid},
		{"not a name", "dn: Ada\nobjectClass: user\n" + uuid + "\n", "not a distinguished name", adsync.CodeInvalid},
		{"a part of the members", "dn: CN=a\nobjectClass: group\n" + uuid + "member;range=0-1499: CN=fine\n\n", "part of member", adsync.CodeIncomplete},
		{"no empty line behind", "dn: CN=a\nobjectClass: user\n" + uuid, "may be missing", adsync.CodeIncomplete},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := good(t, content(other+c.text), adsync.ReadRequest{})
			bad := got.objects["0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"]
			require.ErrorContains(t, bad.Problem, c.want)
			require.Equal(t, c.code, adsync.CodeOf(bad.Problem))
			require.Nil(t, bad.Members)
			require.NoError(t, got.objects["1f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"].Problem, "one bad entry never stops the others")
		})
	}
}

func TestMembersThatAreAllInTheRange(t *testing.T) {
	got := good(t, content("dn: CN=g\nobjectClass: group\nentryUUID: g\nmember;range=0-*: CN=a\n\ndn: CN=a\nobjectClass: user\nentryUUID: a\n\n"), adsync.ReadRequest{})
	require.Equal(t, []adsync.Anchor{"a"}, got.members["g"])
}

func TestOpenLDAPGroups(t *testing.T) {
	got := good(t, content(`dn: cn=unique,dc=example
objectClass: groupOfUniqueNames
entryUUID: unique
uniqueMember: uid=ada,dc=example#'0101'B
uniqueMember: uid=zoe , dc=EXAMPLE

dn: cn=posix,dc=example
objectClass: posixGroup
entryUUID: posix
memberUid: ada
memberUid: nobody

dn: uid=ada,dc=example
objectClass: inetOrgPerson
objectClass: posixAccount
entryUUID: ada
uid: ada

dn: uid=zoe,dc=example
objectClass: inetOrgPerson
entryUUID: zoe
uid: zoe

`), adsync.ReadRequest{})
	require.Equal(t, []adsync.Anchor{"ada", "zoe"}, got.members["unique"])
	require.Equal(t, []adsync.Anchor{"ada"}, got.members["posix"])
}

func TestManyMembersComeInSeveralChanges(t *testing.T) {
	var b strings.Builder
	b.WriteString("dn: CN=g\nobjectClass: group\nentryUUID: g\n")
	for i := range 25 {
		fmt.Fprintf(&b, "member: CN=u%d\n", i)
	}
	for i := range 25 {
		fmt.Fprintf(&b, "\ndn: CN=u%d\nobjectClass: user\nentryUUID: u%02d\n", i, i)
	}
	s := content(b.String())
	s.PageSize, s.Expect.Entries = 10, 26
	got := good(t, s, adsync.ReadRequest{})
	require.Len(t, got.members["g"], 25)
	require.Equal(t, 3, got.batches, "28 changes")
	sourcetest.Run(t, func(*testing.T) adsync.Source { return s }, sourcetest.Attributes("dn"))
}

func TestScope(t *testing.T) {
	s := &ldif.Source{File: companyFile, Expect: ldif.Expect{Entries: 8}}
	for _, c := range []struct {
		name    string
		scope   adsync.Scope
		present []adsync.Anchor
	}{
		{"unit", adsync.Scope{Units: []adsync.Unit{{DN: "ou=people,dc=example,dc=com"}}}, []adsync.Anchor{people, ada, zoe}},
		{"deselected", adsync.Scope{Units: []adsync.Unit{{DN: "ou=people,dc=example,dc=com", Deselect: true}}}, []adsync.Anchor{people, partner, everyone, inner}},
		{"group in a cycle", adsync.Scope{Groups: []string{"cn=inner,ou=groups,dc=example,dc=com"}}, []adsync.Anchor{people, ada, zoe, partner, everyone, inner}},
		{"group by anchor, and unit", adsync.Scope{Groups: []string{strings.ToUpper(string(inner))}, Units: []adsync.Unit{{DN: "ou=contacts,dc=example,dc=com"}}}, []adsync.Anchor{people, partner}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := good(t, s, adsync.ReadRequest{Scope: &c.scope})
			var present []adsync.Anchor
			for _, a := range got.anchors() {
				if got.objects[a].Presence == adsync.Present {
					present = append(present, a)
				}
			}
			require.Equal(t, c.present, present)
			require.Len(t, got.objects, 6, "the others are out of scope, which is no deletion")

			unsure := *s
			unsure.Expect = ldif.Expect{}
			got = good(t, &unsure, adsync.ReadRequest{Scope: &c.scope})
			require.Equal(t, c.present, got.anchors(), "without Expect nobody is said to be out of scope")
		})
	}
}

func TestRequestsThatAFileCannotAnswer(t *testing.T) {
	for _, c := range []struct {
		name string
		r    adsync.ReadRequest
		code adsync.Code
	}{
		{"cursor", adsync.ReadRequest{Since: "x"}, adsync.CodeGone},
		{"filter", adsync.ReadRequest{Scope: &adsync.Scope{Filter: "(cn=*)"}}, adsync.CodeUnsupported},
		{"bad unit", adsync.ReadRequest{Scope: &adsync.Scope{Units: []adsync.Unit{{DN: "x"}}}}, adsync.CodeInvalid},
		{"missing group", adsync.ReadRequest{Scope: &adsync.Scope{Groups: []string{"CN=nobody"}}}, adsync.CodeNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := read(t, &ldif.Source{File: companyFile}, c.r)
			require.Equal(t, c.code, adsync.CodeOf(got.err))
			require.Zero(t, got.batches)
		})
	}
}

func TestFileThatChangesBetweenThePassesIsAnError(t *testing.T) {
	text, err := os.ReadFile(companyFile)
	require.NoError(t, err)
	n := 0
	s := &ldif.Source{Reader: func() (io.ReadCloser, error) {
		n++
		if n == 2 {
			text = bytes.ReplaceAll(text, []byte("givenName: Ada"), []byte("givenName: Eve"))
		}
		return io.NopCloser(bytes.NewReader(text)), nil
	}}
	got := read(t, s, adsync.ReadRequest{})
	require.ErrorIs(t, got.err, adsync.ErrIncomplete)
	require.False(t, got.done)
}

func TestFileThatCannotBeOpened(t *testing.T) {
	got := read(t, &ldif.Source{File: filepath.Join(t.TempDir(), "missing.ldif")}, adsync.ReadRequest{})
	require.Equal(t, adsync.CodeNotFound, adsync.CodeOf(got.err))
	require.ErrorContains(t, got.err, "missing.ldif")
}

func TestCheckWantsObjects(t *testing.T) {
	require.NoError(t, (&ldif.Source{File: companyFile}).Check(t.Context()))
	require.Equal(t, adsync.CodeNotFound, adsync.CodeOf(content("dn: DC=example\nobjectClass: domain\n\n").Check(t.Context())))
}

func TestValidateReportsEveryFault(t *testing.T) {
	require.NoError(t, (&ldif.Source{File: "x", Expect: ldif.Expect{SHA256: strings.Repeat("aB", 32)}}).Validate())
	err := (&ldif.Source{PageSize: -1, Expect: ldif.Expect{SHA256: "abc"}, AnchorAttribute: []string{"userPassword", ""}}).Validate()
	for _, want := range []string{"File and Reader", "SHA256", "negative", "userPassword", `""`} {
		require.ErrorContains(t, err, want)
	}
}

func ExampleSource() {
	s := &ldif.Source{File: "testdata/company.ldif", Expect: ldif.Expect{Entries: 8}}
	for batch, err := range s.Read(context.Background(), adsync.ReadRequest{Attributes: []string{"cn", "accountEnabled"}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, c := range batch.Changes {
			if c.Object.Kind == adsync.User {
				fmt.Println(c.Object.Attrs.Get("cn"), c.Object.Attrs.Get("accountEnabled"))
			}
		}
		fmt.Println("snapshot:", batch.Snapshot)
	}
	// Output:
	// Ada Lovelace true
	// Zoë Noether false
	// snapshot: true
}

// Without Expect nobody is ever taken for gone: the file may have been cut.
func ExampleExpect() {
	for _, expect := range []ldif.Expect{{}, {Entries: 8}, {Entries: 9}} {
		s := &ldif.Source{File: "testdata/company.ldif", Expect: expect}
		for batch, err := range s.Read(context.Background(), adsync.ReadRequest{}) {
			fmt.Println(batch.Snapshot, errors.Is(err, adsync.ErrIncomplete))
		}
	}
	// Output:
	// false false
	// true false
	// false true
}
