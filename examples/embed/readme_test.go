package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheReadmeShowsTheBodyAsItIs(t *testing.T) {
	code, err := os.ReadFile("main.go")
	require.NoError(t, err)
	_, body, ok := strings.Cut(string(code), "remembered string) (*adsync.Report, error) {\n")
	require.True(t, ok)
	body, _, _ = strings.Cut(body, "\n}\n")
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	shown := regexp.MustCompile("(?s)```go\n(.*?)\n```").FindSubmatch(readme)
	require.NotNil(t, shown)
	require.Equal(t, plain(body), plain(string(shown[1])))
}

// plain leaves out indents and comments, in which the two may differ.
func plain(code string) []string {
	var out []string
	for line := range strings.Lines(code) {
		line, _, _ = strings.Cut(line, " //")
		out = append(out, strings.Join(strings.Fields(line), " "))
	}
	return out
}

func TestLinksInTheDocumentsLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	root := filepath.Join("..", "..")
	documents, err := filepath.Glob(filepath.Join(root, "docs", "decisions", "*.md"))
	require.NoError(t, err)
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md"} {
		documents = append(documents, filepath.Join(root, name))
	}
	for _, document := range documents {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		for _, found := range link.FindAllSubmatch(text, -1) {
			_, err := os.Stat(filepath.Join(filepath.Dir(document), string(found[1])))
			require.NoError(t, err, document)
		}
	}
}
