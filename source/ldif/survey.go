package ldif

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/directory"
)

// survey is what the first pass learns of a file.
type survey struct {
	entries  int
	objects  int // of our kinds, with an anchor
	unnamed  int // of our kinds, without
	checksum string
	index    index
	anchors  []hash16        // all of them, dropped when twins is known
	twins    map[hash16]bool // anchors that stand more than once
	groups   map[hash16][]hash16
}

// survey reads the file once. With groups it keeps the keys of each group's
// members.
func (s *Source) survey(ctx context.Context, groups bool) (*survey, error) {
	p, err := s.pass(ctx)
	if err != nil {
		return nil, err
	}
	defer p.close()
	v := &survey{}
	if groups {
		v.groups = map[hash16][]hash16{}
	}
	for {
		e, err := p.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		v.add(e, s.anchors())
	}
	v.entries, v.checksum = p.entries.count, p.checksum()
	v.index.sort()
	v.twins, v.anchors = repeated(v.anchors), nil
	return v, s.Expect.check(s.name(), v)
}

func (v *survey) add(e entry, anchors []string) {
	attrs := gather(e.fields)
	kind, ours := directory.Classify(attrs.Attributes)
	if !ours {
		return
	}
	anchor, err := directory.Anchor(anchors, attrs.Attributes)
	if err != nil {
		v.unnamed++
		return
	}
	v.objects++
	v.anchors = append(v.anchors, hashOf(string(anchor)))
	if name, err := directory.ParseDN(e.dn); err == nil {
		v.index.add(keyOfName(name), anchor)
	}
	if attrs.hasClass("posixAccount") {
		for _, uid := range attrs.Values("uid") {
			v.index.add(keyOfUID(uid), anchor)
		}
	}
	if kind == adsync.Group && v.groups != nil {
		v.groups[hashOf(string(anchor))] = attrs.memberKeys()
	}
}

// check tells whether the file is what was expected.
func (x Expect) check(name string, v *survey) error {
	if x.Entries > 0 && x.Entries != v.entries {
		return adsync.Errorf(adsync.CodeIncomplete, "ldif: %s has %d entries and %d are expected; export it again, or correct Expect", name, v.entries, x.Entries)
	}
	if x.SHA256 != "" && !strings.EqualFold(x.SHA256, v.checksum) {
		return adsync.Errorf(adsync.CodeIncomplete, "ldif: %s has another checksum than is expected; copy or export it again, or correct Expect", name)
	}
	return nil
}

func (x Expect) isZero() bool { return x == Expect{} }

// closure gives the hashes of the anchors that are members of the groups named,
// or of groups in them. A group is named by its distinguished name or anchor.
func (v *survey) closure(names []string) (map[hash16]bool, error) {
	found := map[hash16]bool{}
	var open []hash16
	for _, name := range names {
		group, err := v.group(name)
		if err != nil {
			return nil, err
		}
		open = append(open, v.groups[group]...)
	}
	for len(open) > 0 {
		key := open[len(open)-1]
		open = open[:len(open)-1]
		anchor, ok := v.index.find(key)
		if member := hashOf(string(anchor)); ok && !found[member] {
			found[member] = true
			open = append(open, v.groups[member]...)
		}
	}
	return found, nil
}

// group fails for a group that is not in the file: nobody would be in scope.
func (v *survey) group(name string) (hash16, error) {
	if dn, err := directory.ParseDN(name); err == nil {
		if anchor, ok := v.index.find(keyOfName(dn)); ok {
			name = string(anchor)
		}
	}
	if uuid, ok := directory.ParseUUID(name); ok {
		name = uuid
	}
	h := hashOf(name)
	if _, ok := v.groups[h]; !ok {
		return h, adsync.Errorf(adsync.CodeNotFound, "ldif: the group %q of the scope is not in the file", name)
	}
	return h, nil
}

// resolve gives the anchors of keys, each once and in order. What is not in the
// file is left out.
func (v *survey) resolve(keys []hash16) []adsync.Anchor {
	var anchors []adsync.Anchor
	for _, key := range keys {
		if anchor, ok := v.index.find(key); ok {
			anchors = append(anchors, anchor)
		}
	}
	slices.Sort(anchors)
	return slices.Compact(anchors)
}
