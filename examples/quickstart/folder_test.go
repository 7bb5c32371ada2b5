package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFolderIsForOneDirectory(t *testing.T) {
	dir := t.TempDir()
	synced(t, "-dir", dir, "-objects", "20", "-seed", "3")
	before := accounts(t, dir)
	for _, other := range [][]string{
		{"-seed", "4"},
		{"-objects", "21"},
		{"-url", "ldaps://127.0.0.1:1", "-bind", "sync@example.com", "-password-file", "password"},
	} {
		ran := quickstart(t, append([]string{"-dir", dir}, other...)...).exits(64)
		require.Contains(t, ran.err, "belongs to a made-up directory of 20 people (seed 3)")
		require.Contains(t, ran.err, "-dir")
	}
	require.Equal(t, before, accounts(t, dir))
	synced(t, "-dir", dir, "-objects", "20", "-seed", "3")
	synced(t, "-dir", dir)
}

func TestAFolderOfADirectoryOfOnesOwnKeepsToIt(t *testing.T) {
	o, other, dir := startOwn(t), startOwn(t), t.TempDir()
	synced(t, o.flags(dir)...)
	for _, args := range [][]string{{"-dir", dir}, other.flags(dir), o.flags(dir, "-base", o.PeopleDN())} {
		ran := quickstart(t, args...).exits(64)
		require.Contains(t, ran.err, "belongs to "+o.URL())
	}
}

func TestDaysStay(t *testing.T) {
	dir := t.TempDir()
	require.Contains(t, quickstart(t, "-dir", dir, "-objects", "20").exits(0).out, "on day 0")
	require.Contains(t, quickstart(t, "-dir", dir, "-change").exits(0).out, "on day 1")
	require.Contains(t, quickstart(t, "-dir", dir, "-change", "-plan").exits(0).out, "on day 2")
	require.Contains(t, quickstart(t, "-dir", dir).exits(0).out, "on day 2")
	require.Contains(t, quickstart(t, "-dir", t.TempDir(), "-objects", "20", "-change").exits(0).out, "on day 1")
}

func TestAFolderThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.Contains(t, quickstart(t, "-dir", filepath.Join(file, "below")).exits(64).err, "name another with -dir")

	taken := t.TempDir() // the note cannot be written, not even by root
	require.NoError(t, os.Mkdir(filepath.Join(taken, "quickstart.json.new"), 0o700))
	require.Contains(t, quickstart(t, "-dir", taken).exits(64).err, "name another with -dir")
	require.NoFileExists(t, filepath.Join(taken, "target.db"))
}

func TestADamagedNoteIsNotGuessed(t *testing.T) {
	for _, text := range []string{"", "{", "[]", `{"objects":-5}`, `{"objects":20,"day":-1}`, "{}"} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "quickstart.json"), []byte(text), 0o600))
		ran := quickstart(t, "-dir", dir).exits(64)
		require.Contains(t, ran.err, "quickstart.json is damaged")
		require.NoFileExists(t, filepath.Join(dir, "target.db"))
	}
}
