// Package deptest holds the rules about which package may import which, and
// the tests that check this module against them.
//
// It looks at imports only. What a package does is for its own tests.
package deptest

import (
	"slices"
	"strings"
)

// Module is the import path of this module.
const Module = "github.com/adsync/sdk"

// Package is what `go list -json` says of one package of this module.
type Package struct {
	ImportPath string
	Name       string
	Doc        string
	Imports    []string // of the package itself, not of its tests
	Deps       []string // all that its imports link
	GoFiles    []string
}

// path is the import path below the module: "" for its root.
func (p Package) path() string { return relative(p.ImportPath) }

// relative gives the path below the module, and foreign paths as they are.
func relative(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, Module), "/")
}

// ours tells whether a package belongs to this module.
func ours(path string) bool { return path == Module || strings.HasPrefix(path, Module+"/") }

// standard tells whether a package is of the standard library: those of
// others have a dot in their first element, a domain name.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// below tells whether path is dir or inside it.
func below(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// A Rule gives one sentence for each thing that a package must not do.
type Rule struct {
	Name  string
	Check func(Package) []string
}

// Rules are all rules of this module.
func Rules() []Rule {
	return []Rule{
		{"top level", topLevel},
		{"package comment", packageComment},
		{"standard library only", standardOnly},
		{"crypto stands alone", cryptoAlone},
		{"connectors are strangers", connectorsAlone},
		{"who names it links it", linkedByName},
		{"the quickstart is light", quickstart},
		{"test servers are for tests", testsOnly},
		{"programs are examples", programs},
	}
}

// TopLevel are the folders that may stand beside go.mod, next to docs.
var TopLevel = []string{"adsync", "source", "sink", "mapping", "match", "crypto", "examples", "internal"}

func topLevel(p Package) []string {
	first, _, _ := strings.Cut(p.path(), "/")
	if slices.Contains(TopLevel, first) {
		return nil
	}
	return []string{p.ImportPath + " stands in a folder that the top level does not have"}
}

func packageComment(p Package) []string {
	if p.Doc != "" || len(p.GoFiles) == 0 {
		return nil
	}
	return []string{p.ImportPath + " has no package comment"}
}

// isKit tells whether a package is a conformance kit. A vendor's tests import
// kits, so they bring no dependency along.
func isKit(path string) bool {
	return slices.ContainsFunc([]string{"adsync/state/statetest", "adsync/simtest", "source/sourcetest", "sink/sinktest"}, func(kit string) bool { return below(path, kit) })
}

// standardOnly: the contract and the kits link the standard library, adsync
// itself and internal packages, and these link nothing else either.
func standardOnly(p Package) []string {
	if p.path() != "adsync" && !isKit(p.path()) {
		return nil
	}
	return each(p.Deps, func(dep string) string {
		path := relative(dep)
		if standard(dep) || ours(dep) && (below(path, "internal") || path == "adsync" || below(path, p.path())) {
			return ""
		}
		return p.ImportPath + " links " + dep
	})
}

func cryptoAlone(p Package) []string {
	if !below(p.path(), "crypto") {
		return nil
	}
	return each(p.Deps, func(dep string) string {
		if !ours(dep) || below(relative(dep), "crypto") {
			return ""
		}
		return p.ImportPath + " links " + dep
	})
}

// connector gives the connector that a package belongs to: "source/ldap" of
// source/ldap/wire. The roots source and sink, and the kits, belong to none.
func connector(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) < 2 || parts[0] != "source" && parts[0] != "sink" || isKit(path) {
		return ""
	}
	return parts[0] + "/" + parts[1]
}

// connectorsAlone: a connector imports no other, and nothing that the engine,
// mapping or match consist of imports one.
func connectorsAlone(p Package) []string {
	mine := connector(p.path())
	if below(p.path(), "examples") || below(p.path(), "internal") || below(p.path(), "adsync/agent") {
		return nil
	}
	return each(p.Imports, func(dep string) string {
		theirs := connector(relative(dep))
		if !ours(dep) || theirs == "" || theirs == mine {
			return ""
		}
		return p.ImportPath + " imports the connector " + dep
	})
}

// linkers says who may link what is large or has opinions: a program that does
// not name it must not carry it.
var linkers = map[string][]string{
	"github.com/jackc/pgx/v5":                  {"adsync/state/postgres", "sink/localdb/postgres", "internal", "examples", "adsync/agent"},
	"github.com/microsoftgraph/msgraph-sdk-go": {"source/graph", "examples", "adsync/agent"},
	"github.com/jcmturner/gokrb5/v8":           {"source/ldap", "sink/directory", "internal", "examples", "adsync/agent"},
	"modernc.org/sqlite":                       {"adsync/state", "sink/localdb", "internal", "examples", "adsync/agent"},
	"github.com/nyaruka/phonenumbers":          {"mapping/phone", "examples", "adsync/agent"},
	"github.com/prometheus/client_golang":      {"adsync/agent", "examples"},
	"github.com/riverqueue/river":              {"adsync/agent", "examples"},
}

func linkedByName(p Package) []string {
	return each(p.Deps, func(dep string) string {
		for heavy, allowed := range linkers {
			if below(dep, heavy) && !slices.ContainsFunc(allowed, func(dir string) bool { return below(p.path(), dir) }) {
				return p.ImportPath + " links " + heavy
			}
		}
		return ""
	})
}

// quickstart: the first program that a newcomer builds is up in seconds.
func quickstart(p Package) []string {
	if !below(p.path(), "examples/quickstart") {
		return nil
	}
	return each(p.Deps, func(dep string) string {
		if below(dep, "github.com/jackc/pgx/v5") || below(dep, "github.com/microsoftgraph/msgraph-sdk-go") || below(relative(dep), "adsync/agent") {
			return p.ImportPath + " links " + dep
		}
		return ""
	})
}

// testsOnly: what helps tests is imported by tests, and by other such helpers.
func testsOnly(p Package) []string {
	if below(p.path(), "internal") {
		return nil
	}
	return each(p.Deps, func(dep string) string {
		if below(relative(dep), "internal/testserver") || dep == "github.com/stretchr/testify/require" || dep == "testing" && !isKit(p.path()) {
			return p.ImportPath + " links " + dep + " outside its tests"
		}
		return ""
	})
}

func programs(p Package) []string {
	if p.Name != "main" || below(p.path(), "examples") || below(p.path(), "internal") {
		return nil
	}
	return []string{p.ImportPath + " is a program outside examples"}
}

// each collects the complaints about names.
func each(names []string, complain func(string) string) []string {
	var out []string
	for _, name := range names {
		if text := complain(name); text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}
