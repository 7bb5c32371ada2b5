package adsync_test

import (
	"flag"
	"testing"

	"github.com/adsync/sdk/internal/scenario/scenariotest"
)

var rewrite = flag.Bool("rewrite", false, "write what came of the scenarios into their files")

// TestScenarios runs testdata/scenarios; see package scenario for the format.
func TestScenarios(t *testing.T) { scenariotest.Run(t, "testdata/scenarios/*.txt", *rewrite) }
