package simtest_test

import (
	"fmt"
	"testing"

	"github.com/adsync/sdk/adsync/simtest"
)

func TestAVendorsSinkOverHTTP(t *testing.T) {
	simtest.Run(t, simtest.Options{Seeds: 60, Steps: 16, Sink: newPanel})
}

func TestAVendorsSource(t *testing.T) {
	simtest.Run(t, simtest.Options{Seeds: 60, Steps: 16, Source: newStaffOffice})
}

func ExampleGenerate() {
	script := simtest.Generate(7, 3)
	again, err := simtest.Parse(script.String())
	fmt.Println(len(again.Steps), err)
	// Output: 4 <nil>
}
