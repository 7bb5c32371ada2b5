package ldap

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"strings"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/spill"
)

// registerMaker makes a register of a whole directory, in bounded memory.
type registerMaker struct{ entries *spill.Sorter }

func newRegisterMaker() *registerMaker {
	return &registerMaker{spill.New(spill.Config{Memory: 4 << 20})}
}

func (m *registerMaker) close() { m.entries.Close() }

func (m *registerMaker) add(uuid key, c called) error {
	return m.entries.Add(binary.BigEndian.AppendUint32(nil, placeOf(uuid)), appendNamed(nil, uuid, c))
}

// write puts the register into the notes, in place of any other, and gives the
// number of its buckets and its name.
func (m *registerMaker) write(ctx context.Context, notes adsync.Notes) (buckets uint32, name string, err error) {
	buckets = uint32(max(1, m.entries.Len()/perBucket))
	filling := openRegister(notes, buckets)
	var at uint32
	for record, err := range m.entries.Sorted(ctx) {
		if err != nil {
			return 0, "", err
		}
		n := bucketOf(binary.BigEndian.Uint32(record.Key), buckets)
		for ; at < n; at++ {
			if err := filling.replace(ctx, at); err != nil {
				return 0, "", err
			}
		}
		if err := filling.fill(n, record.Payload); err != nil {
			return 0, "", err
		}
	}
	for ; at < buckets; at++ {
		if err := filling.replace(ctx, at); err != nil {
			return 0, "", err
		}
	}
	name = rand.Text()
	if err := notes.Put(ctx, registerNote, name); err != nil {
		return 0, "", err
	}
	return buckets, name, removeBeyond(ctx, notes, buckets)
}

func (r *register) fill(n uint32, record []byte) error {
	uuid, c, _, ok := readNamed(record)
	if !ok {
		return errUnreadable
	}
	if r.loaded[n] == nil {
		r.loaded[n] = &bucket{}
	}
	r.loaded[n].set(uuid, c)
	return nil
}

// replace writes a bucket whatever was there before, and lets go of it.
func (r *register) replace(ctx context.Context, n uint32) error {
	text := ""
	if b := r.loaded[n]; b != nil {
		text = b.pack()
	}
	err := r.notes.Put(ctx, bucketName(n), text)
	delete(r.loaded, n)
	return err
}

// removeBeyond removes what an earlier, larger register left.
func removeBeyond(ctx context.Context, notes adsync.Notes, buckets uint32) error {
	var old []string
	for note, err := range notes.Scan(ctx, registerPrefix) {
		if err != nil {
			return err
		}
		if note.Name >= bucketName(buckets) {
			old = append(old, strings.Clone(note.Name))
		}
	}
	for _, name := range old {
		if err := notes.Put(ctx, name, ""); err != nil {
			return err
		}
	}
	return nil
}
