package simtest

import "testing"

func TestTheEngineKeepsItsInvariants(t *testing.T) {
	d, first := SoakFor()
	Run(t, Options{Seeds: 3000, First: first, For: d})
}
