package simtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Generate makes the script of a seed, with so many steps. The same seed and
// number give the same script.
func Generate(seed uint64, steps int) Script {
	g := &generator{r: rand.New(rand.NewPCG(seed, 0x5EED))}
	g.world()
	g.plainDeaths = g.chance(50)
	for range steps {
		g.step()
	}
	g.add("run")
	return Script{World: g.line, Steps: g.steps}
}

type generator struct {
	r      *rand.Rand
	line   Step
	steps  []Step
	people int
	groups int
	// plainDeaths: nothing else goes wrong in a run that is killed, so that the
	// script has a twin.
	plainDeaths bool
}

func (g *generator) pick(words ...string) string { return words[g.r.IntN(len(words))] }

func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }

func (g *generator) world() {
	g.people, g.groups = 4+g.r.IntN(6), 1+g.r.IntN(2)
	pairs := []string{
		fmt.Sprintf("people=%d", g.people), fmt.Sprintf("groups=%d", g.groups), fmt.Sprintf("contacts=%d", g.r.IntN(3)),
		"read=" + g.pick("delta", "delta", "sweep", "full"), "members=" + g.pick("diff", "whole"),
		"sink=" + g.pick("batch", "single"), "see=" + g.pick("both", "both", "find", "list", "blind"),
		"replay=" + g.pick("keyed", "external", "none"), "merge=" + g.pick("keep", "wins"),
		fmt.Sprintf("flight=%d", 1+g.r.IntN(3)), fmt.Sprintf("batch=%d", 1+g.r.IntN(6)), fmt.Sprintf("sources=%d", 1+g.r.IntN(2)),
		"inactive=" + g.pick("skip", "skip", "create"),
	}
	g.line = Step{"world", pairs}
	g.line.Args = append(g.line.Args, "leavers="+g.pick("keep", "delete"))
	swaps := []string{"park", "none"}
	if g.line.get("sink", "") == "batch" {
		swaps = append(swaps, "atomic")
	}
	g.line.Args = append(g.line.Args, "swap="+g.pick(swaps...))
	if g.chance(40) {
		g.line.Args = append(g.line.Args, "pending=yes")
	}
	if g.line.get("see", "") == "blind" && g.line.get("replay", "") == "external" {
		g.line.Args = append(g.line.Args, "decides="+g.pick("yes", "no"))
	}
}

func (g *generator) add(line string) {
	words := strings.Fields(line)
	g.steps = append(g.steps, Step{words[0], words[1:]})
}

func (g *generator) person() int { return 1 + g.r.IntN(g.people) }

// anyone is a person of either source, a contact or somebody new.
func (g *generator) anyone() int {
	switch g.r.IntN(10) {
	case 0:
		return firstContact + g.r.IntN(3)
	case 1:
		return firstOther + g.r.IntN(5)
	case 2:
		return g.people + 1 + g.r.IntN(3)
	}
	return g.person()
}

func (g *generator) group() int { return firstGroup + g.r.IntN(g.groups) }

func (g *generator) step() {
	if g.chance(35) {
		g.run()
		return
	}
	switch n := g.r.IntN(100); {
	case n < 10:
		g.add(fmt.Sprintf("add %d", g.anyone()))
	case n < 22:
		g.add(fmt.Sprintf("change %d %s", g.anyone(), g.pick("title", "phone", "displayName", "logon")))
	case n < 27:
		g.add(fmt.Sprintf("blank %d %s", g.anyone(), g.pick("title", "phone", "email")))
	case n < 31:
		g.add(fmt.Sprintf("rename %d", g.group()))
	case n < 39:
		g.add(fmt.Sprintf("leave %d", g.anyone()))
	case n < 44:
		g.add(fmt.Sprintf("move %d %s", g.anyone(), g.pick(Hidden, "People", "Sales")))
	case n < 50:
		g.add(fmt.Sprintf("%s %d", g.pick("disable", "enable"), g.anyone()))
	case n < 52:
		g.add(fmt.Sprintf("expire %d %d", g.person(), 1+g.r.IntN(3)))
	case n < 60:
		g.add(fmt.Sprintf("%s %d %d", g.pick("join", "part"), g.group(), g.anyone()))
	case n < 64:
		g.add(fmt.Sprintf("refer %d %d", g.anyone(), g.anyone()))
	case n < 68:
		g.add(fmt.Sprintf("swap %d %d", g.person(), g.person()))
	case n < 70:
		g.add(fmt.Sprintf("duplicate %d %d", g.anyone(), g.person()))
	case n < 75:
		g.add(fmt.Sprintf("%s %d", g.pick("spoil", "mend", "odd"), g.anyone()))
	case n < 80:
		g.add(fmt.Sprintf("wait %d", []int{1, 30, 100}[g.r.IntN(3)]))
	case n < 90:
		g.servers()
	case n < 94:
		g.add(fmt.Sprintf("leave %d", g.group()))
	default:
		g.add(fmt.Sprintf("byhand %s %d", g.pick("change", "remove", "match", "twins", "protected", "inactive"), g.anyone()))
		if g.chance(50) {
			g.add(fmt.Sprintf("byhand member %d", g.group()))
		}
	}
}

func (g *generator) servers() {
	dc := g.pick("dc1", "dc2")
	switch g.r.IntN(4) {
	case 0:
		g.add("lag " + dc)
	case 1:
		g.add("replicate " + dc)
	case 2:
		g.add("serve " + dc)
	default:
		g.add(fmt.Sprintf("restore %s %d", dc, 1+g.r.IntN(4)))
	}
}

func (g *generator) run() {
	if g.chance(15) {
		g.add(g.pick("plan", "plan", "approve", "accept"))
		return
	}
	line := "run"
	if g.plainDeaths && g.chance(35) {
		g.add(line + g.death())
		return
	}
	if g.chance(40) {
		line += " read=" + g.readFault()
	}
	if g.chance(50) {
		line += " sink=" + g.sinkFault()
		if g.chance(30) {
			line += "," + g.sinkFault()
		}
	}
	switch {
	case !g.plainDeaths && g.chance(35):
		line += g.death()
	case g.chance(10):
		line += fmt.Sprintf(" with=%d", 1+g.r.IntN(25))
	case g.chance(10):
		line += fmt.Sprintf(" suspend=%d", 1+g.r.IntN(25))
	}
	g.add(line)
}

func (g *generator) death() string {
	text := fmt.Sprintf(" kill=%d%s", 1+g.r.IntN(40), g.pick("", "+"))
	if g.chance(30) {
		text += fmt.Sprintf(" again=%d%s", 1+g.r.IntN(20), g.pick("", "+"))
	}
	return text
}

func (g *generator) readFault() string {
	switch what := readFaults[g.r.IntN(len(readFaults))]; what {
	case "cut", "error":
		return fmt.Sprintf("%s:%d", what, g.r.IntN(4))
	case "attribute":
		return what + ":" + g.pick("title", "active", "displayName", "email")
	case "unit":
		return what + ":" + g.pick("People", "Sales", "Things")
	default:
		return what
	}
}

func (g *generator) sinkFault() string {
	what := g.pick(sinkFaults...)
	if what == "later" && g.line.get("replay", "") != "keyed" {
		what = "lose" // what comes late undoes what came after it, where keys are not recognised
	}
	return fmt.Sprintf("%s:%d", what, 1+g.r.IntN(12))
}
