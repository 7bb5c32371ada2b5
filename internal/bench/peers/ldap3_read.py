"""Reads everybody by ldap3, page by page, and looks at every value.
ldap3_read.py URL BASE FILTER PAGESIZE ATTRIBUTE..."""
import sys

import ldap3

url, base, query, size, attributes = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:]
conn = ldap3.Connection(ldap3.Server(url, get_info=ldap3.NONE), auto_bind=True)
entries = values = count = 0
for entry in conn.extend.standard.paged_search(base, query, attributes=attributes, paged_size=size, generator=True):
    if entry["type"] != "searchResEntry":
        continue
    entries += 1
    for several in entry["raw_attributes"].values():
        values += len(several)
        count += sum(map(len, several))
print(f"{entries} entries, {values} values, {count} bytes")
