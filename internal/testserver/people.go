package testserver

import (
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// BaseDN is the suffix of every slapd of this package.
const BaseDN = "dc=example,dc=com"

// Person is one made-up person of a slapd. Empty means that the entry has no
// such attribute.
type Person struct {
	UID, CN, GivenName, Surname, DisplayName, Mail, Phone, Title, Department, EmployeeNumber string

	DN, Manager string // Manager is a DN
}

var (
	givenNames  = strings.Fields("Ada Bela Carla Dario Edda Falk Gerda Hugo Ines Jonas Kira Levin Mona Nils Olga Paul Rita Sven Tara Udo")
	surnames    = strings.Fields("Ahorn Birke Castell Distel Eiche Farn Ginster Hasel Immel Kiefer Linde Mohn Nessel Pappel Quendel Raute Salbei Tanne Ulme Weide")
	titles      = []string{"Engineer", "Analyst", "Director, Sales", "Clerk"}
	departments = []string{"Engineering", "Sales", "Finance", "Support"}
	// precomposed and decomposed, right to left, beyond the basic plane
	scripts = [][2]string{
		{"Zoë", "Müller-Lüdenscheidt"},
		{"Jose\u0301", "Nun\u0303ez"},
		{"Дмитрий", "Щербаков"},
		{"さくら", "高橋"},
		{"נועה", "כהן"},
		{"Siobhán", "O’Brien"},
		{"𠮷野", "田中"},
	}
)

// PersonAt gives the i-th person. The same index always gives the same person:
//
//	i%20 == 3    a name in another script
//	i%40 == 9    the DN starts with cn=, and the name has a comma
//	i%50 == 7    no mail
//	i%50 == 14   no givenName
//	i%100 == 18  the mail of person i-1
//	i%10 == 0    a jpegPhoto
//	i > 0        manager is person (i-1)/8
func PersonAt(i int) Person {
	uid := fmt.Sprintf("person%06d", i)
	p := Person{
		UID: uid, GivenName: givenNames[i%20], Surname: surnames[(i/20+i)%20], Mail: uid + "@example.com",
		Phone: fmt.Sprintf("+1 555 %07d", i), Title: titles[i%4], Department: departments[i%4], EmployeeNumber: strconv.Itoa(100000 + i),
	}
	if i%20 == 3 {
		p.GivenName, p.Surname = scripts[i/20%len(scripts)][0], scripts[i/20%len(scripts)][1]
	}
	p.CN, p.DisplayName = fmt.Sprintf("%s %s %d", p.GivenName, p.Surname, i), p.GivenName+" "+p.Surname
	p.DN = fmt.Sprintf("uid=%s,ou=%s,ou=People,%s", uid, p.Department, BaseDN)
	p.makeAwkward(i)
	if i > 0 {
		p.Manager = PersonAt((i - 1) / 8).DN
	}
	return p
}

func (p *Person) makeAwkward(i int) {
	switch {
	case i%40 == 9:
		p.CN = fmt.Sprintf("%s, %s %d", p.Surname, p.GivenName, i)
		p.DN = fmt.Sprintf(`cn=%s\, %s %d,ou=%s,ou=People,%s`, p.Surname, p.GivenName, i, p.Department, BaseDN)
	case i%50 == 7:
		p.Mail = ""
	case i%50 == 14:
		p.GivenName = ""
	case i%100 == 18:
		p.Mail = PersonAt(i - 1).Mail
	}
}

// WritePeople writes the first n people as LDIF, and before them the
// organizational units they live in.
func WritePeople(w io.Writer, n int) {
	for _, department := range departments {
		writeEntry(w, "ou="+department+",ou=People,"+BaseDN, "objectClass", "organizationalUnit", "ou", department)
	}
	for i := range n {
		p := PersonAt(i)
		attributes := []string{
			"objectClass", "inetOrgPerson", "uid", p.UID, "cn", p.CN, "givenName", p.GivenName, "sn", p.Surname,
			"displayName", p.DisplayName, "mail", p.Mail, "telephoneNumber", p.Phone, "title", p.Title,
			"departmentNumber", p.Department, "employeeNumber", p.EmployeeNumber, "manager", p.Manager,
		}
		if i%10 == 0 {
			attributes = append(attributes, "jpegPhoto", "\xff\xd8\xff\xe0\x00\x10JFIF\x00\xff\xd9")
		}
		writeEntry(w, p.DN, attributes...)
	}
}

// WriteGroups writes the groups of the first n people as LDIF:
//
//	Everyone         groupOfNames of the four department groups
//	Engineering ...  groupOfNames of that department's people
//	Flat             groupOfNames of all people
//	Cycle A, B       each in the other, person 0 in A
//	Unique           groupOfUniqueNames of every third person
//	posix            posixGroup with the uid of every fifth person
func WriteGroups(w io.Writer, n int) {
	writeGroup(w, "Flat", "groupOfNames", "member", dns(n, func(int) bool { return true }))
	var all []string
	for k, department := range departments {
		writeGroup(w, department, "groupOfNames", "member", dns(n, func(i int) bool { return i%4 == k }))
		all = append(all, GroupDN(department))
	}
	writeGroup(w, "Everyone", "groupOfNames", "member", all)
	writeGroup(w, "Cycle A", "groupOfNames", "member", []string{GroupDN("Cycle B"), PersonAt(0).DN})
	writeGroup(w, "Cycle B", "groupOfNames", "member", []string{GroupDN("Cycle A")})
	writeGroup(w, "Unique", "groupOfUniqueNames", "uniqueMember", dns(n, func(i int) bool { return i%3 == 0 }))
	posix := []string{"objectClass", "posixGroup", "cn", "posix", "gidNumber", "5000"}
	for i := 0; i < n; i += 5 {
		posix = append(posix, "memberUid", PersonAt(i).UID)
	}
	writeEntry(w, GroupDN("posix"), posix...)
}

// GroupDN gives the DN of a group of [WriteGroups].
func GroupDN(cn string) string { return "cn=" + cn + ",ou=Groups," + BaseDN }

func dns(n int, take func(int) bool) []string {
	var out []string
	for i := range n {
		if take(i) {
			out = append(out, PersonAt(i).DN)
		}
	}
	return out
}

// writeGroup leaves out a group without members: these classes require one.
func writeGroup(w io.Writer, cn, class, attribute string, members []string) {
	if len(members) == 0 {
		return
	}
	attributes := []string{"objectClass", class, "cn", cn}
	for member := range slices.Values(members) {
		attributes = append(attributes, attribute, member)
	}
	writeEntry(w, GroupDN(cn), attributes...)
}

// writeRoot writes what every slapd has: the suffix, the units, the account
// that reads.
func writeRoot(w io.Writer, bindDN, password string) {
	writeEntry(w, BaseDN, "objectClass", "dcObject", "objectClass", "organization", "dc", "example", "o", "Example")
	for _, ou := range []string{"People", "Groups", "Services"} {
		writeEntry(w, "ou="+ou+","+BaseDN, "objectClass", "organizationalUnit", "ou", ou)
	}
	writeEntry(w, bindDN, "objectClass", "applicationProcess", "objectClass", "simpleSecurityObject", "cn", "sync", "userPassword", password)
}

// writeEntry writes one entry in base64, which needs no rules about safe
// characters (RFC 2849). Attributes are names and values in turn; those
// without a value are left out.
func writeEntry(w io.Writer, dn string, attributes ...string) {
	encode := base64.StdEncoding.EncodeToString
	fmt.Fprintf(w, "dn:: %s\n", encode([]byte(dn)))
	for pair := range slices.Chunk(attributes, 2) {
		if pair[1] != "" {
			fmt.Fprintf(w, "%s:: %s\n", pair[0], encode([]byte(pair[1])))
		}
	}
	fmt.Fprintln(w)
}
