package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The rows of the programs in C. They get the same rows as the target, the same
// tables and the same settings of SQLite.

func (b *bench) readInC(s setting) []string {
	line := []string{filepath.Join(b.limit, "read"), s.url, s.base, s.filter, strconv.Itoa(s.page)}
	return append(line, strings.Split(s.ask, ",")...)
}

// sameTally wants readers to have seen all persons; what else they saw has to be
// the same for all of them.
func (b *bench) sameTally(s setting, printed string) error {
	seen, err := tallyIn(printed)
	if err != nil {
		return err
	}
	if b.seen == (tally{}) {
		b.seen = seen
	}
	if seen.entries != s.n || seen != b.seen {
		return fmt.Errorf("the reader saw %s; another %s, of %d persons", seen, b.seen, s.n)
	}
	return nil
}

// forget begins a run: people are changed in every run, and so are the bytes.
func (b *bench) forget(context.Context, setting) error {
	b.seen = tally{}
	return nil
}

// tallyIn finds the three numbers before their words, with whatever a test binary
// prints around them.
func tallyIn(printed string) (t tally, err error) {
	fields := strings.Fields(printed)
	for i, field := range fields[min(1, len(fields)):] {
		n, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			continue
		}
		switch strings.TrimSuffix(field, ",") {
		case "entries":
			t.entries = int(n)
		case "values":
			t.values = int(n)
		case "bytes":
			t.bytes = int(n)
		}
	}
	if t.entries == 0 || t.values == 0 || t.bytes == 0 {
		return t, fmt.Errorf("the reader printed %q: no entries, values and bytes", printed)
	}
	return t, nil
}

// rowsFile is made once for all runs.
func (b *bench) rowsFile() string { return at(b.setting, "rows") }

func (b *bench) insert(more ...string) func(setting) []string {
	return func(s setting) []string {
		name := "limit" + strings.Join(more, "") + ".db"
		line := []string{filepath.Join(b.limit, "rows"), at(s, name), at(b.setting, "setup.sql"), at(b.setting, "insert.sql"), b.rowsFile()}
		return append(line, more...)
	}
}

func (b *bench) update(s setting) []string {
	return []string{filepath.Join(b.limit, "rows"), at(s, "kept.db"), at(b.setting, "pragmas.sql"), at(b.setting, "update.sql"), at(s, "updates")}
}

// changedRows wants so many rows to have changed.
func changedRows(n int) func(setting, string) error {
	return func(_ setting, printed string) error {
		var changed int
		if _, err := fmt.Sscanf(printed, "%d rows changed", &changed); err != nil {
			return fmt.Errorf("the program printed %q: %w", printed, err)
		}
		return expect("rows changed", changed, n, true)
	}
}

// alter gives people new titles.
func (b *bench) alter(ctx context.Context, s setting) error {
	b.title = fmt.Sprintf("Changed %d", time.Now().UnixMilli())
	return slapdGround(s, b.writer).change(ctx, b.title)
}
