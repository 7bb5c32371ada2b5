package sqlstate

import (
	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/packed"
)

// op packs one op of a plan.
func (e *encoder) op(op *adsync.PlannedOp) {
	e.Byte(byte(op.Phase))
	e.Byte(byte(op.Verb))
	e.Byte(byte(op.Intent))
	e.Byte(byte(op.Kind))
	e.Byte(byte(op.State))
	e.Bool(op.Left)
	e.String(op.Source)
	e.String(string(op.Anchor))
	e.String(op.Container)
	e.Raw(op.Link[:])
	e.Uint(op.Generation)
	e.String(string(op.Target))
	hash(e, op.Base)
	hash(e, op.Digest)
	hash(e, op.Identity)
	e.attributes(op.Full)
	e.attributes(op.Old)
	packed.Strings(&e.Writer, op.Add)
	packed.Strings(&e.Writer, op.Remove)
	packed.Strings(&e.Writer, op.RemoveTargets)
	e.Int(int64(op.Part))
	e.Bool(op.Follows)
	e.Int(int64(op.Swap))
	e.Time(op.Due)
	e.String(op.Replaces.Source)
	hash(e, op.Replaces.Key)
	e.String(op.Shares.Source)
	hash(e, op.Shares.Key)
	e.String(op.Note)
	e.String(op.Origin)
	e.Int(int64(op.Ahead))
}

func (d *decoder) op() (op adsync.PlannedOp) {
	op.Phase = adsync.Phase(d.Byte())
	op.Verb = adsync.Verb(d.Byte())
	op.Intent = adsync.Intent(d.Byte())
	op.Kind = adsync.Kind(d.Byte())
	op.State = adsync.LinkState(d.Byte())
	op.Left = d.Bool()
	op.Source = d.String()
	op.Anchor = adsync.Anchor(d.String())
	if d.form >= withEffects {
		op.Container = d.String()
	}
	d.Raw(op.Link[:])
	op.Generation = d.Uint()
	op.Target = adsync.TargetID(d.String())
	op.Base = readHash[adsync.Digest](d)
	op.Digest = readHash[adsync.Digest](d)
	op.Identity = readHash[adsync.LinkKey](d)
	op.Full = d.attributes()
	op.Old = d.attributes()
	op.Add = packed.ReadStrings[adsync.Anchor](d.Reader)
	op.Remove = packed.ReadStrings[adsync.Anchor](d.Reader)
	op.RemoveTargets = packed.ReadStrings[adsync.TargetID](d.Reader)
	op.Part = int(d.Int())
	op.Follows = d.Bool()
	op.Swap = int(d.Int())
	op.Due = d.Time()
	op.Replaces = adsync.LinkRef{Source: d.String(), Key: readHash[adsync.LinkKey](d)}
	op.Shares = adsync.LinkRef{Source: d.String(), Key: readHash[adsync.LinkKey](d)}
	op.Note = d.String()
	if d.form >= withOrigin {
		op.Origin = d.String()
	}
	if d.form >= withAhead {
		op.Ahead = int(d.Int())
	}
	return op
}

// hash packs 16 bytes; an unset hash takes one byte.
func hash[H ~[16]byte](e *encoder, v H) {
	e.Bool(v != H{})
	if v != (H{}) {
		b := [16]byte(v)
		e.Raw(b[:])
	}
}

func readHash[H ~[16]byte](d *decoder) (v H) {
	if d.Bool() {
		var b [16]byte
		d.Raw(b[:])
		v = H(b)
	}
	return v
}
