package localdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"
)

// postgres borrows a connection of the caller's pool for each call.
type postgres struct{ db *sql.DB }

func (p *postgres) with(ctx context.Context, do func(*session) error) error {
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("localdb: PostgreSQL cannot be reached: %w", err)
	}
	err = do(&session{ctx: ctx, conn: conn, postgres: true})
	return errors.Join(err, conn.Close())
}

func (p *postgres) migrate(ctx context.Context) error {
	return migrate(ctx, goose.DialectPostgres, "postgres", p.db)
}

func (p *postgres) start(ctx context.Context) error {
	if err := p.db.PingContext(ctx); err != nil {
		return fmt.Errorf("localdb: PostgreSQL cannot be reached: %w", err)
	}
	return nil
}

func (p *postgres) close() error { return nil }

// postgresFault knows errors by their SQLSTATE, which every driver tells.
func postgresFault(err error) (fault, bool) {
	var e interface{ SQLState() string }
	if !errors.As(err, &e) {
		return faultOther, false
	}
	switch state := e.SQLState(); {
	case state == "23505":
		return faultUnique, true
	case state == "23503":
		return faultForeign, true
	case state == "23502":
		return faultMissing, true
	case state == "22P02", state == "22003":
		return faultBadKey, true
	case strings.HasPrefix(state, "22"), strings.HasPrefix(state, "23"):
		return faultValue, true
	case state == "53100":
		return faultFull, true
	case state == "40001", state == "40P01", state == "55P03":
		return faultBusy, true
	}
	return faultOther, true
}
