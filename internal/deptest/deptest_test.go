package deptest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

func list(t *testing.T) []Package {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Name,Doc,Imports,Deps,GoFiles", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	require.NoError(t, err)
	var all []Package
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p Package
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestThisModuleKeepsTheRules(t *testing.T) {
	packages := list(t)
	require.NotEmpty(t, packages)
	require.True(t, slices.ContainsFunc(packages, func(p Package) bool { return p.path() == "adsync" }))
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			for _, p := range packages {
				for _, text := range rule.Check(p) {
					t.Error(text)
				}
			}
		})
	}
}

func TestTheTopLevelHoldsNoOtherFolder(t *testing.T) {
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	allowed := append(slices.Clone(TopLevel), "docs", "bin") // bin is ignored by git
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			require.Contains(t, allowed, entry.Name())
		}
	}
}

func TestThereIsOneGoModule(t *testing.T) {
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if entry != nil && entry.Name() == "go.mod" {
			require.Equal(t, filepath.Join(root, "go.mod"), path)
		}
		return err
	})
	require.NoError(t, err)
}

// TestEachRuleCanFail shows for each rule a package that breaks it, and one
// near it that does not.
func TestEachRuleCanFail(t *testing.T) {
	type pkg = Package
	good := func(path string, deps ...string) pkg {
		p := pkg{ImportPath: Module + "/" + path, Name: "x", Doc: "Package x.", GoFiles: []string{"x.go"}}
		for _, dep := range deps {
			p.Deps = append(p.Deps, strings.Replace(dep, "~", Module, 1))
		}
		p.Imports = p.Deps
		return p
	}
	silent, program := good("adsync"), good("adsync/cmd")
	silent.Doc, program.Name = "", "main"
	example := good("examples/quickstart", "~/source/ldap", "~/sink/localdb")
	example.Name = "main"

	for _, c := range []struct {
		rule      string
		bad, fine pkg
	}{
		{"top level", good("util"), good("mapping/phone")},
		{"package comment", silent, good("adsync")},
		{"standard library only", good("adsync", "~/mapping"), good("adsync", "context", "vendor/golang.org/x/net", "~/internal/backoff")},
		{"standard library only", good("adsync", "github.com/expr-lang/expr"), good("mapping", "github.com/expr-lang/expr")},
		{"standard library only", good("sink/sinktest", "github.com/stretchr/testify/require"), good("sink/sinktest", "testing", "~/adsync")},
		{"crypto stands alone", good("crypto", "~/internal/packed"), good("crypto/seal", "~/crypto", "golang.org/x/crypto/argon2")},
		{"connectors are strangers", good("source/ldap", "~/source/ldif"), good("source/ldap", "~/source", "~/source/ldap/wire", "~/adsync")},
		{"connectors are strangers", good("sink/directory", "~/source/ldap"), good("sink/directory", "~/sink", "~/sink/sinktest")},
		{"connectors are strangers", good("mapping", "~/sink/localdb"), example},
		{"who names it links it", good("sink/localdb", "github.com/jackc/pgx/v5/stdlib"), good("adsync/state/postgres", "github.com/jackc/pgx/v5/stdlib")},
		{"who names it links it", good("source/ldif", "modernc.org/sqlite"), good("adsync/state", "modernc.org/sqlite")},
		{"the quickstart is light", good("examples/quickstart", "github.com/jackc/pgx/v5"), example},
		{"test servers are for tests", good("source/ldap", "~/internal/testserver"), good("internal/bench", "~/internal/testserver")},
		{"test servers are for tests", good("sink/memory", "testing"), good("source/sourcetest", "testing")},
		{"programs are examples", program, example},
	} {
		t.Run(c.rule, func(t *testing.T) {
			at := slices.IndexFunc(Rules(), func(r Rule) bool { return r.Name == c.rule })
			require.NotEqual(t, -1, at)
			require.NotEmpty(t, Rules()[at].Check(c.bad))
			require.Empty(t, Rules()[at].Check(c.fine))
		})
	}
}
