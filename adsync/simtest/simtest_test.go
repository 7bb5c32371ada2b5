package simtest

import "testing"

// I1 to I11 in worlds that seeds make. make soak goes on from other seeds for as
// long as it is let.
func TestTheEngineKeepsItsInvariants(t *testing.T) {
	d, first := SoakFor()
	Run(t, Options{Seeds: 1000, First: first, For: d})
}
