package main

import (
	"context"
	"fmt"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"
)

// goLDAP is go-ldap's page loop, as anybody would write it: the yardstick of T2.
// It prints what the C program prints.
func goLDAP(_ context.Context, s setting) error {
	conn, err := goldap.DialURL(s.url)
	if err != nil {
		return err
	}
	defer conn.Close()
	paging := goldap.NewControlPaging(uint32(s.page))
	var seen tally
	for {
		result, err := conn.Search(goldap.NewSearchRequest(s.base, goldap.ScopeWholeSubtree, goldap.NeverDerefAliases,
			0, 0, false, s.filter, strings.Split(s.ask, ","), []goldap.Control{paging}))
		if err != nil {
			return err
		}
		seen.add(result.Entries)
		next, ok := goldap.FindControl(result.Controls, goldap.ControlTypePaging).(*goldap.ControlPaging)
		if !ok || len(next.Cookie) == 0 {
			break
		}
		paging.SetCookie(next.Cookie)
	}
	fmt.Println(seen)
	return nil
}

// tally is what a reader has seen.
type tally struct{ entries, values, bytes int }

func (t *tally) add(entries []*goldap.Entry) {
	for _, e := range entries {
		t.entries++
		for _, a := range e.Attributes {
			for _, v := range a.ByteValues {
				t.values, t.bytes = t.values+1, t.bytes+len(v)
			}
		}
	}
}

func (t tally) String() string {
	return fmt.Sprintf("%d entries, %d values, %d bytes", t.entries, t.values, t.bytes)
}
