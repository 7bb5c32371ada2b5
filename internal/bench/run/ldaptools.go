package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
)

// tool gives the command line of one of OpenLDAP's clients: the C yardstick.
// The password is in a file, never in an argument.
func tool(name string, s setting) []string {
	line := []string{"env", "LDAPTLS_CACERT=" + s.ca, name, "-x", "-H", s.url}
	if s.bind != "" {
		line = append(line, "-D", s.bind, "-y", s.password)
	}
	return line
}

func searchLine(s setting) []string {
	return append(tool("ldapsearch", s), "-LLL", "-b", s.base, "-E", fmt.Sprintf("pr=%d/noprompt", s.page))
}

// silently runs a command without its output.
func silently(line []string) []string {
	return append([]string{"sh", "-c", `exec "$@" >/dev/null`, line[0]}, line...)
}

// ldifValues gives the values of one attribute in unwrapped LDIF (RFC 2849).
func ldifValues(ldif []byte, attribute string) (values []string, err error) {
	for line := range bytes.Lines(ldif) {
		rest, ok := bytes.CutPrefix(bytes.TrimRight(line, "\r\n"), []byte(attribute+":"))
		if !ok {
			continue
		}
		value := bytes.TrimPrefix(rest, []byte(" "))
		if coded, ok := bytes.CutPrefix(rest, []byte(": ")); ok {
			if value, err = base64.StdEncoding.DecodeString(string(coded)); err != nil {
				return nil, fmt.Errorf("ldapsearch printed %s, which is no base64: %w", coded, err)
			}
		}
		values = append(values, string(value))
	}
	return values, nil
}

func base64Of(value string) string { return base64.StdEncoding.EncodeToString([]byte(value)) }
