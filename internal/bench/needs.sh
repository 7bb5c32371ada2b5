# What benchmarks need, and the Debian packages that hold it. To be sourced.

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

# header FILE: the compiler finds it
header() { printf '#include <%s>\n' "$1" | cc -E - >/dev/null 2>&1; }

# need VERB: ends the script, with what to install, when something is missing
need() {
	local missing=()
	command -v slapd >/dev/null || missing+=(slapd)
	command -v ldapsearch >/dev/null || missing+=(ldap-utils)
	if [ "$1" = proof ]; then
		command -v cc >/dev/null || missing+=(gcc libc6-dev)
		header ldap.h || missing+=(libldap-dev)
		header sqlite3.h || missing+=(libsqlite3-dev)
	fi
	if [ ${#missing[@]} -gt 0 ]; then
		echo "missing here: ${missing[*]}; on Debian: apt-get install --no-install-recommends ${missing[*]}" >&2
		exit 1
	fi
	[ "$1" = stages ] || has_postgres || echo "PostgreSQL is not installed, so nothing is measured on it; on Debian: apt-get install --no-install-recommends postgresql"
}
