package killtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/internal/lossysink"
)

// Each fault that the kill test is for makes it red. The programs are wrong in
// one way each, on the ground where nothing else makes up for it.
func TestTheKillTestFindsFaults(t *testing.T) {
	for _, c := range []struct {
		fault fault
		sink  lossysink.Mode
		at    func(place string) bool // where it shows
	}{
		{faultKeys, lossysink.Keyed, func(place string) bool { return strings.Contains(place, "send") && strings.Contains(place, "behind") }},
		{faultRecordedFirst, lossysink.Keyed, func(place string) bool { return strings.Contains(place, "record") && strings.Contains(place, "behind") }},
		{faultCursor, lossysink.Keyed, func(place string) bool { return strings.Contains(place, "save sealed, before") }},
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			t.Parallel()
			s := newStory(t, ground{state: "sqlite", sink: string(c.sink), name: string(c.fault)}, &tally{})
			fatal := slices.DeleteFunc(slices.Clone(s.places), func(place string) bool { return !c.at(place) })
			require.NotEmpty(t, fatal)
			died := func(p *place) int {
				kills, _ := p.killAt(fatal)
				return kills
			}
			require.True(t, s.play(died), "without the fault")
			s.fault = c.fault
			require.False(t, s.play(died), "the fault was not noticed")
			require.NotZero(t, s.total.divergences.Load()+s.total.twice.Load())
		})
	}
}
