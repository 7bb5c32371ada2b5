package adsync_test

import (
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/stretchr/testify/require"
)

// A change is refused and the reference after it is not. The next change of the
// reference alone begins where that one had its place, and is another effect.
//
// Red when the key does not say how many ops were ahead.
func TestAReferenceAfterARefusedChangeIsAnotherEffectThanTheNext(t *testing.T) {
	w := newWorld(t).crowd(1, 5)
	kind := w.sink.Rules.Kinds[adsync.User]
	kind.Attributes["manager"] = adsync.AttributeSchema{Reference: true}
	w.sink.Rules.Kinds[adsync.User], w.sink.Rules.Replay = kind, adsync.ReplayKeyed
	w.person(2, "title", "Clerk")
	w.run()
	w.sink.Intercept = func(op adsync.Op) (adsync.Receipt, error, bool) {
		return adsync.Receipt{}, adsync.Errorf(adsync.CodeInvalid, "no such title"), op.Set.Has("title")
	}
	w.person(2, "title", "Chief")
	w.refer(2, "manager", id(3))
	w.run()
	w.sink.Intercept = nil
	w.person(2, "title", "Clerk")
	w.refer(2, "manager", id(4))
	w.run()
	require.Equal(t, string(w.target(4).ID), w.target(2).Attrs.Get("manager"))
}
