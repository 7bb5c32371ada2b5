package ldap

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/adsync/sdk/adsync"
)

// A selection by groups changes when members come and go, and then those who
// come into scope or leave it were not touched themselves. The members, worked
// out anew at every read, are held against those of the last read, which the
// source's notes keep: 16 bytes each, in buckets, so that one who joins writes
// little.

const chosenBuckets = 256

func chosenNote(bucket int) string { return fmt.Sprintf("scope/%02x", bucket) }

const chosenTokens = "scope/primary"

// noteChosen writes down the members anew.
func (rd *reading) noteChosen(ctx context.Context) error {
	if rd.chosen == nil {
		return nil
	}
	for bucket, now := range rd.chosen.buckets() {
		if err := rd.req.Notes.Put(ctx, chosenNote(bucket), packKeys(now)); err != nil {
			return err
		}
	}
	return rd.req.Notes.Put(ctx, chosenTokens, strings.Join(sortedKeys(rd.chosen.tokens), " "))
}

func (m *membership) buckets() (list [chosenBuckets][]key) {
	for k := range m.in {
		list[k[0]] = append(list[k[0]], k)
	}
	for _, keys := range list {
		slices.SortFunc(keys, func(a, b key) int { return indexed{name: a}.compare(b) })
	}
	return list
}

// touchChosen touches those who joined the selection or left it.
func (d *delta) touchChosen(ctx context.Context) error {
	if d.rd.chosen == nil {
		return nil
	}
	for bucket, now := range d.rd.chosen.buckets() {
		if err := d.touchBucket(ctx, chosenNote(bucket), now); err != nil {
			return err
		}
	}
	return d.touchTokens(ctx)
}

func (d *delta) touchBucket(ctx context.Context, name string, now []key) error {
	text, _, err := d.rd.req.Notes.Get(ctx, name)
	if err != nil {
		return err
	}
	packed := packKeys(now)
	if packed == text {
		return nil
	}
	before, err := unpackKeys(text)
	if err != nil {
		return err
	}
	for _, k := range differing(before, now) {
		if err := d.touch(ctx, touched{id: string(uuidText(k)), fresh: true, origin: "a group of the scope"}); err != nil {
			return err
		}
	}
	return d.rd.req.Notes.Put(ctx, name, packed)
}

// differing gives what stands in one of two lists only.
func differing(a, b []key) (list []key) {
	count := map[key]int{}
	for _, k := range a {
		count[k]++
	}
	for _, k := range b {
		count[k]--
	}
	for k, n := range count {
		if n != 0 {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(a, b key) int { return indexed{name: a}.compare(b) })
	return list
}

// touchTokens touches those whose primary group came into the selection or left
// it: they stand in no list of members.
func (d *delta) touchTokens(ctx context.Context) error {
	text, _, err := d.rd.req.Notes.Get(ctx, chosenTokens)
	if err != nil {
		return err
	}
	before, now := strings.Fields(text), sortedKeys(d.rd.chosen.tokens)
	for _, token := range slices.Concat(before, now) {
		if slices.Contains(before, token) && slices.Contains(now, token) {
			continue
		}
		ids, err := d.rd.idsWith(ctx, equals("primaryGroupID", token))
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := d.touch(ctx, touched{id: id, fresh: true, origin: "a group of the scope"}); err != nil {
				return err
			}
		}
	}
	return d.rd.req.Notes.Put(ctx, chosenTokens, strings.Join(now, " "))
}

// idsWith lists the people below the bases who match a filter.
func (rd *reading) idsWith(ctx context.Context, filter string) (ids []string, err error) {
	for _, b := range rd.bases {
		found, err := rd.idsOf(ctx, b.dn.String(), and(rd.filter(adsync.User), filter))
		if err != nil {
			return nil, err
		}
		ids = append(ids, found...)
	}
	return ids, nil
}

func packKeys(keys []key) string {
	raw := make([]byte, 0, len(keys)*len(key{}))
	for _, k := range keys {
		raw = append(raw, k[:]...)
	}
	return base64.RawStdEncoding.EncodeToString(raw)
}

func unpackKeys(text string) (keys []key, err error) {
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(raw)%len(key{}) != 0 {
		return nil, gone("the notes of this source are damaged")
	}
	for part := range slices.Chunk(raw, len(key{})) {
		keys = append(keys, key(part))
	}
	return keys, nil
}
