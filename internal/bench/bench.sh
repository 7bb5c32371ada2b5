#!/usr/bin/env bash
# What `make bench` and `make bench-peers` do: a directory of N persons in a
# private slapd, measured beside programs in C or beside other programs; nothing
# is left behind.
#   bench.sh proof|peers|stages [N [RUNS [CHANGES]]]   RUNS: measure so often, show medians
#       INTO=docs/performance.md    in the environment: the page that gets the results
set -euo pipefail
PATH=$PATH:/usr/sbin

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
verb=${1:?} n=${2:-100000} runs=${3:-1} changes=${4:-4000}
. internal/bench/needs.sh
work=$(mktemp -d "${TMPDIR:-/tmp}/adsync-bench.XXXXXX")
leave() {
	internal/bench/slapd.sh stop "$work/slapd" || true
	[ ! -d "$work/pg" ] || internal/testserver/postgres.sh stop "$work/pg"
	rm -rf "$work"
}
# postgres starts a server that has a lock for each role that a peer makes in one
# transaction.
postgres() {
	local server=internal/testserver/postgres.sh
	chmod 711 "$work" # PostgreSQL's account passes through
	$server start "$work/pg" >/dev/null
	[ "$verb" = peers ] || return 0
	$server stop "$work/pg"
	echo "max_locks_per_transaction = 1024" >>"$work/pg/data/postgresql.conf"
	$server start "$work/pg" >/dev/null
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
umask 077

need "$verb"
echo "building a directory of $n persons"
go build -buildvcs=false -o "$work/run" ./internal/bench/run
mkdir "$work/slapd" "$work/limit" "$work/measured"
printf bench >"$work/slapd/password"
SESSIONLOG=100000 internal/bench/slapd.sh start "$work/slapd" "$n"
more=(-url "$(cat "$work/slapd/url")" -n "$n" -runs "$runs" -changes "$changes" -dir "$work/measured" -into "${INTO:-}")
if [ "$verb" = proof ]; then
	cc -O2 -o "$work/limit/read" internal/bench/limit/read.c -lldap -llber
	cc -O2 -o "$work/limit/rows" internal/bench/limit/rows.c -lsqlite3
	go test -c -buildvcs=false -o "$work/limit/reader" ./source/ldap
	more+=(-limit "$work/limit")
	[ -z "${INTO:-}" ] || more+=(-plot "${INTO%.md}.svg")
fi
if [ "$verb" != stages ]; then
	more+=(-writer cn=admin,dc=example,dc=com -writer-password "$work/slapd/password")
	if has_postgres; then
		postgres
		more+=(-postgres-admin "$work/pg/dsn")
	fi
fi
"$work/run" "$verb" "${more[@]}"
