package main

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
)

var (
	given   = []string{"Anna", "Bruno", "Chloë", "David", "Elif", "Farid", "Greta", "Hélène", "Igor", "Jana", "Kenji", "Lucia", "Mateus", "Nora", "Oskar", "Priya", "Quinn", "Rosa", "Søren", "Tomasz", "Uma", "Viktor", "Wanda", "Ximena", "Yusuf", "Zoë"}
	family  = []string{"Almeida", "Bauer", "Cohen", "Dubois", "Eriksson", "Fischer", "García", "Hansen", "Ivanova", "Jansen", "Kowalski", "Lindqvist", "Müller", "Nakamura", "O'Brien", "Petrov", "Quiroga", "Rossi", "Schmidt", "Tanaka", "Ueda", "Vargas", "Weber", "Xu", "Yilmaz", "Zeman"}
	titles  = []string{"Engineer", "Senior Engineer", "Account Manager", "Analyst", "Director of Operations", "Technician", "Nurse", "Teacher", "Sales Representative", "Clerk"}
	streets = []string{"Main Street", "Rua das Flores", "Hauptstraße", "Avenue Victor Hugo", "Market Road", "Station Way", "Kungsgatan"}
	cities  = []string{"Springfield", "São Paulo", "München", "Lyon", "Leeds", "Albany", "Göteborg"}
	states  = []string{"IL", "SP", "BY", "ARA", "WYK", "NY", "VG"}
)

func (c *config) person(w *bufio.Writer, i int) {
	r := c.rng(i, 1)
	pick := func(s []string) string { return s[r.IntN(len(s))] }
	fn, sn := pick(given), pick(family)
	ci := r.IntN(len(cities))
	uid := fmt.Sprintf("u%07d", i)
	fmt.Fprintf(w, "dn: %s\n", c.personDN(i))
	for _, oc := range []string{"top", "person", "organizationalPerson", "inetOrgPerson"} {
		attr(w, "objectClass", oc)
	}
	if c.ad {
		attr(w, "objectClass", "user")
	}
	attr(w, "uid", uid)
	attr(w, "cn", fmt.Sprintf("%s %s %d", fn, sn, i))
	attr(w, "sn", sn)
	attr(w, "givenName", fn)
	attr(w, "displayName", sn+", "+fn)
	attr(w, "mail", uid+"@example.com")
	attr(w, "telephoneNumber", fmt.Sprintf("+1 555 %03d %04d", r.IntN(1000), r.IntN(10000)))
	attr(w, "mobile", fmt.Sprintf("+1 556 %03d %04d", r.IntN(1000), r.IntN(10000)))
	attr(w, "title", pick(titles))
	attr(w, "departmentNumber", strconv.Itoa(100+r.IntN(400)))
	attr(w, "o", fmt.Sprintf("Customer %d", r.IntN(200)))
	attr(w, "street", fmt.Sprintf("%d %s", 1+r.IntN(999), pick(streets)))
	attr(w, "l", cities[ci])
	attr(w, "st", states[ci])
	attr(w, "postalCode", fmt.Sprintf("%05d", r.IntN(100000)))
	attr(w, "employeeNumber", strconv.Itoa(1000000+i))
	d := make([]byte, 0, c.descLen+16)
	for len(d) < c.descLen {
		d = append(d, pick(titles)...)
		d = append(d, ' ')
	}
	attr(w, "description", string(d[:c.descLen-1])+".")
	if c.ad {
		c.adAttrs(w, r, uid, i, true)
		attr(w, "userPrincipalName", uid+"@example.com")
		uac := 512
		if r.IntN(20) == 0 {
			uac = 514 // disabled
		}
		attr(w, "userAccountControl", strconv.Itoa(uac))
		attr(w, "pwdLastSet", strconv.FormatInt(133000000000000000+int64(r.Uint64N(1<<50)), 10))
	}
	long(w)
	w.WriteByte('\n')
}

// adAttrs writes what AD gives every user and group.
func (c *config) adAttrs(w *bufio.Writer, r *rand.Rand, sam string, i int, person bool) {
	attr(w, "objectCategory", map[bool]string{true: "person", false: "group"}[person])
	attr(w, "sAMAccountName", sam)
	var g [16]byte
	binary.LittleEndian.PutUint64(g[:], r.Uint64())
	binary.LittleEndian.PutUint64(g[8:], r.Uint64())
	fmt.Fprintf(w, "objectGUID:: %s\n", base64.StdEncoding.EncodeToString(g[:]))
	if c.randomUUID {
		attr(w, "entryUUID", fmt.Sprintf("%x-%x-%x-%x-%x", g[:4], g[4:6], g[6:8], g[8:10], g[10:]))
	}
	rid := uint32(1000 + i)
	if !person {
		rid = uint32(1000 + c.n + i)
	}
	sid := []byte{1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3}
	sid = binary.LittleEndian.AppendUint32(sid, rid)
	fmt.Fprintf(w, "objectSid:: %s\n", base64.StdEncoding.EncodeToString(sid))
	attr(w, "uSNChanged", strconv.Itoa(int(rid)))
	attr(w, "whenChanged", fmt.Sprintf("2025%02d%02d%02d%02d%02d.0Z", 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60)))
}
