package ldap

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
)

// Only the container itself counts as changed when it is renamed or moved, and
// all below it have another name and perhaps another scope. A rung that is not
// told what changed remembers the names of the containers in the source's
// notes, and reads what is below those that have another one.

// containerClasses are those that people make to put objects into.
const containerClasses = "(|(objectClass=organizationalUnit)(objectClass=container)(objectClass=builtinDomain)(objectClass=organization)(objectClass=locality)(objectClass=country))"

// Notes are written in buckets, by the first digits of the identifier, so that
// a renamed unit writes little and a first read does not write thousands.
const containerBuckets = "0123456789abcdef"

func containerNote(id string) string { return "containers/" + id[:1] }

// noteContainers writes down the containers below the bases anew.
func (rd *reading) noteContainers(ctx context.Context) error {
	if rd.req.Notes == nil {
		return nil
	}
	buckets := map[string]map[string]string{}
	for _, b := range rd.bases {
		for page, err := range rd.c.search(ctx, rd.query(b.dn.String(), containerClasses, []string{rd.own})) {
			if err != nil {
				return err
			}
			for i := range page {
				rd.bucket(buckets, &page[i])
			}
		}
	}
	for _, digit := range containerBuckets {
		name := containerNote(string(digit))
		if err := rd.putContainers(ctx, name, buckets[name]); err != nil {
			return err
		}
	}
	return nil
}

func (rd *reading) bucket(buckets map[string]map[string]string, e *entry) {
	id, ok := rd.idOf(e)
	ref, err := parseReference(e.dn)
	if !ok || err != nil {
		return
	}
	name := containerNote(id)
	if buckets[name] == nil {
		buckets[name] = map[string]string{}
	}
	buckets[name][id] = printOf(ref.dn.Folded())
}

func (rd *reading) putContainers(ctx context.Context, name string, bucket map[string]string) error {
	text := []byte{}
	if len(bucket) > 0 {
		text, _ = json.Marshal(bucket) // a map of texts always can be
	}
	return rd.req.Notes.Put(ctx, name, string(text))
}

// isRenamed tells whether a container has another name than at the last read,
// and remembers the one that it has now.
func (rd *reading) isRenamed(ctx context.Context, id string, ref reference) (bool, error) {
	if rd.req.Notes == nil {
		return true, nil // nobody remembers
	}
	name := containerNote(id)
	text, _, err := rd.req.Notes.Get(ctx, name)
	if err != nil {
		return false, err
	}
	bucket := map[string]string{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &bucket); err != nil {
			return false, gone("the notes of this source are damaged: %v", err)
		}
	}
	print := printOf(ref.dn.Folded())
	before, noted := bucket[id]
	inside := slices.ContainsFunc(rd.bases, func(b searchBase) bool { return ref.dn.Within(b.dn) })
	if before == print || !noted && !inside {
		return false, nil
	}
	changed := maps.Clone(bucket)
	if changed[id] = print; !inside {
		delete(changed, id)
	}
	return true, rd.putContainers(ctx, name, changed)
}
