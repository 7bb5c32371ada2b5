#!/usr/bin/env bash
# What `make bench-changes` does: reads of changes on slapd and on the
# make-believe Active Directory of N persons, one table each, and on a Samba of
# SAMBA persons where that is asked for. Nothing is left behind but Samba's
# archive, which takes minutes to make.
#   changes.sh [N [CHANGES [RUNS [SAMBA]]]]
#       PROFILE=DIR          in the environment: processor profiles of the rows
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
n=${1:-100000} changes=${2:-4000} runs=${3:-1} samba=${4:-0}
ad=internal/testserver/ad/ad-dc.sh
address=${SAMBA_ADDRESS:-127.0.0.90}
work=$(mktemp -d "${TMPDIR:-/tmp}/adsync-bench.XXXXXX")
leave() {
	internal/bench/slapd.sh stop "$work/slapd" || true
	[ ! -d "$work/samba" ] || $ad stop "$work/samba" >/dev/null || true
	rm -rf "$work"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
umask 077
go build -buildvcs=false -o "$work/run" ./internal/bench/run

# measure GROUND N CHANGES WAYS ...
measure() {
	mkdir "$work/measured"
	"$work/run" changes -ground "$1" -n "$2" -changes "$3" -ways "$4" -runs "$runs" -dir "$work/measured" \
		${PROFILE:+-profile "$PROFILE"} "${@:5}"
	rm -rf "$work/measured"
}

on_slapd() {
	SESSIONLOG=$1 internal/bench/slapd.sh start "$work/slapd" "$n"
	measure slapd "$n" "$changes" "$2" -url "$(cat "$work/slapd/url")" \
		-writer cn=admin,dc=example,dc=com -writer-password "$work/slapd/password"
	internal/bench/slapd.sh stop "$work/slapd"
}

# on_samba keeps the loaded domain beside the compiled packages: it is a cache,
# and holds the secrets of a domain that only tests use.
on_samba() {
	local archive=${SAMBA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/adsync-bench}/ad$samba.tar.gz
	if [ ! -s "$archive" ]; then
		echo "loading $samba persons into Samba, once; this takes minutes"
		$ad start "$work/samba" --address "$address" >/dev/null
		$ad stop "$work/samba" >/dev/null
		$ad load "$work/samba" "$samba" >/dev/null
		mkdir -p "$(dirname "$archive")"
		$ad save "$work/samba" "$archive.part" 2>/dev/null
		mv "$archive.part" "$archive"
	else
		$ad restore "$archive" "$work/samba"
	fi
	$ad start "$work/samba" --address "$address" >/dev/null
	(
		# shellcheck disable=SC1091
		. "$work/samba/env"
		printf %s "$AD_SYNC_PASSWORD" >"$work/sync-password"
		printf %s "$AD_ADMIN_PASSWORD" >"$work/admin-password"
		measure samba "$samba" "$((samba / 25))" dirsync,usn -url "$AD_URL" -ca "$AD_CA_FILE" -base "$AD_BASE_DN" \
			-bind "$AD_SYNC_USER" -password "$work/sync-password" \
			-writer "$AD_ADMIN_USER" -writer-password "$work/admin-password"
	)
}

mkdir "$work/slapd"
printf bench >"$work/slapd/password"
echo "slapd with a session log"
on_slapd 100000 modifytimestamp,syncrepl
echo "slapd without one"
on_slapd "" syncrepl
measure fakedir "$n" "$changes" dirsync,usn
[ "$samba" = 0 ] || on_samba
