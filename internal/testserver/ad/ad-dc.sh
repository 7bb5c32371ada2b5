#!/usr/bin/env bash
# A throw-away Active Directory domain controller (Samba AD DC) on loopback,
# as a test peer for LDAP clients.  Debian 12; needs root (ports 389 and 636
# are fixed in Samba).  Everything lives in DIR; nothing in /etc or /var/lib.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
export TDB_NO_FSYNC=1        # throw-away data: no fsync of the databases

usage() {
	cat <<'U'
usage:
  ad-dc.sh start DIR [options]      provision if needed, start, wait until LDAPS answers, write DIR/env
      --address 127.0.0.x           loopback address to listen on (default 127.0.0.11)
      --realm NAME                  default CORP.EXAMPLE.COM   (at provision only)
      --domain NAME                 NetBIOS name, default CORP (at provision only)
      --host NAME                   default dc1                (at provision only)
      --model single|standard|prefork   process model, default standard
      --option 'key = value'        extra smb.conf line, kept in DIR/etc/local.conf; may be repeated
      --timeout SECONDS             wait for LDAPS at most this long, default 60
      --replicate                   be ready for a second controller (see join); kept in DIR
      --until PID                   stop by itself when that process has ended
  ad-dc.sh join DIR FIRST --address 127.0.0.x [--host NAME] [options as for start]
                                    make DIR a second controller of the domain of FIRST, which runs and was
                                    started with --replicate, and start it
  ad-dc.sh replicate TO FROM        bring what FROM has to TO, both running; nothing flows by itself
  ad-dc.sh load DIR N [--contacts M] [--start K]
                                    add N users (and OUs, groups, contacts); the server may be running
  ad-dc.sh stop DIR
  ad-dc.sh status DIR               exit 0 when running
  ad-dc.sh save DIR FILE.tar.gz     pack a stopped DIR
  ad-dc.sh restore FILE.tar.gz DIR  unpack; start it with any --address
DIR/env is a shell file (AD_URL, AD_CA_FILE, AD_BASE_DN, AD_ADMIN_USER, ...), mode 0600.
U
}

die() { echo "ad-dc: $*" >&2; exit 1; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# --- functions that use $DIR ---
absdir() { mkdir -p "$1" && cd "$1" && pwd; }

running() {
	local pid
	[ -s "$DIR/samba.pid" ] || return 1
	pid=$(cat "$DIR/samba.pid")
	case $(readlink "/proc/$pid/fd/1" 2>/dev/null) in "$DIR/log/stdout.log"*) return 0 ;; esac
	return 1
}

secret() { echo "Aa1-$(openssl rand -hex 12)"; }

load_params() {
	REALM=CORP.EXAMPLE.COM DOMAIN=CORP HOST=dc1 ADDRESS=127.0.0.11 MODEL=standard HOSTS=
	if [ -f "$DIR/params" ]; then
		# shellcheck disable=SC1091
		. "$DIR/params"
	fi
}

save_params() {
	(umask 077; for v in REALM DOMAIN HOST ADDRESS MODEL HOSTS ADMIN_PW SYNC_PW PLAIN_PW RESET_PW USER_PW; do
		printf '%s=%q\n' "$v" "${!v}"; done >"$DIR/params")
}

write_conf() {
	local dns=${REALM,,}
	mkdir -p "$DIR"/{etc,private,state,cache,lock,run,ncalrpc,log,bind-dns,tls}
	chmod 700 "$DIR/private" "$DIR/log"
	touch "$DIR/etc/local.conf"
	cat >"$DIR/etc/smb.conf" <<C
[global]
	workgroup = $DOMAIN
	realm = $REALM
	netbios name = ${HOST^^}
	server role = active directory domain controller
	interfaces = $ADDRESS/8
	bind interfaces only = yes
	server services = ldap cldap kdc rpc${HOSTS:+ drepl}
	# what flows to another controller, and when, is for a test to say
	dreplsrv:periodic_interval = 1000000
	dreplsrv:periodic_startup_interval = 1000000
	dreplsrv:notify_interval = 1000000
	dcerpc endpoint servers = samr, netlogon, lsarpc, drsuapi, epmapper
	rpc server dynamic port range = 49152-49252
	ldap server require strong auth = allow_sasl_over_tls
	tls enabled = yes
	tls keyfile = $DIR/tls/key.pem
	tls certfile = $DIR/tls/cert.pem
	tls cafile = $DIR/tls/ca.pem
	private dir = $DIR/private
	state directory = $DIR/state
	cache directory = $DIR/cache
	lock directory = $DIR/lock
	pid directory = $DIR/run
	ncalrpc dir = $DIR/ncalrpc
	binddns dir = $DIR/bind-dns
	log file = $DIR/log/samba.log
	max log size = 20000
	include = $DIR/etc/local.conf
[sysvol]
	path = $DIR/state/sysvol
	read only = no
[netlogon]
	path = $DIR/state/sysvol/$dns/scripts
	read only = no
C
	cat >"$DIR/etc/krb5.conf" <<C
[libdefaults]
	default_realm = $REALM
	dns_lookup_realm = false
	dns_lookup_kdc = false
	rdns = false
	udp_preference_limit = 1
[realms]
	$REALM = {
		kdc = $ADDRESS:88
		kpasswd_server = $ADDRESS:464
		admin_server = $ADDRESS
	}
[domain_realm]
	.$dns = $REALM
	$dns = $REALM
C
}

make_certs() {
	local t=$DIR/tls dns=${REALM,,}
	[ "$(cat "$t/address" 2>/dev/null)" = "$ADDRESS" ] && return
	if [ ! -f "$t/ca.pem" ]; then
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/O=Test directory/CN=Test directory CA $(openssl rand -hex 4)" \
			-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
			-keyout "$t/ca.key" -out "$t/ca.pem" 2>/dev/null
	fi
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$HOST.$dns" -keyout "$t/key.pem" -out "$t/req.pem" 2>/dev/null
	printf 'subjectAltName=DNS:%s,DNS:localhost,IP:%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid\n' \
		"$HOST.$dns" "$ADDRESS" >"$t/ext"
	openssl x509 -req -in "$t/req.pem" -CA "$t/ca.pem" -CAkey "$t/ca.key" -CAcreateserial -days 3650 -extfile "$t/ext" -out "$t/cert.pem" 2>/dev/null
	chmod 600 "$t/ca.key" "$t/key.pem"
	rm -f "$t/req.pem" "$t/ext"
	echo "$ADDRESS" >"$t/address"
}

provision() {
	ADMIN_PW=$(secret) SYNC_PW=$(secret) PLAIN_PW=$(secret) RESET_PW=$(secret) USER_PW=$(secret)
	write_conf
	make_certs
	# provisioned with a password of Samba's own making; accounts.py then sets ours (none on a command line)
	SMB_CONF_PATH=$DIR/etc/smb.conf samba-tool domain provision --configfile="$DIR/etc/smb.conf" \
		--realm="$REALM" --domain="$DOMAIN" --server-role=dc --dns-backend=NONE --host-name="$HOST" \
		--host-ip="$ADDRESS" --function-level=2008_R2 >"$DIR/log/provision.log" 2>&1 ||
		{ tail -5 "$DIR/log/provision.log" >&2; die "provision failed, see $DIR/log/provision.log"; }
	sed -i '/Admin password:/d' "$DIR/log/provision.log"
	export SYNC_PW PLAIN_PW RESET_PW ADMIN_PW
	/usr/bin/python3 "$here/accounts.py" --conf "$DIR/etc/smb.conf" >>"$DIR/log/provision.log" 2>&1 ||
		{ tail -5 "$DIR/log/provision.log" >&2; die "creating the accounts failed"; }
	save_params
	touch "$DIR/provisioned"
}

write_env() {
	local dns=${REALM,,} base
	base=DC=${dns//./,DC=}
	(umask 077; cat >"$DIR/env" <<E
AD_URL=ldaps://$ADDRESS:636
AD_LDAP_URL=ldap://$ADDRESS:389
AD_GC_URL=ldaps://$ADDRESS:3269
AD_HOST_NAME=$HOST.$dns
AD_CA_FILE='$DIR/tls/ca.pem'
AD_BASE_DN='$base'
AD_REALM=$REALM
AD_DNS_DOMAIN=$dns
AD_NETBIOS_DOMAIN=$DOMAIN
AD_ADMIN_USER=Administrator@$dns
AD_ADMIN_DN='CN=Administrator,CN=Users,$base'
AD_ADMIN_PASSWORD='$ADMIN_PW'
AD_SYNC_USER=svc-sync@$dns
AD_SYNC_PASSWORD='$SYNC_PW'
AD_PLAIN_USER=svc-plain@$dns
AD_PLAIN_PASSWORD='$PLAIN_PW'
AD_RESET_USER=svc-reset@$dns
AD_RESET_PASSWORD='$RESET_PW'
AD_USER_PASSWORD='$USER_PW'
AD_USERS=$(cat "$DIR/users" 2>/dev/null || echo 0)
AD_KRB5_CONFIG='$DIR/etc/krb5.conf'
AD_SMB_CONF='$DIR/etc/smb.conf'
AD_PID_FILE='$DIR/samba.pid'
E
	)
	[ -z "${SUDO_UID:-}" ] || chown "$SUDO_UID" "$DIR/env"
}

# Controllers find each other by names that no name server knows here. HOSTS
# holds them; whoever needs them sees it in the place of /etc/hosts, in a mount
# namespace of its own.
with_hosts() {
	if [ -z "$HOSTS" ]; then exec "$@"; fi
	# shellcheck disable=SC2016
	exec unshare -m sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$HOSTS" "$@"
}

# enter_names puts this controller into HOSTS, in place: what is mounted is the
# same file. Replication calls a controller by the GUID of its NTDS Settings.
enter_names() {
	local dns=${REALM,,} guid others
	guid=$(CONF=$DIR/etc/smb.conf /usr/bin/python3 - <<-'P'
		import os
		from samba.auth import system_session
		from samba.param import LoadParm
		from samba.samdb import SamDB
		lp = LoadParm()
		lp.load(os.environ["CONF"])
		print(SamDB(session_info=system_session(), lp=lp).get_ntds_GUID())
	P
	)
	others=$(grep -v " $HOST " "$HOSTS" 2>/dev/null) || others="127.0.0.1 localhost"
	printf '%s\n' "$others" "$ADDRESS $HOST.$dns $HOST $guid._msdcs.$dns" >"$HOSTS"
}

answers() {
	timeout 5 env LDAPTLS_CACERT="$DIR/tls/ca.pem" ldapsearch -x -o nettimeout=3 -H "ldaps://$ADDRESS" -s base -b '' -LLL defaultNamingContext >/dev/null 2>&1
}

start() {
	local timeout=60 address= model= until= options=()
	DIR=$(absdir "$1"); shift
	load_params
	while [ $# -gt 0 ]; do
		case $1 in
		--address) address=$2; shift 2 ;;
		--realm) REALM=${2^^}; shift 2 ;;
		--domain) DOMAIN=${2^^}; shift 2 ;;
		--host) HOST=${2,,}; shift 2 ;;
		--model) model=$2; shift 2 ;;
		--option) options+=("$2"); shift 2 ;;
		--timeout) timeout=$2; shift 2 ;;
		--replicate) HOSTS=$DIR/etc/hosts; shift ;;
		--until) until=$2; shift 2 ;;
		*) die "unknown option $1" ;;
		esac
	done
	[ "$(id -u)" = 0 ] || die "must be root: Samba's LDAP ports 389 and 636 are fixed"
	command -v samba >/dev/null && command -v samba-tool >/dev/null || die "samba is not installed; run ${here%/*}/install.sh"
	if running; then echo "already running, pid $(cat "$DIR/samba.pid")"; return; fi
	[ -z "$address" ] || ADDRESS=$address
	[ -z "$model" ] || MODEL=$model
	case $ADDRESS in 127.*.*.*) ;; *) die "only loopback addresses (127.x.y.z) are allowed" ;; esac
	(exec 3<>"/dev/tcp/$ADDRESS/389") 2>/dev/null && die "something already listens on $ADDRESS:389"
	if [ ! -f "$DIR/provisioned" ]; then
		[ ! -e "$DIR/private/sam.ldb" ] || die "$DIR holds an unfinished provision; remove it first"
		provision
	fi
	write_conf
	make_certs
	save_params
	local o
	for o in ${options[@]+"${options[@]}"}; do
		sed -i "/^${o%%=*}=/d" "$DIR/etc/local.conf"
		echo "$o" >>"$DIR/etc/local.conf"
	done
	write_env
	[ -z "$HOSTS" ] || enter_names
	cd "$DIR"
	(
		export KRB5_CONFIG=$DIR/etc/krb5.conf
		with_hosts setsid samba --configfile="$DIR/etc/smb.conf" --foreground --no-process-group --model="$MODEL"
	) >>"$DIR/log/stdout.log" 2>&1 </dev/null &
	echo $! >"$DIR/samba.pid"
	[ -z "$until" ] || watch "$until"
	local end=$((SECONDS + timeout))
	until answers; do
		kill -0 "$(cat "$DIR/samba.pid")" 2>/dev/null || { tail -5 "$DIR/log/samba.log" >&2; die "samba exited"; }
		[ $SECONDS -lt $end ] || { stop "$DIR" || true; die "LDAPS does not answer after $timeout s"; }
		sleep 0.1
	done
	echo "ready: ldaps://$ADDRESS (pid $(cat "$DIR/samba.pid")), settings in $DIR/env"
}

# watch PID: a test that is killed cleans nothing up
watch() {
	(
		while kill -0 "$1" 2>/dev/null && running; do sleep 2; done
		! running || stop "$DIR"
	) >/dev/null 2>&1 </dev/null &
	disown
}

join() {
	local first address= host=dc2 rest=()
	DIR=$(absdir "$1") first=$(absdir "$2"); shift 2
	while [ $# -gt 0 ]; do
		case $1 in
		--address) address=$2; shift 2 ;;
		--host) host=${2,,}; shift 2 ;;
		*) rest+=("$1"); shift ;;
		esac
	done
	[ -n "$address" ] || die "join: give the second controller an --address"
	[ ! -e "$DIR/provisioned" ] || die "$DIR is a controller already"
	(DIR=$first; running) || die "$first does not run"
	cp "$first/params" "$DIR/params"
	load_params
	[ -n "$HOSTS" ] || die "$first was not started with --replicate"
	local dns=${REALM,,} source=$HOST
	HOST=$host ADDRESS=$address
	write_conf
	cp "$first/tls/ca.pem" "$first/tls/ca.key" "$DIR/tls/"
	make_certs
	save_params
	# with the first one's krb5.conf: until the second runs, only the first is a KDC
	(
		export KRB5_CONFIG=$first/etc/krb5.conf USER=Administrator PASSWD=$ADMIN_PW
		with_hosts samba-tool domain join "$dns" DC --configfile="$DIR/etc/smb.conf" --server="$source.$dns" --dns-backend=NONE
	) >"$DIR/log/join.log" 2>&1 </dev/null || { tail -5 "$DIR/log/join.log" >&2; die "join failed, see $DIR/log/join.log"; }
	cp "$first/users" "$DIR/users" 2>/dev/null || true
	touch "$DIR/provisioned"
	start "$DIR" ${rest[@]+"${rest[@]}"}
}

replicate() {
	local from base try
	from=$(DIR=$(absdir "$2"); load_params; echo "$HOST")
	DIR=$(absdir "$1")
	load_params
	base=${REALM,,}
	for try in 1 2; do # after a restart of FROM the first try finds the old connection dead
		(
			export KRB5_CONFIG=$DIR/etc/krb5.conf USER=Administrator PASSWD=$ADMIN_PW
			with_hosts samba-tool drs replicate "$HOST.${REALM,,}" "$from.${REALM,,}" "DC=${base//./,DC=}" --configfile="$DIR/etc/smb.conf"
		) >"$DIR/log/replicate.log" 2>&1 </dev/null && return
	done
	tail -5 "$DIR/log/replicate.log" >&2
	die "replication failed, see $DIR/log/replicate.log"
}

# set_passwords "ACCOUNT ..." PASSWORD: straight in the database
set_passwords() {
	ACCOUNTS=$1 PASSWORD=$2 CONF=$DIR/etc/smb.conf /usr/bin/python3 - <<'P'
import os
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
lp = LoadParm()
lp.load(os.environ["CONF"])
db = SamDB(session_info=system_session(), lp=lp)
for name in os.environ["ACCOUNTS"].split():
    if db.search(db.domain_dn(), expression="(sAMAccountName=%s)" % name, attrs=["cn"]):
        db.setpassword("(sAMAccountName=%s)" % name, os.environ["PASSWORD"])
P
}

stop() {
	DIR=$(absdir "$1")
	if ! running; then rm -f "$DIR/samba.pid"; echo "not running"; return 0; fi
	local pid i
	pid=$(cat "$DIR/samba.pid")
	kill "$pid"
	for i in $(seq 1 100); do
		running || break
		sleep 0.1
	done
	! running || kill -9 "$pid"
	rm -f "$DIR/samba.pid"
	echo "stopped"
}

load() {
	DIR=$(absdir "$1"); shift
	[ $# -ge 1 ] || die "load: how many users?"
	local n=$1; shift
	[ -f "$DIR/provisioned" ] || die "$DIR is not provisioned"
	load_params
	/usr/bin/python3 "$here/load.py" --conf "$DIR/etc/smb.conf" --users "$n" "$@"
	# the first twelve users can log in (7 and 11 are awkward ones); all others have no password
	set_passwords "$(printf 'user%06d ' {0..11})" "$USER_PW"
	local first=0
	while [ $# -gt 0 ]; do
		[ "$1" != --start ] || first=$2
		shift
	done
	echo $((first + n)) >"$DIR/users"
	write_env
}

case ${1:-} in
start) [ $# -ge 2 ] || { usage >&2; exit 2; }; shift; start "$@" ;;
stop) [ $# -eq 2 ] || { usage >&2; exit 2; }; stop "$2" ;;
status) [ $# -eq 2 ] || { usage >&2; exit 2; }; DIR=$(absdir "$2"); if running; then echo "running, pid $(cat "$DIR/samba.pid")"; else echo "not running"; exit 1; fi ;;
join) [ $# -ge 5 ] || { usage >&2; exit 2; }; shift; join "$@" ;;
replicate) [ $# -eq 3 ] || { usage >&2; exit 2; }; replicate "$2" "$3" ;;
load) [ $# -ge 3 ] || { usage >&2; exit 2; }; shift; load "$@" ;;
save) [ $# -eq 3 ] || { usage >&2; exit 2; }; DIR=$(absdir "$2"); ! running || die "stop it first"; tar -C "$DIR" --sparse -czf "$3" --exclude=./log --exclude=./ncalrpc --exclude=./samba.pid . ;;
restore) [ $# -eq 3 ] || { usage >&2; exit 2; }; DIR=$(absdir "$3"); [ ! -e "$DIR/provisioned" ] || die "$3 is in use"; tar -C "$DIR" --sparse -xzf "$2" ;;
-h | --help | help) usage ;;
*) usage >&2; exit 2 ;;
esac
