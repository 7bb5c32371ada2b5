package acceptance

import (
	"fmt"
	"strings"

	"github.com/adsync/sdk/internal/testserver"
)

// The table of testserver/ad/README.md, as a person checks it: what the index
// of a loaded user says about that user.

var (
	givenNames = strings.Fields("James Mary Robert Linda John Susan David Karen Paul Nancy Mark Lisa Peter Anna Simon Julia Erik " +
		"Laura Thomas Emma Daniel Sarah Kevin Helen Brian Clara Oscar Ruth Victor Diana")
	familyNames = strings.Fields("Smith Johnson Brown Taylor Wilson Clark Lewis Walker Hall Young King Wright Hill Green Baker Adams " +
		"Nelson Carter Mitchell Turner Parker Collins Edwards Stewart Morris Rogers Reed Cook Morgan Bell " +
		"Murphy Bailey Cooper Richardson Cox Howard Ward Brooks Gray Watson")
	// precomposed, decomposed, several scripts, right to left, beyond the basic plane
	elsewhere = [][2]string{
		{"Zoë", "Müller-Lüdenscheidt"},
		{"Łukasz", "Żółkiewski"},
		{"José", "Nuñez"},
		{"Jose\u0301", "Nun\u0303ez"},
		{"Αλέξανδρος", "Παπαδόπουλος"},
		{"Дмитрий", "Щербаков"},
		{"伟", "张"},
		{"さくら", "高橋"},
		{"Thị Hương", "Đặng"},
		{"Siobhán", "O’Brien"},
		{"Patrick", "O'Neill"},
		{"Gül", "Işık"},
		{"محمد", "الأحمد"},
		{"נועה", "כהן"},
		{"Jean Luc", "de la Tour d'Auvergne"},
		{"Søren", "Ærø"},
		{"Björk", "Guðmundsdóttir"},
		{"Straße", "Weiß"},
		{"𠮷野", "田中"},
		{"Ana María", "Ortiz y Gasset"},
	}
	departments = []string{"Engineering", "Sales", "Finance", "Human Resources", "Support", "Operations", "R&D, Labs", "Büro Süd"}
)

// fate is what becomes of a loaded user in a first run.
type fate string

const (
	created      fate = "created"
	outOfScope   fate = "out of scope"
	disabled     fate = "disabled"
	expired      fate = "expired"
	lacksMail    fate = "required-missing email"
	lacksFamily  fate = "required-missing lastName"
	lacksGiven   fate = "required-missing firstName"
	sharesMail   fate = "source-duplicate email"
	mailUnusable fate = "value-invalid email"
)

func fateOf(i int, ad testserver.AD) fate {
	switch {
	case i%25 == 11 && i != 11: // user 11 was given a password, which enables the account
		return disabled
	case i%100 == 60:
		return outOfScope
	case i%300 == 71:
		return expired
	case i%50 == 7:
		return lacksMail
	case i%50 == 13:
		return lacksFamily
	case i%50 == 14:
		return lacksGiven
	case i%100 == 18, i%200 == 119, i%100 == 17 && i+1 < ad.Users:
		return sharesMail
	case i%500 == 33:
		return mailUnusable
	}
	return created
}

func namesOf(i int) (given, family string) {
	if i%20 == 3 {
		n := elsewhere[(i/20+i/400)%len(elsewhere)]
		return n[0], n[1]
	}
	return givenNames[i*7%len(givenNames)], familyNames[(i*11+i/40)%len(familyNames)]
}

func displayNameOf(i int) string {
	given, family := namesOf(i)
	if i%500 == 34 {
		return strings.Repeat("Very Long Name ", 18)[:256]
	}
	return given + " " + family
}

func phoneOf(i int) string {
	if i%500 == 35 {
		return "call me"
	}
	return fmt.Sprintf("+1 555 %07d", i)
}

func samOf(i int) string { return fmt.Sprintf("user%06d", i) }

// contactNamesOf gives the names of a loaded contact; i%10 == 6 has no family name.
func contactNamesOf(i int) (given, family string) {
	given, family = givenNames[i%len(givenNames)], familyNames[i*3%len(familyNames)]
	if i%5 == 2 {
		given, family = elsewhere[i%len(elsewhere)][0], elsewhere[i%len(elsewhere)][1]
	}
	return given, family
}

// contactMail: i%10 == 4 has none.
func contactMail(i int) string {
	if i%10 == 4 {
		return ""
	}
	return fmt.Sprintf("contact%05d@partner.example.net", i)
}

func contactPhone(i int) string { return fmt.Sprintf("+44 20 %07d", i) }
