package adsync_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/sink/memory"
)

func TestMergeModes(t *testing.T) {
	const absent, blank = "absent", ""
	for mode, c := range map[adsync.MergeMode]struct {
		name string
		// created is what a new object has when the directory says "a".
		created string
		// then, for what the directory says next: what the target has.
		then map[string]string
	}{
		adsync.KeepOnBlank: {"keep on blank", "a", map[string]string{"b": "b", blank: "a", absent: "a"}},
		adsync.SourceWins:  {"source wins", "a", map[string]string{"b": "b", blank: absent, absent: "a"}},
		adsync.CreateOnly:  {"create only", "a", map[string]string{"b": "a", blank: "a", absent: "a"}},
		adsync.FillIfEmpty: {"fill if empty", "a", map[string]string{"b": "a", blank: "a", absent: "a"}},
		adsync.Never:       {"never", absent, map[string]string{"b": absent, blank: absent, absent: absent}},
	} {
		set := func(w *world, value string) {
			w.person(1, "title", value)
			if value == absent {
				o := w.people[id(1)]
				o.Attrs.Delete("title")
				w.people[id(1)] = o
			}
		}
		has := func(w *world) string {
			if attrs := w.target(1).Attrs; attrs.Has("title") {
				return attrs.Get("title")
			}
			return absent
		}
		for next, want := range c.then {
			t.Run(fmt.Sprintf("%s: a, then %q", c.name, next), func(t *testing.T) {
				w := newWorld(t).crowd(2, 3)
				w.with(func(j *adsync.Job) { j.Merge = map[string]adsync.MergeMode{"TITLE": mode} })
				set(w, "a")
				w.run()
				require.Equal(t, c.created, has(w))
				set(w, next)
				w.run()
				require.Equal(t, want, has(w))
				require.Equal(t, adsync.Counts{Unchanged: 3}, w.run().Counts)
			})
		}
		t.Run(c.name+": blank, then a", func(t *testing.T) {
			w := newWorld(t).crowd(2, 3)
			w.with(func(j *adsync.Job) { j.Merge = map[string]adsync.MergeMode{"title": mode} })
			set(w, blank)
			w.run()
			require.Equal(t, absent, has(w))
			set(w, "a")
			w.run()
			want := "a"
			if mode == adsync.CreateOnly || mode == adsync.Never {
				want = absent
			}
			require.Equal(t, want, has(w))
		})
	}
}

func TestAdoptionKeepsWhatTheTargetHasByMode(t *testing.T) {
	for mode, want := range map[adsync.MergeMode]string{
		adsync.KeepOnBlank: "ours", adsync.SourceWins: "ours",
		adsync.CreateOnly: "theirs", adsync.FillIfEmpty: "theirs", adsync.Never: "theirs",
	} {
		w := newWorld(t).person(1, "title", "ours")
		w.with(func(j *adsync.Job) { j.Merge = map[string]adsync.MergeMode{"title": mode} })
		w.existing(1, func(o *adsync.Target) { o.Attrs.Set("title", "theirs") })
		require.Equal(t, 1, w.run().Counts.Adopt)
		require.Equal(t, want, w.target(1).Attrs.Get("title"), "mode %d", mode)
	}
}

func TestOverlongValues(t *testing.T) {
	const long = "äöü𝄞x yz"
	require.Len(t, []rune(long), 8)
	require.Len(t, long, 14)
	for _, c := range []struct {
		unit  adsync.LengthUnit
		limit int
		fits  bool
		cut   string
	}{
		{adsync.Runes, 8, true, long},
		{adsync.Runes, 7, false, "äöü𝄞x y"},
		{adsync.Runes, 6, false, "äöü𝄞x"}, // the blank at the end goes too
		{adsync.Runes, 4, false, "äöü𝄞"},
		{adsync.UTF16, 9, true, long},
		{adsync.UTF16, 8, false, "äöü𝄞x y"},
		{adsync.UTF16, 4, false, "äöü"}, // never half of a code point
		{adsync.Bytes, 14, true, long},
		{adsync.Bytes, 9, false, "äöü"},
		{adsync.Bytes, 10, false, "äöü𝄞"},
		{adsync.Bytes, 1, false, ""},
	} {
		for name, policy := range map[string]adsync.OverlongPolicy{"reject": adsync.Reject, "truncate": adsync.Truncate, "omit": adsync.Omit} {
			t.Run(fmt.Sprintf("%d %s, %s", c.limit, c.unit, name), func(t *testing.T) {
				w := newWorld(t).person(1, "title", "was").person(2)
				w.sink.Rules.Kinds[adsync.User].Attributes["title"] = adsync.AttributeSchema{MaxLength: max(c.limit, 3), Unit: c.unit}
				w.with(func(j *adsync.Job) { j.Overlong = map[string]adsync.OverlongPolicy{"Title": policy} })
				w.run()
				w.sink.Rules.Kinds[adsync.User].Attributes["title"] = adsync.AttributeSchema{MaxLength: c.limit, Unit: c.unit}
				w.person(1, "title", long, "phone", "1")
				report := w.run()
				want, phone := c.cut, "1"
				switch {
				case c.fits:
				case policy == adsync.Reject:
					want, phone = "was", ""
					require.Equal(t, []string{"000000000001 value-too-long title"}, codes(report))
					require.Contains(t, report.Issues[0].Detail, c.unit.String())
				case policy == adsync.Omit || c.cut == "":
					want = "was"
				}
				require.Equal(t, want, w.target(1).Attrs.Get("title"))
				require.Equal(t, phone, w.target(1).Attrs.Get("phone"), "a rejected object is not written at all")
				require.Zero(t, w.run().Counts.Writes())
			})
		}
	}
}

func TestValuesThatDoNotFitTheSchema(t *testing.T) {
	w := newWorld(t).crowd(1, 3)
	w.run()
	o := w.people[id(1)]
	o.Attrs.Set("phone", "1", "2")
	w.people[id(1)] = o
	report := w.run()
	require.Equal(t, []string{"000000000001 value-invalid phone"}, codes(report))
	w.person(2, "description", "x") // known, and written
	o = w.people[id(2)]
	o.Attrs.Set("name", "unknown to users")
	w.people[id(2)] = o
	w.person(1)
	report = w.run()
	require.Empty(t, report.Issues)
	require.False(t, w.target(2).Attrs.Has("name"), "what the target does not have is not sent")
}

// New finds everything that is wrong at once, in every part.
func TestNewReportsEveryFaultAtOnce(t *testing.T) {
	_, err := adsync.New(adsync.Job{})
	faults := &adsync.ConfigError{}
	require.ErrorAs(t, err, &faults)
	for _, name := range []string{"Target", "Sources", "Sink", "Mapper", "State"} {
		require.Contains(t, err.Error(), name+" is")
	}
	broken := errors.New("no host in the URL")
	_, err = adsync.New(adsync.Job{
		Target: "app", Sink: memory.PlainSink{S: memory.New()}, Mapper: &plainMapper{}, Matcher: plainMatcher{}, MembersAuthoritative: true, KeepRuns: -1,
		LeaseTime: 1, State: adsync.NewMemoryState(),
		Sources: []adsync.SourceConfig{{Name: "a", Source: faulty{broken}}, {Name: "a"}, {}},
	})
	require.ErrorAs(t, err, &faults)
	require.ErrorIs(t, err, broken)
	require.Len(t, faults.Faults, 10, "%v", err)
	require.Contains(t, err.Error(), "source a: no host in the URL")
}

type faulty struct{ err error }

func (f faulty) Validate() error { return errors.Join(f.err, errors.New("no base")) }
func (f faulty) Read(context.Context, adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return nil
}

// What the schema shows to be wrong is told by the first call, all at once.
func TestSchemaFaultsAreToldTogether(t *testing.T) {
	w := newWorld(t)
	for name := range w.sink.Rules.Kinds[adsync.User].Attributes {
		if name == "firstName" || name == "lastName" {
			delete(w.sink.Rules.Kinds[adsync.User].Attributes, name)
		}
	}
	w.with(func(j *adsync.Job) {
		j.Merge = map[string]adsync.MergeMode{"shoeSize": adsync.Never}
		j.Overlong = map[string]adsync.OverlongPolicy{"hatSize": adsync.Omit}
		j.Required = map[adsync.Kind][]string{adsync.User: {"glove"}}
	})
	_, err := w.try(t.Context())
	faults := &adsync.ConfigError{}
	require.ErrorAs(t, err, &faults)
	for _, name := range []string{"shoeSize", "hatSize", "glove", "firstName", "lastName"} {
		require.Contains(t, err.Error(), name)
	}
	require.Len(t, faults.Faults, 5)
}
