package adsync

import (
	"context"
	"slices"

	"github.com/adsync/sdk/internal/protection"
	"github.com/adsync/sdk/internal/spill"
)

// A unique value that one object gives up and another takes needs an order:
// release before claim. claims notes who gives up and who takes what, finds
// the values where both happen, and moves only the ops concerned.
type claims struct {
	values *spill.Sorter
	moves  map[string]move // by opOrder
}

// move is where an op goes instead of its own place, and what changes in it.
type move struct {
	phase Phase
	rank  uint32
	swap  int
	drop  bool
	park  bool
}

const (
	claimTakes byte = iota
	claimGives
)

func newClaims(values *spill.Sorter) *claims {
	return &claims{values: values, moves: map[string]move{}}
}

func (c *claims) close() { c.values.Close() }

// note records the unique values that an op gives up and takes.
func (c *claims) note(s *settings, op *PlannedOp, order []byte) (err error) {
	s.eachClaim(op, func(value string, what byte) {
		if err == nil {
			err = c.values.Add([]byte(value), append([]byte{what}, order...))
		}
	})
	return err
}

// eachClaim gives the unique values that an op gives up and takes.
func (s *settings) eachClaim(op *PlannedOp, each func(value string, what byte)) {
	if op.Verb != Put && op.Verb != Delete || op.Phase == PhaseReferences {
		return
	}
	created := op.Intent == IntentCreate || op.Intent == IntentSend
	for _, name := range s.unique[op.Kind] {
		if !created && !op.Old.Has(name) {
			continue
		}
		a := s.kinds[op.Kind][name]
		for what, record := range [...]Attributes{claimTakes: op.Full, claimGives: op.Old} {
			for _, v := range record.Values(name) {
				if v != "" {
					each(duplicateKey(op.Kind, Key{Attr: name, Value: foldUnique(a, v)}), byte(what))
				}
			}
		}
	}
}

// orderClaims arranges the ops that exchange values.
func (p *planner) orderClaims(ctx context.Context) error {
	edges, err := p.claims.edges(ctx)
	if err != nil || len(edges) == 0 || protection.ReleaseFirst.Removed() {
		return err
	}
	g := newClaimGraph(edges)
	for _, e := range edges { // a deletion that releases what someone takes goes first
		if Phase(e.gives[0]) == PhaseDelete {
			p.claims.moves[e.gives] = move{phase: PhaseRelease}
			g.cut(e)
		}
	}
	g.rank()
	for _, cycle := range g.cycles {
		p.settleSwap(cycle, g)
	}
	for node, rank := range g.ranks {
		if _, moved := p.claims.moves[node]; !moved && rank > 0 {
			p.claims.moves[node] = move{phase: Phase(node[0]), rank: rank}
		}
	}
	return nil
}

// settleSwap decides what to do about ops that exchange values in a circle.
func (p *planner) settleSwap(cycle []string, g *claimGraph) {
	top := g.ranks[cycle[0]]
	for i, node := range cycle {
		m := move{phase: Phase(node[0]), rank: top, swap: g.number(cycle)}
		switch p.schema.Swap {
		case SwapAtomic:
			m.drop = len(cycle) > p.batchSize()
		case SwapPark:
			// The first is set aside beforehand; the others follow one another
			// and the first takes its new value last.
			m.swap = 0
			m.park = i == 0
			if i > 0 {
				m.rank = top - uint32(i)
			}
		default:
			m.drop = true
		}
		p.claims.moves[node] = m
	}
}

// edge says that takes needs what gives releases. Both are places of ops.
type edge struct{ takes, gives string }

// edges walks the values in order and pairs those who take one with those who
// give it up.
func (c *claims) edges(ctx context.Context) ([]edge, error) {
	var out []edge
	var value string
	var takes, gives []string
	flush := func() {
		for _, t := range takes {
			for _, g := range gives {
				if t != g && (t[0] == g[0] || Phase(g[0]) == PhaseDelete) {
					out = append(out, edge{t, g})
				}
			}
		}
		takes, gives = nil, nil
	}
	for record, err := range c.values.Sorted(ctx) {
		if err != nil {
			return nil, err
		}
		if string(record.Key) != value {
			flush()
			value = string(record.Key)
		}
		if record.Payload[0] == claimTakes {
			takes = append(takes, string(record.Payload[1:]))
		} else {
			gives = append(gives, string(record.Payload[1:]))
		}
	}
	flush()
	return out, nil
}

// claimGraph orders ops so that whoever gives a value up comes before whoever
// takes it, and finds the circles in which that is impossible.
type claimGraph struct {
	needs  map[string][]string // takes → gives
	nodes  []string
	ranks  map[string]uint32
	cycles [][]string
}

func newClaimGraph(edges []edge) *claimGraph {
	g := &claimGraph{needs: map[string][]string{}, ranks: map[string]uint32{}}
	for _, e := range edges {
		g.needs[e.takes] = append(g.needs[e.takes], e.gives)
		g.nodes = append(g.nodes, e.takes, e.gives)
	}
	slices.Sort(g.nodes)
	g.nodes = slices.Compact(g.nodes)
	return g
}

func (g *claimGraph) cut(e edge) {
	g.needs[e.takes] = slices.DeleteFunc(g.needs[e.takes], func(n string) bool { return n == e.gives })
}

func (g *claimGraph) number(cycle []string) int {
	return 1 + slices.IndexFunc(g.cycles, func(c []string) bool { return c[0] == cycle[0] })
}

// rank walks the strongly connected components in Tarjan's order, in which
// what is needed comes out first, and ranks each one above all it needs.
func (g *claimGraph) rank() {
	t := &tarjan{graph: g, index: map[string]int{}, low: map[string]int{}, on: map[string]bool{}}
	for _, n := range g.nodes {
		if _, visited := t.index[n]; !visited {
			t.visit(n)
		}
	}
}

type tarjan struct {
	graph *claimGraph
	index map[string]int
	low   map[string]int
	on    map[string]bool
	stack []string
}

func (t *tarjan) visit(n string) {
	t.index[n], t.low[n] = len(t.index), len(t.index)
	t.stack, t.on[n] = append(t.stack, n), true
	for _, next := range t.graph.needs[n] {
		if _, visited := t.index[next]; !visited {
			t.visit(next)
			t.low[n] = min(t.low[n], t.low[next])
		} else if t.on[next] {
			t.low[n] = min(t.low[n], t.index[next])
		}
	}
	if t.low[n] == t.index[n] {
		t.close(n)
	}
}

func (t *tarjan) close(root string) {
	at := slices.Index(t.stack, root)
	group := slices.Clone(t.stack[at:])
	t.stack = t.stack[:at]
	var rank uint32
	for _, n := range group {
		t.on[n] = false
		for _, need := range t.graph.needs[n] {
			if !slices.Contains(group, need) {
				rank = max(rank, t.graph.ranks[need]+1)
			}
		}
	}
	if len(group) > 1 { // a circle may be spread over as many ranks as it has members
		rank += uint32(len(group)) + 1
		t.graph.cycles = append(t.graph.cycles, t.along(group))
	}
	for _, n := range group {
		t.graph.ranks[n] = rank
	}
}

// along puts a circle into the order in which each needs what the next gives,
// starting with the smallest.
func (t *tarjan) along(group []string) []string {
	slices.Sort(group)
	out := []string{group[0]}
	for len(out) < len(group) {
		last := out[len(out)-1]
		next := slices.IndexFunc(t.graph.needs[last], func(n string) bool {
			return slices.Contains(group, n) && !slices.Contains(out, n)
		})
		if next < 0 { // not a plain circle; the rest in their own order
			for _, n := range group {
				if !slices.Contains(out, n) {
					out = append(out, n)
				}
			}
			break
		}
		out = append(out, t.graph.needs[last][next])
	}
	return out
}
