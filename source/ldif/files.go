package ldif

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// files reads the values that stand in files of their own (name:< file:///…).
// Nothing outside its directory can be reached, not by ".." and not by links.
type files struct {
	dir  string
	root *os.Root
}

func openFiles(dir string) (*files, error) {
	if dir == "" {
		return nil, nil
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(absolute)
	if err != nil {
		return nil, fmt.Errorf("ldif: FilesDir cannot be opened: %w", err)
	}
	return &files{absolute, root}, nil
}

func (f *files) close() {
	if f != nil {
		f.root.Close()
	}
}

func (f *files) read(reference string, most int) (string, error) {
	name, err := f.inside(reference)
	if err != nil {
		return "", err
	}
	file, err := f.root.Open(name)
	if err != nil {
		return "", fmt.Errorf("the file of the value cannot be read: %w", err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", errors.New("the value must stand in a regular file")
	}
	value, err := io.ReadAll(io.LimitReader(file, int64(most)+1))
	if err == nil && len(value) > most {
		err = fmt.Errorf("the file of the value is larger than %d bytes; raise MaxLine if that is right", most)
	}
	return string(value), err
}

// inside gives the path below the directory that a URL names.
func (f *files) inside(reference string) (string, error) {
	u, err := url.Parse(reference)
	if err != nil || u.Scheme != "file" || u.Host != "" && u.Host != "localhost" {
		return "", errors.New("a value may stand in a file on this machine (file:///path), and nowhere else")
	}
	name, err := filepath.Rel(f.dir, filepath.FromSlash(u.Path))
	if err != nil || name == ".." || strings.HasPrefix(name, ".."+string(filepath.Separator)) {
		return "", errors.New("the file of the value is outside FilesDir")
	}
	return name, nil
}
