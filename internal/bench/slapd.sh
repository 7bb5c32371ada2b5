#!/usr/bin/env bash
# A private slapd with a generated directory, for benchmarks: no TLS, anonymous
# reads, paging, syncrepl.
#   slapd.sh start DIR N     N persons and 2,000 groups; writes DIR/url
#       SESSIONLOG=10000     in the environment: changes that syncprov remembers
#       LDIFGEN_FLAGS=...    in the environment: for the directory's generator
#   slapd.sh stop DIR
# A DIR that holds a directory already is started as it is. Change 1 % of it:
#   go run ./internal/bench/ldifgen -changes 4000 400000 |
#       ldapmodify -x -H "$(cat DIR/url)" -D cn=admin,dc=example,dc=com -w bench
set -euo pipefail
PATH=$PATH:/usr/sbin

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -ge 2 ] || { sed -n '2,10s/^# //p' "$0" >&2; exit 2; }
mkdir -p "$2/data"
dir=$(cd "$2" && pwd)

configure() {
	cat >"$dir/slapd.conf" <<-C
		include /etc/ldap/schema/core.schema
		include /etc/ldap/schema/cosine.schema
		include /etc/ldap/schema/inetorgperson.schema
		include $here/adlike.schema
		pidfile $dir/slapd.pid
		modulepath /usr/lib/ldap
		moduleload back_mdb
		moduleload syncprov
		sizelimit unlimited
		threads 4
		database mdb
		suffix "dc=example,dc=com"
		rootdn "cn=admin,dc=example,dc=com"
		rootpw bench
		directory $dir/data
		maxsize 8589934592
		dbnosync
		checkpoint 0 0
		index objectClass,objectCategory,uid,sAMAccountName,mail,entryUUID,entryCSN,uSNChanged,modifyTimestamp eq
		overlay syncprov
		${SESSIONLOG:+syncprov-sessionlog $SESSIONLOG}
	C
}

answers() { ldapsearch -x -H "$1" -b '' -s base >/dev/null 2>&1; }

# The port is chosen at random; slapd ends at once when it is taken.
start() {
	configure
	if [ ! -s "$dir/data/data.mdb" ]; then
		# shellcheck disable=SC2086
		(cd "$here" && go run ./ldifgen ${LDIFGEN_FLAGS:-} "$1") | slapadd -q -f "$dir/slapd.conf"
	fi
	local url
	for _ in 1 2 3 4 5; do
		url=ldap://127.0.0.1:$((30000 + RANDOM % 2000))
		answers "$url" && continue
		slapd -f "$dir/slapd.conf" -h "$url" || continue
		for _ in {1..100}; do
			if answers "$url"; then echo "$url" >"$dir/url"; return; fi
			sleep 0.1
		done
	done
	echo "slapd does not answer" >&2
	return 1
}

stop() {
	local pid
	pid=$(cat "$dir/slapd.pid" 2>/dev/null) || return 0
	[ "$(readlink "/proc/$pid/exe")" = "$(command -v slapd)" ] || return 0
	kill "$pid"
	while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

case $1 in
start) start "$3" ;;
stop) stop ;;
*) exit 2 ;;
esac
