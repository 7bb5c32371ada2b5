#!/usr/bin/env bash
# A private PostgreSQL server on loopback for tests, everything in one folder.
#   postgres.sh start DIR    initialise if needed, start, write DIR/dsn (mode 0600)
#   postgres.sh stop DIR
# PostgreSQL refuses to run as root: there it runs as the package's own account.
set -euo pipefail

die() { echo "postgres: $*" >&2; exit 1; }

# as_server COMMAND...: run as the account that owns the data
as_server() {
	if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"; else "$@"; fi
}

bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1) || die "not installed; run ${0%/*}/install.sh"
[ $# -eq 2 ] || die "usage: postgres.sh start|stop DIR"
mkdir -p "$2"
dir=$(cd "$2" && pwd)
cd / # the server's account may not enter the caller's folder

init() {
	(umask 077; openssl rand -hex 16 >"$dir/password")
	if [ "$(id -u)" = 0 ]; then chown postgres: "$dir" "$dir/password"; fi
	as_server "$bin/initdb" -D "$dir/data" -U adsync -E UTF8 --locale=C.UTF-8 --auth=scram-sha-256 \
		--pwfile="$dir/password" --no-sync >"$dir/initdb.log" 2>&1 || { tail -5 "$dir/initdb.log" >&2; die "initdb failed"; }
	# throw-away data: nothing is flushed to disk
	cat >>"$dir/data/postgresql.conf" <<-C
		listen_addresses = '127.0.0.1'
		unix_socket_directories = ''
		fsync = off
		full_page_writes = off
		max_connections = 200
		shared_buffers = 64MB
		max_wal_size = 4GB
	C
}

# The port is chosen at random; when it is taken, another one.
start() {
	[ -d "$dir/data" ] || init
	local port
	for _ in 1 2 3 4 5; do
		port=$((20000 + RANDOM % 10000))
		as_server "$bin/pg_ctl" -D "$dir/data" -o "-p $port" -l "$dir/data/server.log" -w -t 60 start >/dev/null 2>&1 || continue
		(umask 077; echo "postgres://adsync:$(cat "$dir/password")@127.0.0.1:$port/postgres?sslmode=disable" >"$dir/dsn")
		echo "ready: PostgreSQL on 127.0.0.1:$port"
		return
	done
	tail -5 "$dir/data/server.log" >&2
	die "does not start"
}

case $1 in
start) start ;;
stop) as_server "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true ;;
*) die "usage: postgres.sh start|stop DIR" ;;
esac
