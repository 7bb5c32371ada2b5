package state

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state/internal/sqlstate"
)

// Store is a state store in SQLite. It is made by Open and New, and used by
// any number of engines at once.
type Store struct {
	*sqlstate.Store
	db *sql.DB
}

var _ adsync.StateStore = (*Store)(nil)

// Option changes how Open works.
type Option func(*options)

type options struct {
	wait    time.Duration
	pragmas []string
}

// Wait is how long a write waits for another process that is writing to the
// same file. The default is 30 seconds.
func Wait(d time.Duration) Option { return func(o *options) { o.wait = d } }

// Open opens the state in a file and makes the file when there is none; its
// folder has to be there. A file that others may read is made private. A file
// that is no state is refused with [adsync.ErrDamaged], one that a newer
// version wrote with [adsync.ErrNewerSchema]; neither is changed.
func Open(path string, opts ...Option) (*Store, error) {
	o := options{wait: 30 * time.Second}
	for _, opt := range opts {
		opt(&o)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	fresh, err := inspect(path)
	if err != nil {
		return nil, err
	}
	var s *Store
	err = patiently(o.wait, func() (err error) {
		if fresh {
			if err := stamp(context.Background(), path, o); err != nil {
				return err
			}
		}
		s, err = open(context.Background(), path, o)
		return err
	})
	return s, err
}

// patiently tries again while another process has the file locked: SQLite
// waits by itself, but not when it turns the write-ahead log on.
func patiently(wait time.Duration, try func() error) error {
	for end := time.Now().Add(wait); ; time.Sleep(20 * time.Millisecond) {
		err := try()
		if err == nil || adsync.CodeOf(err) != adsync.CodeUnavailable || time.Now().After(end) {
			return err
		}
	}
}

func open(ctx context.Context, path string, o options) (*Store, error) {
	db, err := sql.Open("sqlite", source(path, o, "journal_mode(WAL)", "synchronous(NORMAL)", "cache_size(-2000)", "wal_autocheckpoint(4000)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(3) // one writes, two read: each has a cache, which takes twice its size
	db.SetMaxIdleConns(3)
	err = whole(ctx, db, path)
	if err == nil {
		var inner *sqlstate.Store
		if inner, err = sqlstate.New(ctx, db, sqlstate.Config{Dialect: dialect, Own: true}); err == nil {
			return &Store{inner, db}, nil
		}
	}
	db.Close()
	return nil, fmt.Errorf("adsync: opening the state in %s: %w", path, fault(err))
}

// source writes the data source name of a file.
func source(path string, o options, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}}
	q.Add("_pragma", "busy_timeout("+strconv.FormatInt(o.wait.Milliseconds(), 10)+")")
	for _, p := range append(pragmas, o.pragmas...) {
		q.Add("_pragma", p)
	}
	name := filepath.ToSlash(path)
	if runtime.GOOS == "windows" {
		name = "/" + name
	}
	return (&url.URL{Scheme: "file", Path: name, OmitHost: true, RawQuery: q.Encode()}).String()
}

// application marks a file as ours: "adsy", where SQLite has a place for it.
const application = 0x61647379

var magic = []byte("SQLite format 3\x00")

// inspect makes the file when there is none, and looks at its first bytes
// before SQLite does: what is no state of ours must not even be opened for
// writing. Fresh files are empty.
func inspect(path string) (fresh bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false, cannotOpen(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, adsync.Errorf(adsync.CodeInvalid, "adsync: %s is no file; name a file for the state", path)
	}
	if info.Size() == 0 {
		return true, narrow(f, info)
	}
	header := make([]byte, 100)
	if _, err := io.ReadFull(f, header); err != nil || string(header[:16]) != string(magic) {
		return false, fmt.Errorf("adsync: %s is no database: %w", path, adsync.ErrDamaged)
	}
	if id := binary.BigEndian.Uint32(header[68:]); id != application {
		return false, fmt.Errorf("adsync: %s is a database of another program, not a state: %w", path, adsync.ErrDamaged)
	}
	return false, narrow(f, info)
}

// narrow takes the rights of others away: a copy that was restored often has them.
func narrow(f *os.File, info fs.FileInfo) error {
	if runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := f.Chmod(0o600); err != nil {
		return adsync.Errorf(adsync.CodeDenied, "adsync: the state holds personal data and others may read %s; set its mode to 0600: %w", f.Name(), err)
	}
	return nil
}

func cannotOpen(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return adsync.Errorf(adsync.CodeInvalid, "adsync: the folder of the state file %s does not exist; make it, readable for this account alone: %w", path, err)
	}
	return adsync.Errorf(adsync.CodeDenied, "adsync: the state file cannot be opened: %w", err)
}

// stamp marks an empty file, before anything else is written to it.
func stamp(ctx context.Context, path string, o options) error {
	db, err := sql.Open("sqlite", source(path, o))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err = db.ExecContext(ctx, "PRAGMA application_id = "+strconv.Itoa(application)); err != nil {
		return fault(err)
	}
	return nil
}

// whole refuses a file that is shorter than it says of itself. SQLite would
// notice only when it comes to the missing part. While a log lies beside the
// file, parts may be there; once it is gone they are all in the file, so the
// file is looked at last.
func whole(ctx context.Context, db *sql.DB, path string) error {
	var pages, size int64
	if err := db.QueryRowContext(ctx, "SELECT * FROM pragma_page_count, pragma_page_size").Scan(&pages, &size); err != nil {
		return err
	}
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return nil
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() < pages*size {
		err = fmt.Errorf("%w (%d bytes are missing at its end)", adsync.ErrDamaged, pages*size-info.Size())
	}
	return err
}

// New keeps the state in a database that the caller has already, in tables
// whose names begin with the prefix: small letters, digits and underscores.
// The caller chooses pragmas and closes the database after the store. Writes
// are committed as the database is set up, and with synchronous=FULL where a
// run is sealed or finished. A database in memory must have one connection.
func New(db *sql.DB, tablePrefix string) (*Store, error) {
	inner, err := sqlstate.New(context.Background(), db, sqlstate.Config{Dialect: dialect, Prefix: tablePrefix})
	if err != nil {
		return nil, err
	}
	return &Store{inner, db}, nil
}

// Check reads the whole database and fails with [adsync.ErrDamaged] when it is
// not sound. It takes about a second for 400 MB.
func (s *Store) Check(ctx context.Context) error {
	var verdict string
	if err := s.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return fault(err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w (%s)", adsync.ErrDamaged, verdict)
	}
	return nil
}
