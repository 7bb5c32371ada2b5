package scenario

import (
	"context"
	"fmt"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// doVerify compares the target with what was last applied.
func (w *world) doVerify(args, _ []string) (string, error) {
	return w.with(func(ctx context.Context, e *adsync.Engine) (string, error) {
		report, err := e.Verify(ctx, adsync.VerifyOptions{Repair: len(args) > 0})
		if report == nil {
			return "", err
		}
		if len(args) > 1 && report.Plan != "" {
			w.plans[args[1]] = report.Plan
		}
		out := showVerify(report)
		if report.Plan != "" {
			out += "repaired by plan " + report.Plan + "\n"
		}
		if report.Refused != "" {
			out += "refused: " + report.Refused + "\n"
		}
		return out, err
	})
}

func showVerify(r *adsync.VerifyReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "verified %d objects, %d groups, %d members: %d differences\n", r.Objects, r.Groups, r.Members, r.Count())
	for _, left := range r.Left {
		fmt.Fprintf(&b, "not compared: %s\n", left)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "%s %s %s (%s)", d.What, kindName(d.Kind), d.Anchor, d.Target)
		if d.Attr != "" {
			fmt.Fprintf(&b, " %s applied %s found %s", d.Attr, showValues(d.Applied), showValues(d.Found))
		}
		if d.MemberTarget != "" {
			fmt.Fprintf(&b, " member %s (%s)", d.Member, d.MemberTarget)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
