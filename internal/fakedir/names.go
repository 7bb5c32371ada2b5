package fakedir

// identity is a made-up person's name, with a spelling for logon names and
// addresses.
type identity struct {
	given, family           string
	loginGiven, loginFamily string
}

var givenNames = []string{
	"Adam", "Agnes", "Alice", "Amir", "Anita", "Anton", "Beatriz", "Bernd", "Carla", "Carmen", "Cedric", "Charlotte",
	"Dario", "Deborah", "Edith", "Elena", "Elias", "Emil", "Esther", "Fatima", "Felix", "Fiona", "Gabriel", "Gisela",
	"Hamza", "Hannah", "Henrik", "Ibrahim", "Ines", "Irena", "Jakob", "Jasmin", "Joel", "Judith", "Karim", "Kira",
	"Leila", "Leon", "Lotte", "Magda", "Marek", "Marta", "Milan", "Mira", "Nadia", "Niels", "Noah", "Olga", "Otto",
	"Paula", "Pedro", "Ravi", "Rita", "Samuel", "Selma", "Stefan", "Tamara", "Tobias", "Ursula", "Vera", "Walter", "Yara",
}

var familyNames = []string{
	"Abbott", "Acosta", "Ahmed", "Albrecht", "Andersen", "Barros", "Bergmann", "Bianchi", "Blake", "Borg", "Brandt",
	"Carlsen", "Castro", "Chandra", "Conrad", "Costa", "Dahl", "Delgado", "Dietrich", "Duarte", "Ebert", "Ellis",
	"Farkas", "Ferrari", "Fontaine", "Frost", "Garner", "Geiger", "Haas", "Hoffmann", "Horvat", "Iqbal", "Jonas",
	"Kaiser", "Kaplan", "Keller", "Kovacs", "Kramer", "Lange", "Larsen", "Leclerc", "Lombardi", "Maier", "Marino",
	"Mendes", "Moreau", "Nagy", "Neumann", "Novak", "Okafor", "Olsen", "Pereira", "Petit", "Ramos", "Rao", "Richter",
	"Romano", "Sanders", "Schuster", "Silva", "Sommer", "Svensson", "Toth", "Varga", "Vogel", "Wagner", "Winkler", "Zhou",
}

// elsewhere are names beyond plain ASCII. Every tenth person has one of them,
// in turn, so 200 people show them all.
var elsewhere = []identity{
	{"Zoë", "Brontë-Lüders", "zoe", "bronte"},                  // precomposed, hyphen
	{"Łucja", "Święcka", "lucja", "swiecka"},                   // letters that do not decompose
	{"Rene\u0301", "Nun\u0303ez", "rene", "nunez"},             // decomposed
	{"René", "Nuñez", "rene", "nunez"},                         // the same, precomposed
	{"Ἀλέξιος", "Παπάς", "alexios", "papas"},                   // Greek, polytonic
	{"Наталья", "Щукина", "natalya", "shchukina"},              // Cyrillic
	{"Gül", "Işıldar", "gul", "isildar"},                       // dotless i
	{"مريم", "الحداد", "maryam", "alhaddad"},                   // right to left
	{"נועם", "ברקוביץ", "noam", "berkovich"},                   // right to left
	{"\u202bسامي\u202c", "النجار", "sami", "alnajjar"},         // with directional marks
	{"小林", "さくら", "sakura", "kobayashi"},                       // Japanese
	{"Siobhán", "O’Brien", "siobhan", "obrien"},                // typographic apostrophe
	{"𠮷乃", "髙橋", "yoshino", "takahashi"},                       // outside the basic plane
	{"Jean Luc", "de la Tour d'Argent", "jeanluc", "delatour"}, // spaces and an apostrophe
	{"ณัฐ", "ศรีสุข", "nat", "srisuk"},                         // Thai: marks above letters
	{"अनिल", "वर्मा", "anil", "varma"},                         // Devanagari
	{"Thị Hương", "Đặng", "huong", "dang"},                     // stacked marks
	{"民俊", "김", "minjun", "kim"},                               // one syllable
	{"Groß", "Weißmüller", "gross", "weissmueller"},            // sharp s
	{"Ana\u00a0María", "Ortiz y Gil", "anamaria", "ortiz"},     // no-break space
}

var departments = []string{
	"Engineering", "Sales", "Finance", "Human Resources", "Support", "Operations", "R&D, Labs", "Büro Süd",
}

var titles = []string{
	"Engineer", "Senior Engineer", "Account Manager", "Analyst", "Director", "Assistant", "Technician", "VP, Sales",
}

var companies = []string{"Example Corp", "Example Services GmbH", `Example "Labs", Inc.`}

// site is where somebody works.
type site struct{ street, city, state, code, c, country, number string }

var sites = []site{
	{"1 Main Street", "Springfield", "IL", "62701", "US", "United States", "840"},
	{"Hauptstraße 12\r\n3. Stock", "München", "Bayern", "80331", "DE", "Germany", "276"},
	{"10 Mill Lane", "Bristol", "Avon", "BS1 4DJ", "GB", "United Kingdom", "826"},
	{"Rua das Flores, 45", "São Paulo", "SP", "01000-000", "BR", "Brazil", "76"},
}

// oddNames are common names with everything a distinguished name or a filter
// must escape. The verbs are the given and the family name.
var oddNames = []string{
	`%s "the" %s`, `%s + %s`, `%s; %s`, `#%s %s`, `%s \ %s`, `%s <%s>`, `%s = %s`, `%s/%s`, `%s (ext*) %s`,
	`%s %s, Jr.`, `%s  %s`, `%s & %s`,
}
