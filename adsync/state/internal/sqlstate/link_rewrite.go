package sqlstate

import (
	"strings"

	"github.com/adsync/sdk/adsync"
)

// rewrite writes over a link whose anchor and target stay. SQLite writes the
// entry in an index anew with every statement that names the column, and keeps a
// copy of each page that a statement of several rows changes: where most links
// stay whose they are, that is most of the work.
var rewrite = `UPDATE {}link SET ` + strings.Join(setting(linkColumns[3:13]), ", ") + `, applied = ?
	WHERE target = ? AND source = ? AND link_key = ? AND tid = ? AND anchor IS ?`

func setting(columns []column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name + " = ?"
	}
	return out
}

// rewritten writes those rows over what is stored that are stored with the same
// anchor and target, and gives the others.
func rewritten(t *tx, rows [][]any, stored map[storedKey]bool) ([][]any, error) {
	if t.s.d.Arrays || len(stored) == 0 {
		return rows, nil
	}
	others := rows[:0]
	args := make([]any, 0, len(linkColumns))
	for _, row := range rows {
		if !isStored(row, stored) {
			others = append(others, row)
			continue
		}
		args = append(append(args[:0], row[3:13]...), row[15], row[0], row[1], row[2], row[14], row[13])
		n, err := t.exec(rewrite, args...)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			others = append(others, row)
		}
	}
	return others, nil
}

func isStored(row []any, stored map[storedKey]bool) bool {
	source, _ := row[1].(int64)
	key, _ := row[2].([]byte)
	return len(key) == len(adsync.LinkKey{}) && stored[storedKey{source, adsync.LinkKey(key)}]
}
