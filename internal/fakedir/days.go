package fakedir

import (
	"math"
	"math/rand/v2"
)

// Shares of the people a day touches, each at least one person. Together they
// stay near 2.5 %; those who leave, by removal or by disabling, below 1 %.
const (
	shareJoin    = 0.004
	shareLeave   = 0.004
	shareDisable = 0.003
	shareMarry   = 0.002
	shareMove    = 0.003
	sharePromote = 0.004
	shareGroups  = 0.003
	shareSwap    = 0.0005
)

// day is one day's changes: drawn from seed and day alone, nobody twice.
type day struct {
	*company
	r     *rand.Rand
	taken map[*person]bool
}

// advance lets one day pass.
func (c *company) advance() {
	c.day++
	c.tree.now = c.tree.now.AddDate(0, 0, 1)
	d := &day{company: c, r: rand.New(rand.NewPCG(c.seed, 1<<40|uint64(c.day))), taken: map[*person]bool{}}
	d.swap(d.pick(2*d.count(shareSwap), usualMail))
	d.each(shareLeave, active, d.leave)
	d.each(shareDisable, active, d.disable)
	d.each(shareMarry, usualName, d.marry)
	d.each(shareMove, active, d.move)
	d.each(sharePromote, active, d.promote)
	d.each(shareGroups, active, d.regroup)
	for range d.count(shareJoin) {
		d.join()
	}
	c.tree.grown()
	c.tree.expire()
}

func (d *day) count(share float64) int {
	n := 0
	for _, p := range d.staff {
		if employed(p) {
			n++
		}
	}
	return int(math.Ceil(share * float64(n)))
}

// each applies a change to its share of the people it fits.
func (d *day) each(share float64, fits func(*person) bool, change func(*person)) {
	for _, p := range d.pick(d.count(share), fits) {
		change(p)
	}
}

// pick draws people who fit and whom no other change has touched today.
func (d *day) pick(n int, fits func(*person) bool) []*person {
	var list []*person
	for _, p := range d.staff {
		if !d.taken[p] && fits(p) {
			list = append(list, p)
		}
	}
	n = min(n, len(list))
	for i := range n {
		j := i + d.r.IntN(len(list)-i)
		list[i], list[j] = list[j], list[i]
		d.taken[list[i]] = true
	}
	return list[:n]
}

func employed(p *person) bool { return !p.left && !p.entry.gone && !p.entry.deleted }

func active(p *person) bool { return employed(p) && !p.disabled && !outOfScope(p.index) }

func usualMail(p *person) bool { return active(p) && !awkwardMail(p.index) }

// usualName leaves out those whose name is awkward in itself.
func usualName(p *person) bool {
	return usualMail(p) && !foreignName(p.index) && !noFamily(p.index) && !specialInName(p.index)
}

// swap lets people exchange their addresses in pairs, so that neither address
// can be written first without a clash.
func (d *day) swap(list []*person) {
	for ; len(list) >= 2; list = list[2:] {
		p, q := list[0], list[1]
		p.mail, q.mail = q.mail, p.mail
		d.write(p)
		d.write(q)
	}
}

func (d *day) leave(p *person) {
	p.left = true
	d.tree.remove(p.entry)
}

// disable is the other way to leave: the account stays, in another unit.
func (d *day) disable(p *person) {
	p.disabled = true
	d.relocate(p)
	d.write(p)
}

// marry changes the family name, and with it every name there is; the old
// address stays as an alias.
func (d *day) marry(p *person) {
	old := p.who.family
	for p.who.family == old {
		p.who.family = familyNames[d.r.IntN(len(familyNames))]
	}
	p.who.loginFamily = fold(p.who.family)
	p.aliases = append(p.aliases, p.mail)
	p.login, p.mail = loginName(p.who, p.index), d.mailOf(p.who, p.index)
	d.relocate(p)
	d.write(p)
}

// move puts somebody into another department.
func (d *day) move(p *person) {
	d.deptGroups[p.dept].cut(aMember, p.entry)
	d.tree.touch(d.deptGroups[p.dept])
	p.dept = (p.dept + 1 + d.r.IntN(len(departments)-1)) % len(departments)
	d.deptGroups[p.dept].link(aMember, p.entry)
	d.tree.touch(d.deptGroups[p.dept])
	d.relocate(p)
	d.write(p)
}

func (d *day) promote(p *person) {
	p.title = (p.title + 1 + d.r.IntN(len(titles)-1)) % len(titles)
	d.write(p)
}

// regroup puts somebody into a project, or out of it.
func (d *day) regroup(p *person) {
	g := d.projects[d.r.IntN(len(d.projects))]
	for _, member := range g.linked(aMember) {
		if member == p.entry {
			g.cut(aMember, p.entry)
			d.tree.touch(g)
			return
		}
	}
	g.link(aMember, p.entry)
	d.tree.touch(g)
}

// relocate gives the entry the name and the place the person has now.
func (d *day) relocate(p *person) {
	if err := d.tree.move(p.entry, d.unit(p), p.commonName()); err != nil {
		panic(err) // names carry the index
	}
}
