package localdb

import "github.com/adsync/sdk/adsync"

// ownTables are the tables that the migrations make. The lengths are those of
// the columns there.
func ownTables() map[adsync.Kind]Table {
	return map[adsync.Kind]Table{
		adsync.User:               own("accounts", accountColumns()),
		adsync.Contact:            own("contacts", contactColumns()),
		adsync.Group:              own("groups", groupColumns()),
		adsync.OrganizationalUnit: own("organizational_units", unitColumns()),
	}
}

func ownMembers() map[adsync.Kind]MemberTable {
	return map[adsync.Kind]MemberTable{
		adsync.User:    {Name: "memberships", Group: "group_id", Member: "account_id"},
		adsync.Contact: {Name: "contact_memberships", Group: "group_id", Member: "contact_id"},
		adsync.Group:   {Name: "group_memberships", Group: "group_id", Member: "member_group_id"},
	}
}

func own(name string, columns map[string]Column) Table {
	return Table{
		Name: name, Key: "id", ExternalID: "external_id", Source: "source",
		Active: "active", Protected: "protected", Updated: "updated_at",
		Columns: columns, constrained: true,
	}
}

func personColumns() map[string]Column {
	return map[string]Column{
		"firstName":   {Name: "first_name", Length: 256},
		"middleName":  {Name: "middle_name", Length: 256},
		"lastName":    {Name: "last_name", Length: 256},
		"displayName": {Name: "display_name", Length: 256, Naming: true},
		"aliases":     {Name: "aliases", List: true, Length: 1123},
		"phone":       {Name: "phone", Length: 128},
		"mobile":      {Name: "mobile", Length: 128},
		"fax":         {Name: "fax", Length: 128},
		"otherPhone":  {Name: "other_phone", Length: 128},
		"title":       {Name: "title", Length: 128},
		"department":  {Name: "department", Length: 128},
		"company":     {Name: "company", Length: 128},
		"office":      {Name: "office", Length: 128},
		"street":      {Name: "street", Length: 1024},
		"city":        {Name: "city", Length: 128},
		"state":       {Name: "state", Length: 128},
		"zip":         {Name: "zip", Length: 40},
		"country":     {Name: "country", Length: 128},
		"description": {Name: "description", Length: 1024},
		"manager":     {Name: "manager_id", Refers: adsync.User},
	}
}

func accountColumns() map[string]Column {
	c := personColumns()
	c["logon"] = Column{Name: "logon", Key: "logon_key", Length: 1024, Required: true, Unique: true, Naming: true}
	c["email"] = Column{Name: "email", Key: "email_key", Length: 256, Unique: true}
	c["samName"] = Column{Name: "sam_name", Length: 256}
	c["employeeId"] = Column{Name: "employee_id", Length: 512}
	return c
}

func contactColumns() map[string]Column {
	c := personColumns()
	c["email"] = Column{Name: "email", Key: "email_key", Length: 256}
	return c
}

func groupColumns() map[string]Column {
	return map[string]Column{
		"name":        {Name: "name", Length: 256, Required: true, Naming: true},
		"displayName": {Name: "display_name", Length: 256, Naming: true},
		"email":       {Name: "email", Key: "email_key", Length: 256},
		"samName":     {Name: "sam_name", Length: 256},
		"description": {Name: "description", Length: 1024},
		"manager":     {Name: "manager_id", Refers: adsync.User},
	}
}

func unitColumns() map[string]Column {
	return map[string]Column{
		"name":              {Name: "name", Length: 256, Required: true, Naming: true},
		"displayName":       {Name: "display_name", Length: 256, Naming: true},
		"description":       {Name: "description", Length: 1024},
		"distinguishedName": {Name: "distinguished_name", Length: 2048},
		"parent":            {Name: "parent_id", Refers: adsync.OrganizationalUnit},
	}
}
