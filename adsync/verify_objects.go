package adsync

import (
	"context"
	"fmt"
	"slices"

	"github.com/adsync/sdk/internal/spill"
)

// What stands in verifier.objects, under the target's id: links first.
const (
	verifyLink byte = iota
	verifyTarget
)

// gather puts links and target objects side by side.
func (v *verifier) gather(ctx context.Context) error {
	for _, kind := range v.listedKinds() {
		if err := v.gatherLinks(ctx, kind); err != nil {
			return err
		}
	}
	for _, kind := range v.listedKinds() {
		if err := v.gatherTargets(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

// gatherTargets lists one kind. A target that cannot list it is told so once.
func (v *verifier) gatherTargets(ctx context.Context, kind Kind) error {
	names := map[string]bool{}
	for t, err := range v.parts.lister.List(ctx, kind) {
		if CodeOf(err) == CodeUnsupported {
			v.report.Left = append(v.report.Left, fmt.Sprintf("%s: the target cannot list them", plural(kind)))
			return nil
		}
		if err != nil {
			return targetFault("list what it has", err)
		}
		for name := range t.Attrs.All() {
			if _, folded := names[name]; !folded { // most come folded or were seen before
				names[name], names[foldName(name)] = true, true
			}
		}
		v.buf = v.codec.appendCandidate(append(v.buf[:0], verifyTarget), 0, &t)
		if err := v.objects.Add([]byte(t.ID), v.buf); err != nil {
			return err
		}
		v.progress(v.objects.Len())
	}
	v.listed[kind] = names
	return ctx.Err()
}

// gatherLinks takes what should be there: not what is lost, left out by a
// person, or not settled. Of links that share an object the holder's counts.
func (v *verifier) gatherLinks(ctx context.Context, kind Kind) error {
	for _, source := range v.job.Sources {
		for link, err := range v.state.Scan(ctx, source.Name, false) {
			if err != nil {
				return err
			}
			if link.Kind != kind || link.Target == "" || link.State != LinkActive && link.State != LinkInactive {
				continue
			}
			v.buf = v.codec.appendLink(append(v.buf[:0], verifyLink), &link)
			if err := v.objects.Add([]byte(link.Target), v.buf); err != nil {
				return err
			}
		}
	}
	return nil
}

// pair is a link with the target object that has its id; either may be missing.
type pair struct {
	link   *Link
	target *Target
}

// compare walks both sides.
func (v *verifier) compare(ctx context.Context) error {
	pairs := make([]pair, 0, atOnce)
	var one pair
	last := ""
	for record, err := range v.objects.Sorted(ctx) {
		if err != nil {
			return err
		}
		if id := string(record.Key); id != last && one != (pair{}) {
			pairs, one = append(pairs, one), pair{}
			if len(pairs) == atOnce {
				if err := v.comparePairs(ctx, pairs); err != nil {
					return err
				}
				pairs = pairs[:0]
			}
		}
		last = string(record.Key)
		if err := v.takeRecord(&one, record); err != nil {
			return err
		}
	}
	if one != (pair{}) {
		pairs = append(pairs, one)
	}
	if err := v.comparePairs(ctx, pairs); err != nil {
		return err
	}
	return v.objects.Close()
}

func (v *verifier) takeRecord(one *pair, record spill.Record) error {
	if record.Payload[0] == verifyLink {
		link, err := v.codec.link(record.Payload[1:])
		one.link = &link
		return err
	}
	_, t, err := v.codec.candidate(record.Payload[1:])
	one.target = &t
	return err
}

func (v *verifier) comparePairs(ctx context.Context, pairs []pair) error {
	refs, err := v.referred(ctx, pairs)
	if err != nil {
		return err
	}
	var strangers []*Target
	for _, one := range pairs {
		switch {
		case one.link == nil:
			if one.target.Attrs.Get(AttrExternalID) != "" {
				strangers = append(strangers, one.target)
			}
			continue
		case v.listed[one.link.Kind] == nil:
			continue // its kind could not be listed
		case one.target == nil:
			err = v.missing(ctx, one.link)
		default:
			err = v.changed(ctx, one.link, one.target, refs)
		}
		v.report.Objects++
		if err != nil {
			return err
		}
	}
	if err := v.foreign(ctx, strangers); err != nil {
		return err
	}
	return v.correct.flush(ctx)
}

func (v *verifier) missing(ctx context.Context, link *Link) error {
	if err := v.tell(differenceOf(DifferenceMissing, link)); err != nil {
		return err
	}
	v.gone[link.Source].add(link.Key)
	return v.correct.lost(ctx, link)
}

func differenceOf(what DifferenceKind, link *Link) Difference {
	return Difference{What: what, Kind: link.Kind, Source: link.Source, Anchor: link.Anchor, Target: link.Target, Name: calledBy(link.Applied)}
}

// foreign tells of objects that no link holds and that bear the external id of
// one that has a link: a copy, or what was restored under another id.
func (v *verifier) foreign(ctx context.Context, strangers []*Target) error {
	if len(strangers) == 0 {
		return nil
	}
	var ids []TargetID
	keys := make([]LinkKey, len(strangers))
	for i, t := range strangers {
		ids = append(ids, t.ID)
		keys[i] = v.hash.linkKey(Anchor(t.Attrs.Get(AttrExternalID)))
	}
	owners, err := findOwners(ctx, v.state, ids)
	if err != nil {
		return err
	}
	for _, source := range v.job.Sources {
		links, err := findLinks(ctx, v.state, source.Name, keys)
		if err != nil {
			return err
		}
		for i, t := range strangers {
			link := linkOf(links, keys[i])
			if _, owned := owners[t.ID]; owned || link == nil || link.Target == "" || string(link.Anchor) != t.Attrs.Get(AttrExternalID) {
				continue
			}
			d := differenceOf(DifferenceForeign, link)
			d.Kind, d.Target, d.Name = t.Kind, t.ID, calledBy(t.Attrs)
			if err := v.tell(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// referred gives the links that references of these objects name.
func (v *verifier) referred(ctx context.Context, pairs []pair) (map[LinkRef]*Link, error) {
	keys := map[string][]LinkKey{}
	for _, one := range pairs {
		if one.link == nil || one.target == nil {
			continue
		}
		for name, values := range one.link.Applied.All() {
			if v.attribute(one.link.Kind, name).Reference {
				for _, a := range values {
					keys[one.link.Source] = append(keys[one.link.Source], v.hash.linkKey(Anchor(a)))
				}
			}
		}
	}
	found := map[LinkRef]*Link{}
	for source, list := range keys {
		links, err := findLinks(ctx, v.state, source, slices.Clip(list))
		if err != nil {
			return nil, err
		}
		for i := range links {
			found[LinkRef{source, links[i].Key}] = &links[i]
		}
	}
	return found, nil
}
