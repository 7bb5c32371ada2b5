package adsync

import (
	"context"
	"fmt"
	"time"
)

const (
	// window is how long what was done counts together with what would be.
	window = 24 * time.Hour
	// usualRuns is how many runs tell what is usual.
	usualRuns = 30
)

// past is what earlier runs of a target did, whatever job they were of.
type past struct {
	was *effects // within the window, and not approved by a person
	// runs are the newest that were carried out; approved are those of them that
	// a person approved.
	runs, approved []Effects
	verified       time.Time // when the target was last compared; zero: never
}

// recallPast reads the history back to where it no longer matters. A run that
// was killed counts with what it did: its journal was finished before.
func recallPast(ctx context.Context, runs Runs, now time.Time) (*past, error) {
	p := &past{was: newEffects()}
	for info, err := range runs.History(ctx) {
		if err != nil {
			return nil, err
		}
		if p.verified.IsZero() {
			p.verified = info.Verified
		}
		if info.State != RunEnded || info.Plan == "" {
			continue
		}
		recent := info.Ended.After(now.Add(-window)) // also where the clock was set back
		if !recent && len(p.runs)+len(p.approved) >= usualRuns {
			return p, nil
		}
		p.note(&info, recent)
	}
	return p, nil
}

func (p *past) note(info *RunInfo, recent bool) {
	if recent && info.Approved == "" {
		counts := info.Effects
		if counts.First {
			counts.Kinds = withoutCreates(counts.Kinds)
		}
		p.was.add(&counts)
	}
	switch {
	case len(p.runs)+len(p.approved) >= usualRuns:
	case info.Approved != "":
		p.approved = append(p.approved, info.Effects)
	default:
		p.runs = append(p.runs, info.Effects)
	}
}

func withoutCreates(kinds []KindEffects) []KindEffects {
	out := make([]KindEffects, len(kinds))
	for i, k := range kinds {
		k.Create = 0
		out[i] = k
	}
	return out
}

// usual gives the most that a run did which nobody had to approve, and the
// number of runs looked at.
func (p *past) usual(did func(*Effects) int) (most, runs int) {
	return mostOf(p.runs, did), len(p.runs) + len(p.approved)
}

func mostOf(runs []Effects, did func(*Effects) int) (most int) {
	for i := range runs {
		most = max(most, did(&runs[i]))
	}
	return most
}

// said puts what is usual into words.
func (p *past) said(f *Finding, did func(*Effects) int) string {
	runs := fmt.Sprintf("last %d runs", f.Runs)
	if f.Runs == 1 {
		runs = "last 1 run"
	}
	approved := mostOf(p.approved, did)
	switch {
	case f.Runs == 0:
		return "there is no earlier run to compare with"
	case len(p.runs) == 0:
		return fmt.Sprintf("%s, approved by a person: at most %s", runs, thousands(approved))
	case approved > f.Usual:
		return fmt.Sprintf("%s: at most %s, and %s in one that a person approved", runs, thousands(f.Usual), thousands(approved))
	}
	return fmt.Sprintf("%s: at most %s", runs, thousands(f.Usual))
}
