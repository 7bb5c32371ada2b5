package ldap

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// fingerprint tells under which configuration a cursor was taken, part by part,
// so that a text can say what changed. A server gives only what changed since;
// what another filter or another attribute would have shown, it never gives.
type fingerprint map[string]string

// The parts, as people call them.
const (
	printBases      = "the bases"
	printFilters    = "the filters of the kinds"
	printUnits      = "the scope's units"
	printFilter     = "the scope's filter"
	printGroups     = "the scope's groups"
	printKinds      = "the kinds that are read"
	printAttributes = "the attributes that are read"
	printAnchors    = "the anchor attributes"
	// What another account sees besides did not change, and would never come.
	printAccount = "the account"
)

func (rd *reading) fingerprint() fingerprint {
	scope := adsync.Scope{}
	if rd.req.Scope != nil {
		scope = *rd.req.Scope
	}
	var bases, filters, kinds []string
	for _, b := range rd.bases {
		bases = append(bases, b.dn.Folded())
	}
	for _, kind := range allKinds {
		if rd.wants(kind) {
			kinds = append(kinds, kind.String())
			filters = append(filters, rd.filter(kind))
		}
	}
	return fingerprint{
		printBases:      printOf(sorted(bases)...),
		printFilters:    printOf(filters...),
		printUnits:      printOf(rd.units.print()...),
		printFilter:     printOf(strings.TrimSpace(scope.Filter)),
		printGroups:     printOf(sorted(scope.Groups)...),
		printKinds:      printOf(kinds...),
		printAttributes: printOf(sorted(rd.want.asked)...),
		printAnchors:    printOf(rd.anchors...),
		printAccount:    printOf(strings.ToLower(rd.boundAs)),
	}
}

// print gives the selection by units in an order of its own.
func (u *units) print() (list []string) {
	for _, one := range u.list {
		list = append(list, fmt.Sprint(one.deselect, " ", one.dn.Folded()))
	}
	return sorted(list)
}

func sorted(list []string) []string {
	out := make([]string, 0, len(list))
	for _, text := range list {
		out = append(out, strings.ToLower(text))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// printOf is short: it has to tell two configurations of one person apart, and
// nobody gains by finding two that are the same.
func printOf(list ...string) string {
	sum := sha256.New()
	for _, text := range list {
		fmt.Fprintf(sum, "%d:%s", len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// changed names the parts in which two differ.
func (f fingerprint) changed(other fingerprint) (parts []string) {
	for _, name := range sortedKeys(f) {
		if f[name] != other[name] {
			parts = append(parts, name)
		}
	}
	return parts
}
