#!/usr/bin/env bash
# The servers that all test packages share: a domain controller with loaded
# users, and PostgreSQL. Each lives in DIR and listens on loopback only.
#   servers.sh start DIR     start them, write DIR/env (shell exports)
#   servers.sh stop DIR
# For a single test by hand:
#   servers.sh start DIR; . DIR/env; go test ./source/ldap; servers.sh stop DIR
set -euo pipefail

users=${ADSYNC_TEST_AD_USERS:-1600} # above 1,500, where Active Directory cuts a list of members
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 2 ] || { sed -n '2,8s/^# //p' "$0" >&2; exit 2; }
mkdir -p "$2"
dir=$(cd "$2" && pwd)

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# A loopback address that nobody uses: Samba's ports are fixed.
free_address() {
	local address port
	for _ in {1..50}; do
		address=127.0.$((1 + RANDOM % 200)).$((2 + RANDOM % 200))
		for port in 88 135 389 464 636 3268; do
			if (exec 3<>"/dev/tcp/$address/$port") 2>/dev/null; then continue 2; fi
		done
		echo "$address"
		return
	done
	return 1
}

may_start_samba() {
	if [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then return; fi
	echo "Samba needs root, for LDAP's fixed ports: run this as root, or allow sudo without a password." >&2
	echo "\"make quick\" runs the tests that need no shared server." >&2
	return 1
}

start_ad() {
	as_root "$here/ad/ad-dc.sh" start "$dir/ad" --address "$(free_address)" --timeout 120
	as_root "$here/ad/ad-dc.sh" load "$dir/ad" "$users" >"$dir/load.json"
	as_root chown "$(id -u)" "$dir/ad/env"
	echo "loaded: $users users into the domain"
}

start() {
	may_start_samba
	chmod 711 "$dir" # PostgreSQL's account passes through
	"$here/postgres.sh" start "$dir/pg"
	start_ad
	(umask 077; cat >"$dir/env" <<-E
		export ADSYNC_TEST_AD_DIR='$dir/ad'
		export ADSYNC_TEST_POSTGRES='$(cat "$dir/pg/dsn")'
	E
	)
}

stop() {
	[ ! -d "$dir/ad" ] || as_root "$here/ad/ad-dc.sh" stop "$dir/ad" >/dev/null
	[ ! -d "$dir/pg" ] || "$here/postgres.sh" stop "$dir/pg"
}

case $1 in
start) start ;;
stop) stop ;;
*) exit 2 ;;
esac
