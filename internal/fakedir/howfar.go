package fakedir

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
)

// upToDateVector is what a controller shows of how much it has of the others'
// changes, at the root of a naming context: UPTODATE_VECTOR_V2_EXT ([MS-DRSR]
// section 5.204). A controller that is alone shows nothing.
func (n *numbering) upToDateVector() []string {
	if len(n.heard) == 0 {
		return nil
	}
	b := binary.LittleEndian.AppendUint64(nil, 2)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(n.heard)))
	ids := slices.SortedFunc(maps.Keys(n.heard), func(a, b guid) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range ids {
		b = append(b, id[:]...)
		b = binary.LittleEndian.AppendUint64(b, uint64(n.heard[id]))
		b = binary.LittleEndian.AppendUint64(b, 0) // when it heard, which nobody asks
	}
	return []string{string(b)}
}

// propertyMetaData is what a controller shows of the changes of an entry: one
// stamp for each attribute and none for links (PROPERTY_META_DATA_VECTOR). What
// has no stamp of its own stands together under the first.
func (e *entry) propertyMetaData() []string {
	list := append([]attrStamp{{aObjectClass, e.born}}, e.stamps...)
	b := binary.LittleEndian.AppendUint64(nil, 1)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(list)))
	for _, s := range list {
		b = binary.LittleEndian.AppendUint32(b, stampNumber(s.id))
		b = binary.LittleEndian.AppendUint32(b, uint32(s.version))
		b = binary.LittleEndian.AppendUint64(b, uint64(s.when+since1601))
		b = append(b, s.origin[:]...)
		b = binary.LittleEndian.AppendUint64(b, uint64(s.originUSN))
		b = binary.LittleEndian.AppendUint64(b, uint64(s.usn))
	}
	return []string{string(b)}
}

// since1601 is how many seconds before 1970 a directory begins to count.
const since1601 = 11_644_473_600

// stampNumber is how stamps name an attribute: the numbers of Microsoft's schema
// where somebody asks for them, others elsewhere.
func stampNumber(id attrID) uint32 {
	if id == aIsDeleted {
		return 0x20030
	}
	return 0x90000 + uint32(id)
}
