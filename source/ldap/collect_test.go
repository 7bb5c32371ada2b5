package ldap_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source/ldap"
)

// seen is what a read gave, joined by anchor.
type seen struct {
	objects  map[adsync.Anchor]adsync.Change
	members  map[adsync.Anchor][]adsync.Anchor
	problems []error
	batches  int
	most     int // changes in the largest batch
	witness  *adsync.Witness
	method   *adsync.Method
	done     bool
}

func collect(ctx context.Context, s *ldap.Source, r adsync.ReadRequest) (seen, error) {
	out := seen{objects: map[adsync.Anchor]adsync.Change{}, members: map[adsync.Anchor][]adsync.Anchor{}}
	for b, err := range s.Read(ctx, r) {
		if err != nil {
			return out, err
		}
		out.batches++
		out.most = max(out.most, len(b.Changes))
		for _, c := range b.Changes {
			out.add(c)
		}
		out.done, out.witness, out.method = b.Done, b.Witness, b.Method
	}
	return out, nil
}

func (s *seen) add(c adsync.Change) {
	if c.Problem != nil {
		s.problems = append(s.problems, c.Problem)
	}
	if !c.MembersOnly {
		s.objects[c.Object.Anchor] = c
	}
	if m := c.Members; m != nil {
		if m.Reset {
			s.members[c.Object.Anchor] = nil
		}
		s.members[c.Object.Anchor] = append(s.members[c.Object.Anchor], m.Add...)
	}
}

func mustCollect(t testing.TB, s *ldap.Source, r adsync.ReadRequest) seen {
	t.Helper()
	got, err := collect(t.Context(), s, r)
	require.NoError(t, err)
	require.True(t, got.done)
	return got
}

func (s *seen) kind(k adsync.Kind) (n int) {
	for _, c := range s.objects {
		if c.Object.Kind == k {
			n++
		}
	}
	return n
}

// by finds the one object whose attribute has the value.
func (s *seen) by(t testing.TB, attr, value string) adsync.Object {
	t.Helper()
	var found []adsync.Object
	for _, c := range s.objects {
		if c.Object.Attrs.Get(attr) == value {
			found = append(found, c.Object)
		}
	}
	require.Lenf(t, found, 1, "objects with %s=%s", attr, value)
	return found[0]
}

// text is a Secret for tests.
func text(value string) ldap.Secret {
	return ldap.SecretFunc(func(context.Context) (string, error) { return value, nil })
}
