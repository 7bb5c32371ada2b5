package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// folder holds the two databases, and what directory they belong to: another
// directory into the same databases would read as everybody having left.
type folder struct {
	path string
	made made
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
	path := o.dir
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, usageError{fmt.Errorf("no folder for the databases; name one with -dir (%w)", err)}
		}
		path = filepath.Join(cache, "adsync-quickstart")
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, usageError{err}
	}
	f := &folder{path: path}
	text, err := os.ReadFile(f.note())
	if errors.Is(err, fs.ErrNotExist) {
		return f, f.first(o)
	}
	if err != nil {
		return nil, usageError{err}
	}
	if err := json.Unmarshal(text, &f.made); err != nil {
		return nil, usageError{fmt.Errorf("%s is damaged (%w); use another folder", f.note(), err)}
	}
	if err := f.same(o); err != nil {
		return nil, usageError{err}
	}
	if o.change {
		f.made.Day++
		return f, f.save()
	}
	return f, nil
}

func (f *folder) first(o *options) error {
	if o.url != "" {
		f.made = made{URL: o.url, Bases: o.bases}
	} else {
		f.made = made{Objects: o.objects, Seed: o.seed}
		if o.change {
			f.made.Day = 1
		}
	}
	return f.save()
}

// same refuses another directory in the same folder.
func (f *folder) same(o *options) error {
	other := func(flag, was any) error {
		return fmt.Errorf("%s was made with %v %v; use another -dir, or leave the flag out", f.path, flag, was)
	}
	switch {
	case o.url != f.made.URL && f.made.URL == "":
		return fmt.Errorf("%s belongs to a made-up directory; use another -dir for %s", f.path, o.url)
	case o.url != f.made.URL:
		return other("-url", f.made.URL)
	case o.given["base"] && !slices.Equal(o.bases, f.made.Bases) || o.url != "" && len(o.bases) != len(f.made.Bases):
		return other("-base", f.made.Bases)
	case o.given["seed"] && o.seed != f.made.Seed:
		return other("-seed", f.made.Seed)
	case o.given["objects"] && o.objects != f.made.Objects:
		return other("-objects", f.made.Objects)
	}
	return nil
}

// save writes the note in one step, so that a cut leaves the old one.
func (f *folder) save() error {
	text, err := json.Marshal(f.made)
	if err != nil {
		return err
	}
	next := f.note() + ".new"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return usageError{err}
	}
	return os.Rename(next, f.note())
}
