package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adsync/sdk/source/ldap"
)

// changes measures reads of changes on one ground, by each of its ways.
func changes(ctx context.Context, args []string) error {
	s := defaults()
	flags := s.flags()
	name := flags.String("ground", "", "slapd, samba or fakedir")
	ways := flags.String("ways", "", "ways to learn what changed, with commas")
	var w writer
	flags.StringVar(&w.bind, "writer", "", "the account that changes people (slapd, samba)")
	flags.StringVar(&w.password, "writer-password", "", "its password, a file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	g, err := stand(*name, s, w)
	if err != nil {
		return err
	}
	defer g.close()
	all := g.rows(strings.Split(*ways, ","))
	runs, err := repeat(ctx, g.setting, plainRows(all))
	if err != nil {
		return err
	}
	return writeChanges(os.Stdout, *name, g.setting, all, runs)
}

func stand(name string, s setting, w writer) (*ground, error) {
	switch name {
	case "slapd":
		return slapdGround(s, w), nil
	case "samba":
		return sambaGround(s, w), nil
	case "fakedir":
		return fakeGround(s)
	}
	return nil, fmt.Errorf("there is no ground %q", name)
}

// deltaRow is a row that is compared with two others: the bare search for what it
// had to read, and the full read by the same way.
type deltaRow struct {
	row
	bare, full int  // rows; -1: none
	some       bool // it dealt with changes, and its cost is per change
}

func plainRows(all []deltaRow) (rows []row) {
	for _, r := range all {
		rows = append(rows, r.row)
	}
	return rows
}

// rows are what is measured: the first run once, then for each way a full read,
// changes when there are none, changes, and a sweep where the way is blind.
func (g *ground) rows(ways []string) []deltaRow {
	everybody := func(s setting) []string { return silently(append(searchLine(s), g.everybody)) }
	list := []deltaRow{
		{row{name: "ldapsearch", what: "everybody, paged, printed to nowhere", command: everybody}, -1, -1, false},
		{row{name: "first", what: "first run: plan and apply, everything read", command: g.self("seed", "first", "full")}, 0, -1, false},
	}
	from := "first"
	for _, way := range ways {
		list = append(list, g.rowsOf(from, way, len(list))...)
		from = way
	}
	return list
}

func (g *ground) rowsOf(from, way string, at int) []deltaRow {
	var since string
	alter := func(ctx context.Context, _ setting) (err error) {
		if since, err = g.now(ctx); err != nil {
			return err
		}
		return g.change(ctx, fmt.Sprintf("Changed %d", time.Now().UnixMilli()))
	}
	found := func(s setting) []string { return silently(append(searchLine(s), since)) }
	list := []deltaRow{
		{row{name: way + " full", what: "everything read and compared, nothing changed", command: g.self("full", way, way), before: takeOver(from, way)}, 0, at, false},
		{row{name: way + " idle", what: "changes read: there are none", command: g.self("none", way, way)}, -1, at, false},
		{row{name: way + " search", what: "ldapsearch of what was changed then", command: found, before: alter}, -1, -1, true},
		{row{name: way + " plan", what: "those changes read, to the stored plan", command: g.self("changed", way, way)}, at + 2, at, true},
		{row{name: way + " apply", what: "that plan applied", command: g.self("written", way, way)}, -1, -1, true},
	}
	if slices.Contains([]string{string(ldap.DeltaModifyTimestamp), string(ldap.DeltaWhenChanged)}, way) {
		list = append(list, deltaRow{row{name: way + " sweep", what: "changes and who is still there, nothing changed", command: g.self("sweep", way, way)}, 0, at, false})
	}
	return list
}

// self does a row's work in the way's own folder.
func (g *ground) self(name, folder, way string) func(setting) []string {
	return func(s setting) []string {
		s.dir, s.delta = filepath.Join(s.dir, folder), way
		if s.profile != "" {
			s.profile = filepath.Join(s.profile, way+"-"+name+".pprof")
		}
		return self(name)(s)
	}
}

// takeOver gives a way the state and the target that the way before it left.
func takeOver(from, way string) func(context.Context, setting) error {
	return func(_ context.Context, s setting) error {
		return os.CopyFS(filepath.Join(s.dir, way), os.DirFS(filepath.Join(s.dir, from)))
	}
}
