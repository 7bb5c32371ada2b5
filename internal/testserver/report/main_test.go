package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const events = `{"Action":"start","Package":"example.com/a"}
{"Action":"run","Package":"example.com/a","Test":"TestGood"}
{"Action":"output","Package":"example.com/a","Test":"TestGood","Output":"chatter\n"}
{"Action":"pass","Package":"example.com/a","Test":"TestGood","Elapsed":0.1}
{"Action":"output","Package":"example.com/a","Test":"TestSkipped","Output":"    a_test.go:7: no server\n"}
{"Action":"skip","Package":"example.com/a","Test":"TestSkipped"}
{"Action":"output","Package":"example.com/a","Output":"PASS\n"}
{"Action":"output","Package":"example.com/a","Output":"ok  \texample.com/a\t0.2s\n"}
{"Action":"pass","Package":"example.com/a","Elapsed":0.2}
`

const failures = `{"Action":"output","Package":"example.com/b","Test":"TestBad","Output":"    b_test.go:3: 1 is not 2\n"}
{"Action":"fail","Package":"example.com/b","Test":"TestBad"}
{"Action":"output","Package":"example.com/b","Output":"FAIL\texample.com/b\t0.1s\n"}
{"Action":"fail","Package":"example.com/b","Elapsed":0.1}
`

const brokenBuild = `{"ImportPath":"example.com/c","Action":"build-output","Output":"c.go:1: syntax error\n"}
{"ImportPath":"example.com/c","Action":"build-fail"}
{"Action":"fail","Package":"example.com/c","Elapsed":0,"FailedBuild":"example.com/c"}
`

func TestLiveShowsPackagesAndFailures(t *testing.T) {
	var out strings.Builder
	failed, err := live(strings.NewReader(events), &out)
	require.NoError(t, err)
	require.False(t, failed)
	require.Equal(t, "ok  \texample.com/a\t0.2s\n", out.String())

	failed, err = live(strings.NewReader(events+failures+brokenBuild), &out)
	require.NoError(t, err)
	require.True(t, failed)
	require.Contains(t, out.String(), "1 is not 2")
	require.Contains(t, out.String(), "syntax error")
	require.Contains(t, out.String(), "FAIL\texample.com/b")
}

func TestClosingCountsAndNames(t *testing.T) {
	var out strings.Builder
	failed, err := closing(strings.NewReader(events+failures), &out)
	require.NoError(t, err)
	require.True(t, failed)
	require.Contains(t, out.String(), "FAIL  2 packages, 1 tests passed, 1 failed, 1 skipped")
	require.Contains(t, out.String(), "skipped  no server\n           a.TestSkipped\n")
	require.Contains(t, out.String(), "failed   example.com/b TestBad")

	out.Reset()
	failed, err = closing(strings.NewReader(events), &out)
	require.NoError(t, err)
	require.False(t, failed)
	require.True(t, strings.HasPrefix(out.String(), "PASS  1 packages"))
}

func TestManyNamesAreCounted(t *testing.T) {
	require.Equal(t, "a, b, c", few([]string{"a", "b", "c"}))
	require.Equal(t, "a, b and 2 more", few([]string{"a", "b", "c", "d"}))
}

func TestABrokenBuildFails(t *testing.T) {
	var out strings.Builder
	failed, err := closing(strings.NewReader(brokenBuild), &out)
	require.NoError(t, err)
	require.True(t, failed)
}

func TestNothingTestedIsNoSuccess(t *testing.T) {
	failed, err := closing(strings.NewReader(""), &strings.Builder{})
	require.NoError(t, err)
	require.True(t, failed)
}

func TestWhatIsNoEventIsAnError(t *testing.T) {
	_, err := live(strings.NewReader("panic: no JSON\n"), &strings.Builder{})
	require.ErrorContains(t, err, "panic: no JSON")
}
