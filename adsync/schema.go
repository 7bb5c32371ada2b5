package adsync

// Schema says what a target accepts. The zero value of each limit means that
// there is none, or that the engine's default holds.
type Schema struct {
	// Kinds that the target takes. Empty: all, with any attribute, and all can
	// be deactivated and deleted.
	Kinds map[Kind]KindSchema
	// MaxBatch is the most ops a call of ApplyBatch takes. Default 500.
	MaxBatch int
	// MaxBytes bounds the sum of the names and values of a batch's ops.
	// Default 1 MiB.
	MaxBytes int
	// InFlight is the number of batches (or single ops) that may be under way
	// at once. Default 1.
	InFlight int
	Replay   Replay
	Swap     Swap
	// TargetDecides says that the target itself matches: a Put without a
	// Target creates or changes as the target finds right.
	TargetDecides bool
}

// KindSchema is the schema of one kind.
type KindSchema struct {
	// Attributes the target has. Empty: any.
	Attributes map[string]AttributeSchema
	// Deactivate says that objects of this kind can be deactivated. Without
	// it, leavers whose policy is to deactivate are kept and listed.
	Deactivate bool
	// Delete says that objects of this kind can be deleted.
	Delete bool
	// MemberKinds are the kinds that a group takes as members. Empty: all that
	// the target takes.
	MemberKinds []Kind
}

// AttributeSchema is the schema of one attribute.
type AttributeSchema struct {
	Required   bool
	MaxLength  int // 0: any
	Unit       LengthUnit
	CreateOnly bool // written when the object is made, and not again
	ReadOnly   bool // never written
	Unique     bool // at most one object of the kind has a value; case is folded unless CaseExact
	Multi      bool // takes several values
	Reference  bool // holds other objects' ids
	CaseExact  bool // "Ada" and "ada" are different values
	Naming     bool // people know the object by it: changing it is a rename
}

// LengthUnit says how a target counts length.
type LengthUnit uint8

// The units. The zero value counts code points.
const (
	Runes LengthUnit = iota
	UTF16
	Bytes
)

// String names the unit in the plural.
func (u LengthUnit) String() string {
	return [...]string{"characters", "UTF-16 units", "bytes", "units"}[u&3]
}

// Replay says what a target does when it gets the same op twice.
type Replay uint8

const (
	// ReplayNone: it would have the effect twice. The engine reads back before
	// it sends such an op again. This is the zero value.
	ReplayNone Replay = iota
	// ReplayKeyed: it recognises Op.Key (or OpBatch.Key) and answers again.
	ReplayKeyed
	// ReplayByExternalID: a repeated create finds the object by the anchor
	// that the first one stored, and every other op is idempotent.
	ReplayByExternalID
)

// Swap says what a target can do when objects exchange a unique value.
type Swap uint8

const (
	// SwapNone: it cannot; a swap is a conflict. This is the zero value.
	SwapNone Swap = iota
	// SwapAtomic: ops of one batch with the same Op.Swap take effect at once.
	SwapAtomic
	// SwapPark: the engine may set one value aside first, in an op of its own.
	SwapPark
)
