// Command report makes the output of `go test -json` readable: package lines
// as they come, the output of what failed, and a closing summary that names
// every skipped test with its reason.
//
//	go test -json ./... | report            as it goes
//	report -summary < events                 what it came to
//
// It exits with 1 when a package failed. It is a tool of `make test` only.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of `go doc test2json`.
type event struct {
	Action, Package, ImportPath, Test, Output, FailedBuild string
	Elapsed                                                float64
}

// name tells tests, packages and failed builds apart.
func (e event) name() string { return e.Package + e.ImportPath + " " + e.Test }

func main() {
	summary := flag.Bool("summary", false, "print only the closing summary")
	flag.Parse()
	show := live
	if *summary {
		show = closing
	}
	failed, err := show(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
	}
	if failed || err != nil {
		os.Exit(1)
	}
}

// read gives each event, with all that its test has printed when it ends.
func read(r io.Reader, each func(e event, output string)) error {
	printed := make(map[string]string)
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20) // a line of test output may be long
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("not an event of go test -json: %s", lines.Bytes())
		}
		switch e.Action {
		case "output", "build-output":
			printed[e.name()] += e.Output
			if e.Test != "" {
				continue
			}
		}
		each(e, printed[e.name()])
		if e.Action == "pass" || e.Action == "fail" || e.Action == "skip" {
			delete(printed, e.name())
		}
	}
	return lines.Err()
}

// live prints what a plain `go test` would: one line a package, and everything
// about a failure.
func live(r io.Reader, w io.Writer) (failed bool, err error) {
	err = read(r, func(e event, output string) {
		switch {
		case e.Action == "output" || e.Action == "build-output":
			if e.Output != "PASS\n" {
				fmt.Fprint(w, e.Output)
			}
		case e.Action == "fail" && e.Test != "":
			fmt.Fprint(w, strings.TrimPrefix(output, "=== RUN   "+e.Test+"\n"))
		case e.Action == "fail":
			failed = true
		}
	})
	return failed, err
}
