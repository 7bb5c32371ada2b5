package simtest

import (
	"strings"
	"testing"

	"github.com/adsync/sdk/internal/protection"
)

// planted are the faults that the oracles are shown to catch: with the
// protection in place the script plays without a complaint, and without it the
// oracle complains. A test of an oracle is red when the oracle is taken out.
var planted = []struct{ protection, oracle, script string }{
	{"done", "I1 read, guard, then write", "world people=6\nrun read=cut:1"},
	{"done", "I2 absence", "world people=8 read=full\nrun\nrun read=cut:2"},
	{"guard", "I1 limits", "world people=8 read=full\nrun\nleave 1\nleave 2\nleave 3\nleave 4\nrun"},
	{"witness", "I2 absence", "world people=6 read=full\nrun\nrun read=unit:Sales"},
	{"unknown", "I2 unknown", "world people=6 read=full\nrun\ndisable 2\nrun\nrun read=attribute:active"},
	{"outcomes", "I3 cursor", "world people=6\nrun sink=unauth:3"},
	{"wanted", "I3 nothing lost", "world people=6\nrun sink=refuse:3"},
	{"keys", "I4 one object", "world people=6 see=blind\nrun sink=lose:3"},
	{"read-back", "I4 one object", "world people=6 see=find replay=none inactive=create sink=single merge=wins\nrun kill=14+"},
	{"blank", "I5 blank", "world people=6\nrun\nblank 3 phone\nrun"},
	{"keeping", "I5 deletion", "world people=6\nrun\nleave 3\nrun"},
	{"others-members", "I5 members", "world people=6 read=full\nrun\nbyhand member 100\nrun"},
	{"ambiguity", "I6 ambiguity", "world people=2\nbyhand twins 2\nrun"},
	{"protected", "I6 ambiguity", "world people=2\nbyhand protected 2\nrun"},
	{"one-object", "I7 one bad object", "world people=4\nodd 2\nrun"},
	{"batches", "I9 bounds", "world people=9 batch=2\nrun"},
	{"lease", "I10 one at a time", "world people=9 batch=1\nrun with=14"},
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
