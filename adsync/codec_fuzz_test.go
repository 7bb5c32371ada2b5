package adsync

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// codecWithNames gives a codec that has seen some names, as in the middle of a run.
func codecWithNames() *recordCodec {
	c := newRecordCodec()
	c.appendName(nil, "ad")
	c.appendName(nil, "email")
	c.appendName(nil, "manager")
	return c
}

// FuzzRecordCodecDecoding: whatever a damaged temporary file holds, decoding
// gives a record or an error, never a panic and never more than was there; and
// what was decoded without error comes back the same.
func FuzzRecordCodecDecoding(f *testing.F) {
	c := codecWithNames()
	o := Object{
		Kind: User, Anchor: "a", Container: "OU=x", Attrs: MakeAttributes(Attribute{"email", []string{"a@example.com", ""}}, Attribute{"manager", nil}),
		Refs: map[string][]Anchor{"manager": {"b", "c"}},
	}
	f.Add(c.appendStaged(nil, &staged{number: 7, linked: true, presence: OutOfScope, activity: activityOff, due: -5, object: o, origin: "dc1"}))
	f.Add(c.appendOp(nil, &PlannedOp{
		Phase: PhasePeople, Verb: Put, Intent: IntentCreate, Kind: User, Source: "ad", Anchor: "a", Full: o.Attrs, Old: o.Attrs,
		Add: []Anchor{"x"}, Remove: []Anchor{"y", "z"}, Part: 3, Swap: 1, Due: time.Unix(1e9, 0), Note: "note", Origin: "dc1 usn 7",
	}))
	f.Add(c.appendCandidate(nil, 3, &Target{ID: "user-1", Kind: User, Inactive: true, Attrs: o.Attrs}))
	f.Add(c.appendLink(nil, &Link{Source: "ad", Key: LinkKey{1}, Anchor: "a", Target: "user-1", Container: "OU=x", Due: time.Unix(1e9, 0), Applied: o.Attrs}))
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0xff}, 200))
	f.Fuzz(func(t *testing.T, record []byte) {
		c := codecWithNames()
		if s, err := c.staged(record); err == nil {
			packed := c.appendStaged(nil, &s)
			again, err := c.staged(packed)
			require.NoError(t, err)
			require.Equal(t, packed, c.appendStaged(nil, &again))
		}
		if op, err := c.op(record); err == nil {
			packed := c.appendOp(nil, &op)
			again, err := c.op(packed)
			require.NoError(t, err)
			require.Equal(t, packed, c.appendOp(nil, &again))
		}
		if l, err := c.link(record); err == nil {
			packed := c.appendLink(nil, &l)
			again, err := c.link(packed)
			require.NoError(t, err)
			require.Equal(t, packed, c.appendLink(nil, &again))
		}
		if rung, target, err := c.candidate(record); err == nil && rung >= 0 {
			packed := c.appendCandidate(nil, rung, &target)
			_, _, err := c.candidate(packed)
			require.NoError(t, err)
		}
	})
}

// FuzzPlanLine: a plan line is one line of valid JSON, whatever bytes the
// directory and the target hold, and different ops have different lines.
func FuzzPlanLine(f *testing.F) {
	f.Add("ad", "anchor", "user-1", "email", "a@example.com", "b\n\x00\"\\", "note")
	f.Add("\xff", "\xc3\x28", "\xed\xa0\x80", "\xfename", "\xff\xfe", "\u2028", "\x7f")
	f.Fuzz(func(t *testing.T, source, anchor, target, name, before, after, note string) {
		op := PlannedOp{
			Phase: PhasePeople, Verb: Put, Intent: IntentUpdate, Kind: User, Source: source, Anchor: Anchor(anchor), Target: TargetID(target),
			Full: MakeAttributes(Attribute{name, []string{after, before}}), Old: MakeAttributes(Attribute{name, []string{before}}),
			Add: []Anchor{Anchor(after)}, Remove: []Anchor{Anchor(before)}, RemoveTargets: []TargetID{TargetID(target)}, Note: note, Swap: 2,
		}
		line := appendPlanLine(nil, &op)
		require.True(t, json.Valid(line), "%q", line)
		require.Equal(t, 1, bytes.Count(line, []byte("\n")), "%q", line)
		require.True(t, bytes.HasSuffix(line, []byte("}\n")))
		require.True(t, json.Valid(planHeader(source)))
		other := op
		other.Anchor += "\xff"
		require.NotEqual(t, line, appendPlanLine(nil, &other))
		other = op
		other.Full = MakeAttributes(Attribute{name, []string{after + "x", before}})
		require.NotEqual(t, line, appendPlanLine(nil, &other))
	})
}
