package main

import (
	"fmt"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// read says of each source how it was read.
func (s *screen) read(r *adsync.Report) {
	for _, source := range r.Sources {
		s.line("READ %s", printable(readAs(source)))
		for _, why := range reasons(source) {
			s.text("  ", "%s", why)
		}
	}
	if len(r.Sources) > 0 {
		s.line("")
	}
}

func readAs(r adsync.SourceReport) string {
	var b strings.Builder
	switch {
	case r.Error != "":
		return "failed: " + r.Error
	case r.Snapshot:
		fmt.Fprintf(&b, "everything: %d objects", r.Objects)
	default:
		fmt.Fprintf(&b, "changes only: %d objects", r.Objects)
	}
	if m := r.Method; m != nil && m.Name != "" && !r.Snapshot {
		fmt.Fprintf(&b, ", by %s", m.Name)
	}
	if r.Sampled > 0 {
		fmt.Fprintf(&b, "; %d others looked at as a check, %d changes missed", r.Sampled, r.Missed)
	}
	if m := r.Method; m != nil && !m.RemovalsAsOf.IsZero() {
		fmt.Fprintf(&b, "; removals known as of %s", m.RemovalsAsOf.UTC().Format("2006-01-02 15:04 UTC"))
	}
	return b.String()
}

// reasons says why it was not read in a better way.
func reasons(r adsync.SourceReport) (list []string) {
	if r.Why != "" {
		list = append(list, r.Why)
	}
	if r.Method != nil {
		list = append(list, r.Method.Why...)
	}
	return list
}
