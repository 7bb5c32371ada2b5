package simtest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
)

// planted are the faults that the oracles are shown to catch: with the
// protection in place the script plays without a complaint, and without it the
// oracle complains. A test of an oracle is red when the oracle is taken out.
var planted = []struct{ protection, oracle, script string }{
	{"done", "I1 read, guard, then write", "world people=6\nrun read=cut:1"},
	{"done", "I2 absence", "world people=8 read=full\nrun\nrun read=cut:1"},
	{"guard", "I1 limits", "world people=8 read=full\nrun\nleave 1\nleave 2\nleave 3\nleave 4\nrun"},
	{"witness", "I2 absence", "world people=6 read=full\nrun\nrun read=unit:Sales"},
	{"unknown", "I2 unknown", "world people=6\nrun\ndisable 2\nrun\nchange 2 title\nrun read=attribute:active"},
	{"outcomes", "I3 cursor", "world people=6\nrun sink=unauth:3"},
	{"wanted", "I3 nothing lost", "world people=1 groups=1\nrun\nchange 1 title\nrun sink=refuse:1"},
	{"keys", "I4 one object", "world people=6 see=blind\nrun kill=9+"},
	{"keys", "I4 twin", "world people=6 see=blind\nrun kill=11+"},
	{"read-back", "I4 one object", "world people=6 see=find replay=none\nrun kill=9+"},
	{"read-back", "I4 once", "world people=6 see=find replay=none\nrun kill=9+"},
	{"blank", "I5 blank", "world people=6\nrun\nblank 3 phone\nrun"},
	{"keeping", "I5 deletion", "world people=6\nrun\nleave 3\nrun"},
	{"others-members", "I5 members", "world people=6 read=full\nrun\nbyhand member 100\nrun"},
	{"ambiguity", "I6 ambiguity", "world people=2\nbyhand twins 2\nrun"},
	{"protected", "I6 ambiguity", "world people=2\nbyhand protected 2\nrun"},
	{"one-object", "I7 one bad object", "world people=4\nodd 2\nrun"},
	{"batches", "I9 bounds", "world people=9 batch=2\nrun"},
	{"lease", "I10 one at a time", "world people=9 batch=1\nrun with=13"},
}

func TestOraclesCatchPlantedFaults(t *testing.T) {
	for _, p := range planted {
		t.Run(p.protection+", "+p.oracle, func(t *testing.T) {
			script, err := Parse(p.script)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range try(t, script, Options{}) {
				t.Errorf("with the protection: %s", v)
			}
			restore, err := protection.Remove(p.protection)
			if err != nil {
				t.Fatal(err)
			}
			defer restore()
			var seen []string
			for _, v := range try(t, script, Options{}) {
				if v.Oracle == p.oracle {
					return
				}
				seen = append(seen, v.String())
			}
			t.Errorf("without the protection %s nothing was seen; other oracles: %s", p.oracle, strings.Join(seen, "\n"))
		})
	}
}

// Faults that are a connector's or the world's, planted from outside.
var elsewhere = map[string]func(*testing.T) []Violation{
	"I4 keys": func(*testing.T) []Violation {
		w := newWorld(Step{Verb: "world"}, Options{})
		op := adsync.Op{Key: "k", Verb: adsync.Put, Target: "user-1", Set: startingAttributes(adsync.User, 1)}
		other := op
		other.Set = startingAttributes(adsync.User, 2)
		trace := &Trace{World: w, Events: []Event{Affected{1, Effect{Op: op, Before: &held{}, After: &held{}}}, Sent{1, []adsync.Op{op}, false}, Sent{1, []adsync.Op{other}, false}}}
		return trace.Check()
	},
	"I8 secrets": func(t *testing.T) []Violation {
		return plantedIn(t, "world\nrun", Options{
			Secrets: []string{"correct horse battery"},
			Source: func(w *World, d *Directory) adsync.Source {
				return failingSource{errors.New("cannot bind with the password correct horse battery")}
			},
		})
	},
	"I3 at rest": func(t *testing.T) []Violation {
		o := Options{Sink: func(w *World) adsync.Sink { return plainSink{w.System, alwaysTheFirst} }}.fitted(t)
		return plantedIn(t, "world people=3\nrun", o)
	},
	"I11 same plan": func(t *testing.T) []Violation {
		return plantedIn(t, "world\nplan", Options{Job: func(j *adsync.Job) { j.Mapper = &moodyMapper{} }})
	},
}

func plantedIn(t *testing.T, text string, o Options) []Violation {
	script, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return try(t, script, o)
}

type failingSource struct{ err error }

func (s failingSource) Read(context.Context, adsync.ReadRequest) iter.Seq2[adsync.Batch, error] {
	return func(yield func(adsync.Batch, error) bool) { yield(adsync.Batch{}, s.err) }
}

// moodyMapper gives another title each time.
type moodyMapper struct{ mapper }

var moods int

func (m *moodyMapper) Map(o adsync.Object) (adsync.Object, error) {
	if moods++; o.Attrs.Has("title") {
		o.Attrs = o.Attrs.Clone()
		o.Attrs.Set("title", fmt.Sprint("mood ", moods))
	}
	return o, nil
}

func TestOraclesCatchFaultsOfOthers(t *testing.T) {
	for name, plant := range elsewhere {
		t.Run(name, func(t *testing.T) {
			for _, v := range plant(t) {
				if v.Oracle == name {
					return
				}
			}
			t.Error("nothing was seen")
		})
	}
}

func TestEveryOracleIsShownToCatchAFault(t *testing.T) {
	shown := map[string]bool{}
	for _, p := range planted {
		shown[p.oracle] = true
	}
	for name := range elsewhere {
		shown[name] = true
	}
	for _, o := range Oracles() {
		if !shown[o.Name] {
			t.Errorf("nothing shows that %q catches anything", o.Name)
		}
	}
}
