#!/usr/bin/env bash
# What `make bench` does: a directory of N persons in a private slapd, one table
# of what reading and synchronising it costs, and nothing left behind.
#   bench.sh [N [RUNS]]      RUNS: measure so often, print medians
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
n=${1:-100000}
work=$(mktemp -d "${TMPDIR:-/tmp}/adsync-bench.XXXXXX")
trap 'internal/bench/slapd.sh stop "$work/slapd" || true; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "building a directory of $n persons"
go build -buildvcs=false -o "$work/run" ./internal/bench/run
internal/bench/slapd.sh start "$work/slapd" "$n"
"$work/run" table -url "$(cat "$work/slapd/url")" -n "$n" -dir "$work" -runs "${2:-1}"
