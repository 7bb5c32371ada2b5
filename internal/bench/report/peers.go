package report

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Versus holds one of our rows against another program's. T9 wants so many times
// its speed, and less memory.
type Versus struct {
	Ours, Peer string
	Wanted     float64 // times as many objects a second; 0: it is only shown
}

// Peers are the comparisons of T9 with programs that Debian packages.
var Peers = []Versus{
	{Ours: "unit again", Peer: "pg_ldap_sync again", Wanted: 5},
	{Ours: "unit plan", Peer: "pg_ldap_sync dry"},
	{Ours: First, Peer: "syncrepl consumer", Wanted: 1.5},
	{Ours: Read, Peer: "python-ldap"},
	{Ours: Read, Peer: "ldap3"},
}

// JudgePeers writes a line for each peer that was run.
func (r *Results) JudgePeers(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "T9\tour row\twanted\tspeed\tCPU\tmemory\tverdict")
	for _, v := range Peers {
		ours, peer := r.row(v.Ours), r.row(v.Peer)
		if ours < 0 || peer < 0 {
			continue
		}
		speed := r.middleRatio(func(run []Cost) float64 { return wall(run[peer]) / wall(run[ours]) })
		processor := r.middleRatio(func(run []Cost) float64 { return cpu(run[ours]) / cpu(run[peer]) })
		memory := r.middleRatio(func(run []Cost) float64 { return float64(run[ours].Peak) / float64(run[peer].Peak) })
		fmt.Fprintf(out, "%s\t%s\t%s\t%.2f ×\t%.2f ×\t%.2f ×\t%s\n", v.Peer, v.Ours, v.wanted(), speed, processor, memory, v.verdict(speed, memory))
	}
	return out.Flush()
}

// middleRatio compares rows of the same run.
func (r *Results) middleRatio(of func([]Cost) float64) float64 {
	var ratios []float64
	for _, run := range r.Runs {
		ratios = append(ratios, of(run))
	}
	return middle(ratios)
}

func (v Versus) wanted() string {
	if v.Wanted == 0 {
		return "-"
	}
	return fmt.Sprintf("≥ %.3g ×", v.Wanted)
}

func (v Versus) verdict(speed, memory float64) string {
	switch {
	case v.Wanted == 0:
		return "-"
	case speed < v.Wanted:
		return "NOT met"
	case memory > 1:
		return "NOT met: more memory"
	}
	return "met"
}
