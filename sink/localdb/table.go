package localdb

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// Table says in which columns of a table the objects of a kind stand. Columns
// that are not named are not touched.
type Table struct {
	// Name of the table; "app.people" names one in a schema.
	Name string
	// Key is the column that tells rows apart and never changes. The database
	// gives a new row its key.
	Key string
	// ExternalID is a text column for the anchor. Without it, a create whose
	// answer was lost cannot be told from a new one.
	ExternalID string
	// Source is a text column for the name of the source. Optional.
	Source string
	// Active is a column that tells active rows from inactive ones. Without it
	// objects of the kind cannot be deactivated.
	Active string
	// ActiveValue and InactiveValue are what stands in Active. Default 1 and 0.
	ActiveValue, InactiveValue any
	// Protected is a column, 0 or false for most rows, that marks objects which
	// the synchronisation must leave alone. It is never written. Optional.
	Protected string
	// Updated is a column that gets the time of a change. Optional.
	Updated string
	// Columns says where the attributes stand.
	Columns map[string]Column
	// NoDelete says that rows are never deleted.
	NoDelete bool

	// constrained tables are ours: their indexes hold what Unique says.
	constrained bool
}

// Column says where an attribute stands and what its column takes.
type Column struct {
	// Name of the column.
	Name string
	// Key is a column that gets the value in a form in which equal values are
	// equal: without case, composed, without surrounding blanks. Where it is
	// missing, the database's function lower does that when it compares.
	Key string
	// Length is the greatest number of code points. 0: any.
	Length int
	// Required, Unique, CreateOnly and Naming are what the schema says.
	Required, Unique, CreateOnly, Naming bool
	// List columns take several values, as a JSON array.
	List bool
	// Refers names the kind whose key the column holds. 0: the column holds text.
	Refers adsync.Kind
}

// MemberTable says where the members of one kind stand: one row for each.
type MemberTable struct {
	Name string
	// Group and Member are columns with the keys of both rows. Together they
	// are unique.
	Group, Member string
}

func (t Table) faults() []error {
	var faults []error
	if t.Name == "" {
		faults = append(faults, errors.New("the table has no Name"))
	}
	if t.Key == "" {
		faults = append(faults, errors.New("the table has no Key"))
	}
	if len(t.Columns) == 0 {
		faults = append(faults, errors.New("the table has no Columns"))
	}
	if t.Source != "" && t.ExternalID == "" {
		faults = append(faults, errors.New("the column Source says nothing without ExternalID"))
	}
	if (t.ActiveValue == nil) != (t.InactiveValue == nil) {
		faults = append(faults, errors.New("set both ActiveValue and InactiveValue, or neither"))
	}
	return append(faults, t.columnFaults()...)
}

func (t Table) columnFaults() []error {
	var faults []error
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(t.Columns)) {
		c := t.Columns[name]
		switch low := strings.ToLower(name); {
		case low == strings.ToLower(adsync.AttrActive), low == strings.ToLower(AttrExternalID):
			faults = append(faults, fmt.Errorf("%s has a field of its own in Table", name))
		case seen[low]:
			faults = append(faults, fmt.Errorf("%s stands twice", name))
		case c.Name == "":
			faults = append(faults, fmt.Errorf("%s has no column", name))
		case c.Length < 0:
			faults = append(faults, fmt.Errorf("%s has a negative length", name))
		case c.List && (c.Unique || c.Refers != 0):
			faults = append(faults, fmt.Errorf("%s is a list, which can be neither unique nor a reference", name))
		}
		seen[strings.ToLower(name)] = true
	}
	return faults
}

func (s *Sink) memberFaults(kind adsync.Kind) []error {
	var faults []error
	m := s.Members[kind]
	if m.Name == "" || m.Group == "" || m.Member == "" {
		faults = append(faults, errors.New("the table needs Name, Group and Member"))
	}
	for _, k := range []adsync.Kind{adsync.Group, kind} {
		if _, ok := s.Tables[k]; !ok && s.Tables != nil {
			faults = append(faults, fmt.Errorf("there is no table for %s", k))
		}
	}
	return faults
}

func kindsOf[V any](m map[adsync.Kind]V) []adsync.Kind { return slices.Sorted(maps.Keys(m)) }
