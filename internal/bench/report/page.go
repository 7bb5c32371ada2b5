package report

import (
	"bytes"
	"fmt"
	"os"
)

// Replace puts text between a page's marks <!-- name: begin --> and
// <!-- name: end -->. All else stays as it is.
func Replace(page []byte, name, text string) ([]byte, error) {
	begin, end := fmt.Appendf(nil, "<!-- %s: begin -->\n", name), fmt.Appendf(nil, "<!-- %s: end -->", name)
	before, rest, ok := bytes.Cut(page, begin)
	_, after, closed := bytes.Cut(rest, end)
	if !ok || !closed {
		return nil, fmt.Errorf("the page has no part %q: it wants the lines %s and %s", name, bytes.TrimSpace(begin), end)
	}
	return bytes.Join([][]byte{before, begin, []byte(text), end, after}, nil), nil
}

// ReplaceIn replaces a part of a file.
func ReplaceIn(path, name, text string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if page, err = Replace(page, name, text); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, page, 0o644)
}

// Block is text as a page shows it unchanged.
func Block(text string) string { return "\n```text\n" + text + "```\n\n" }
