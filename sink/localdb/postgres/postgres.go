// Package postgres lends package localdb what only a driver of PostgreSQL can
// do. It is a package of its own so that a program which writes to SQLite links
// no such driver.
//
//	&localdb.Sink{Postgres: pool, Copy: postgres.Copy} // the pool is one of pgx
package postgres

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
)

// Copy sends rows with the COPY protocol and gives their number. The connection
// is one of pgx, as sql.Conn.Raw lends it.
func Copy(ctx context.Context, conn any, statement string, rows io.Reader) (int64, error) {
	c, ok := conn.(interface{ Conn() *pgx.Conn })
	if !ok {
		return 0, fmt.Errorf("localdb: COPY needs a connection of pgx, and the pool makes %T", conn)
	}
	tag, err := c.Conn().PgConn().CopyFrom(ctx, rows, statement)
	return tag.RowsAffected(), err
}
