#!/usr/bin/env bash
# Installs the Debian packages of the servers that the tests talk to. Starts
# none of them as a service. Does nothing when all are there.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

programs() {
	local program
	for program; do command -v "$program" >/dev/null || return 1; done
}

# have GROUP: the programs of that group are here
have() {
	case $1 in
	ad) programs samba samba-tool ldapsearch openssl && /usr/bin/python3 -c 'import samba.samdb, markdown' 2>/dev/null ;;
	slapd) programs slapd slapadd ldapmodify ;;
	postgres) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
	race) programs gcc && [ -e /usr/include/stdlib.h ] ;;
	esac
}

# packages GROUP: what Debian calls them
packages() {
	case $1 in
	ad) echo samba samba-ad-provision samba-dsdb-modules samba-vfs-modules python3-markdown ldap-utils ldb-tools openssl ;;
	slapd) echo slapd ldap-utils ;;
	postgres) echo postgresql ;;
	race) echo gcc libc6-dev ;; # go test -race needs cgo
	esac
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# A package's own service must not start: policy-rc.d says so while apt runs.
install() {
	local policy=/usr/sbin/policy-rc.d made='' rc=0
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
		as_root chmod 755 $policy
		made=1
	fi
	{ as_root apt-get update -qq &&
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null; } || rc=$?
	[ -z "$made" ] || as_root rm -f $policy
	return $rc
}

missing=()
for group in ad slapd postgres race; do
	# shellcheck disable=SC2207
	have $group || missing+=($(packages $group))
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "installing: ${missing[*]}"
command -v apt-get >/dev/null || { echo "no apt-get here; install by hand: ${missing[*]}" >&2; exit 1; }
if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
	echo "needs root: run as root once: apt-get install --no-install-recommends ${missing[*]}" >&2
	exit 1
fi
install "${missing[@]}"
