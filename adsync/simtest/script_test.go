package simtest

import (
	"strings"
	"testing"
)

func TestAScriptIsReadAsItIsWritten(t *testing.T) {
	for seed := range uint64(50) {
		text := Generate(seed, 20).String()
		script, err := Parse("# made by a seed\n\n" + text)
		if err != nil || script.String() != text {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
	}
}

func TestAWrongScriptSaysWhereAndWhy(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "no line that begins with world",
		"world\nworld":                "line 2: a script has one line that begins with world",
		"world\nfly 3":                `line 2 (fly 3): there is no verb "fly"`,
		"world\nleave":                "leave needs 1 word(s)",
		"world\nrun kil=3":            "run knows no kil=",
		"world\nrun sink=explode:3":   "there is no fault sink=explode",
		"world\nrun read=cut:1,cat:2": "there is no fault read=cat",
		"world\nrun kill=":            "kill= has no value",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gave %v, and should say %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Generate(1, 12).String())
	f.Add("world people=-3\nadd 99999999999999999999\nrun kill=+ sink=:,,lose")
	f.Fuzz(func(t *testing.T, text string) {
		script, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(script.String())
		if err != nil || again.String() != script.String() {
			t.Fatalf("%q is not read as it was written: %v", script, err)
		}
	})
}

// Red when shrink keeps a step that the failure does not need.
func TestAFailureIsShownWithTheShortestScript(t *testing.T) {
	script, err := Parse("world people=9 merge=wins\nadd 4\nleave 3\nrun kill=3 sink=lose:2\nleave 5\nrun read=cut:1")
	if err != nil {
		t.Fatal(err)
	}
	short := shrink(script, 100, func(s Script) bool {
		text := s.String()
		return strings.Contains(text, "leave 3") && strings.Contains(text, "sink=lose:2")
	})
	if got, want := short.String(), "world\nleave 3\nrun sink=lose:2\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheSameScriptPlaysTheSameWay(t *testing.T) {
	for seed := range uint64(20) {
		script := Generate(seed, 16)
		first, second := play(t, script, Options{}), play(t, script, Options{})
		for n := range first.pictures {
			if first.pictures[n] != second.pictures[n] {
				t.Fatalf("seed %d, step %d:\n%s\nand then\n%s", seed, n+1, first.pictures[n], second.pictures[n])
			}
		}
	}
}
