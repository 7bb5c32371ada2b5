"""Reads everybody by python-ldap, page by page, and looks at every value.
python_ldap.py URL BASE FILTER PAGESIZE ATTRIBUTE..."""
import sys

import ldap
from ldap.controls import SimplePagedResultsControl

url, base, query, size, attributes = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5:]
conn = ldap.initialize(url)
conn.simple_bind_s()
page = SimplePagedResultsControl(True, size=size, cookie="")
entries = values = count = 0
while True:
    number = conn.search_ext(base, ldap.SCOPE_SUBTREE, query, attributes, serverctrls=[page])
    _, found, _, controls = conn.result3(number)
    for _, entry in found:
        entries += 1
        for several in entry.values():
            values += len(several)
            count += sum(map(len, several))
    page.cookie = next(c.cookie for c in controls if c.controlType == SimplePagedResultsControl.controlType)
    if not page.cookie:
        break
print(f"{entries} entries, {values} values, {count} bytes")
