package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// folder holds the two databases, and what directory they belong to: another
// directory into the same databases would read as everybody having left.
type folder struct {
	path string
	made made
	kept bool // the note says what made does
}

// made is what a folder was made for.
type made struct {
	Objects int      `json:"objects,omitempty"`
	Seed    uint64   `json:"seed,omitempty"`
	Day     int      `json:"day,omitempty"`
	URL     string   `json:"url,omitempty"`
	Bases   []string `json:"bases,omitempty"`
}

func (f *folder) target() string { return filepath.Join(f.path, "target.db") }
func (f *folder) state() string  { return filepath.Join(f.path, "state.db") }
func (f *folder) note() string   { return filepath.Join(f.path, "quickstart.json") }

// openFolder makes the folder, or holds it against the command line.
func openFolder(o *options) (*folder, error) {
	path, err := folderPath(o)
	if err != nil {
		return nil, usageError{err}
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, usageError{fmt.Errorf("the folder cannot be made; name another with -dir: %w", err)}
	}
	f := &folder{path: path}
	text, err := os.ReadFile(f.note())
	if errors.Is(err, fs.ErrNotExist) {
		return f, f.first(o)
	}
	if err != nil {
		return nil, usageError{err}
	}
	if err := json.Unmarshal(text, &f.made); err != nil || !f.made.possible() {
		return nil, usageError{fmt.Errorf("%s is damaged, so it cannot be told what the databases beside it hold; use another -dir", f.note())}
	}
	if err := f.same(o); err != nil {
		return nil, usageError{err}
	}
	if o.change {
		f.made.Day++
		return f, f.save()
	}
	f.kept = true
	return f, nil
}

func folderPath(o *options) (string, error) {
	if o.dir != "" {
		return o.dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder for the databases; name one with -dir (%w)", err)
	}
	return filepath.Join(cache, "adsync-quickstart"), nil
}

// first notes what the folder is for. For a directory of one's own the note is
// written when it has been read, so that a slip of the pen binds nobody.
func (f *folder) first(o *options) error {
	if o.url != "" {
		f.made = made{URL: o.url, Bases: o.bases}
		return nil
	}
	f.made = made{Objects: o.objects, Seed: o.seed}
	if o.change {
		f.made.Day = 1
	}
	return f.save()
}

func (m *made) possible() bool {
	return m.Day >= 0 && (m.URL != "" || m.Objects >= 1 && m.Objects <= mostObjects)
}

// same refuses another directory in the same folder.
func (f *folder) same(o *options) error {
	belongs := fmt.Sprintf("a made-up directory of %d people (seed %d)", f.made.Objects, f.made.Seed)
	if f.made.URL != "" {
		belongs = strings.Join(append([]string{f.made.URL}, f.made.Bases...), " ")
	}
	wrong := o.url != f.made.URL ||
		o.url != "" && !slices.Equal(o.bases, f.made.Bases) ||
		o.given["seed"] && o.seed != f.made.Seed ||
		o.given["objects"] && o.objects != f.made.Objects
	if !wrong {
		return nil
	}
	return fmt.Errorf("%s belongs to %s; everybody would seem to have left. Use another -dir, or the flags it was made with", f.path, belongs)
}

// keep writes the note, unless it is there already.
func (f *folder) keep() error {
	if f.kept {
		return nil
	}
	return f.save()
}

// save writes the note in one step, so that a cut leaves the old one.
func (f *folder) save() error {
	text, err := json.Marshal(f.made)
	if err != nil {
		return err
	}
	next := f.note() + ".new"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return usageError{fmt.Errorf("the folder cannot be written to; name another with -dir: %w", err)}
	}
	f.kept = true
	return os.Rename(next, f.note())
}
