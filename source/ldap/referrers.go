package ldap

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// When an object is deleted, Active Directory takes it out of every attribute
// that named it, and of that no change is told: whose manager left has another
// manager attribute and looks untouched. So the source's notes keep who refers to
// whom, 32 bytes a reference, in buckets, and the referrers of a deleted object
// are read again. References that are gone since stay until the next full read;
// they cost a look in vain.

// mention says that one object names another.
type mention struct{ to, from key }

func (r mention) compare(o mention) int {
	if n := bytes.Compare(r.to[:], o.to[:]); n != 0 {
		return n
	}
	return bytes.Compare(r.from[:], o.from[:])
}

const referralBuckets = 256

func referralNote(bucket byte) string { return fmt.Sprintf("referrals/%02x", bucket) }

// referrers is what is known of references in one read.
type referrers struct {
	rd      *reading
	names   []string // attributes that are followed
	buckets [referralBuckets][]mention
	loaded  [referralBuckets]bool
	changed [referralBuckets]bool
}

// newReferrers gives nil where references need not or cannot be followed: far
// ends of links, such as memberOf, are many, and are not.
func newReferrers(rd *reading) *referrers {
	if !rd.server.ad || !rd.names.direct || rd.req.Notes == nil {
		return nil
	}
	r := &referrers{rd: rd}
	for _, name := range rd.want.refs {
		if _, far := rd.far[strings.ToLower(name)]; !far {
			r.names = append(r.names, name)
		}
	}
	if len(r.names) == 0 {
		return nil
	}
	return r
}

// anew forgets what earlier reads noted: this one shows everything.
func (r *referrers) anew() {
	if r == nil {
		return
	}
	for i := range referralBuckets {
		r.loaded[i], r.changed[i] = true, true
	}
}

// note remembers whom an object names.
func (r *referrers) note(ctx context.Context, o adsync.Object) error {
	if r == nil {
		return nil
	}
	from, ok := guidKey(string(o.Anchor))
	for _, name := range r.names {
		for _, a := range o.Refs[name] {
			to, good := guidKey(string(a))
			if !ok || !good {
				continue
			}
			if err := r.add(ctx, mention{to, from}); err != nil {
				return err
			}
		}
	}
	return nil
}

// add puts one in. A full read sorts at its end.
func (r *referrers) add(ctx context.Context, one mention) error {
	bucket := one.to[0]
	if r.rd.isFull() {
		r.buckets[bucket] = append(r.buckets[bucket], one)
		return nil
	}
	if err := r.load(ctx, bucket); err != nil {
		return err
	}
	at, found := slices.BinarySearchFunc(r.buckets[bucket], one, mention.compare)
	if !found {
		r.buckets[bucket] = slices.Insert(r.buckets[bucket], at, one)
		r.changed[bucket] = true
	}
	return nil
}

func (r *referrers) load(ctx context.Context, bucket byte) error {
	if r.loaded[bucket] {
		return nil
	}
	text, _, err := r.rd.req.Notes.Get(ctx, referralNote(bucket))
	if err != nil {
		return err
	}
	keys, err := unpackKeys(text)
	if err != nil || len(keys)%2 != 0 {
		return gone("the notes of this source are damaged")
	}
	for pair := range slices.Chunk(keys, 2) {
		r.buckets[bucket] = append(r.buckets[bucket], mention{pair[0], pair[1]})
	}
	r.loaded[bucket] = true
	return nil
}

// of gives the identifiers of those who name an object.
func (r *referrers) of(ctx context.Context, id string) (ids []string, err error) {
	to, ok := guidKey(id)
	if r == nil || !ok {
		return nil, nil
	}
	if err := r.load(ctx, to[0]); err != nil {
		return nil, err
	}
	list := r.buckets[to[0]]
	at, _ := slices.BinarySearchFunc(list, mention{to: to}, mention.compare)
	for ; at < len(list) && list[at].to == to; at++ {
		ids = append(ids, string(uuidText(list[at].from)))
	}
	return ids, nil
}

// store writes what changed into the notes.
func (r *referrers) store(ctx context.Context) error {
	if r == nil {
		return nil
	}
	for i, list := range r.buckets {
		if !r.changed[i] {
			continue
		}
		slices.SortFunc(list, mention.compare)
		raw := make([]byte, 0, len(list)*2*len(key{}))
		for _, one := range slices.Compact(list) {
			raw = append(append(raw, one.to[:]...), one.from[:]...)
		}
		if err := r.rd.req.Notes.Put(ctx, referralNote(byte(i)), base64.RawStdEncoding.EncodeToString(raw)); err != nil {
			return err
		}
	}
	return nil
}

// touchReferrers touches those who name an object that was deleted or brought
// back.
func (s *settling) touchReferrers(ctx context.Context) error {
	for _, id := range s.order {
		_, there := s.places[id]
		if there && !s.list[id].back || !there && !s.deleted[id] || s.delta.referred[id] {
			continue
		}
		s.delta.referred[id] = true
		ids, err := s.delta.rd.refs.of(ctx, id)
		if err != nil {
			return err
		}
		for _, from := range ids {
			if err := s.delta.touch(ctx, touched{id: from, origin: s.list[id].origin}); err != nil {
				return err
			}
		}
	}
	return nil
}
