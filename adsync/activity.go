package adsync

import (
	"strconv"
	"time"

	"github.com/adsync/sdk/internal/protection"
)

// activity is whether an object should be active, as far as that is known.
type activity uint8

const (
	activityUnsaid  activity = iota // the mapping does not speak of it: presence decides
	activityUnknown                 // it speaks of it, and the value is missing
	activityOn
	activityOff
)

// judgeActivity reads and removes the attributes that the engine itself knows.
// A missing AttrActive is unknown where the mapping may give it, and so is any
// value but true and false: an account that lost its userAccountControl to an
// access rule is not active for that.
func judgeActivity(o *Object, speaks bool, now time.Time) (a activity, due time.Time) {
	switch o.Attrs.Get(AttrActive) {
	case "true":
		a = activityOn
	case "false":
		a = activityOff
	default:
		if protection.Unknown.Removed() {
			a = activityOn
		} else if speaks || o.Attrs.Has(AttrActive) {
			a = activityUnknown
		}
	}
	expires := o.Attrs.Get(AttrExpires)
	if o.Attrs.Has(AttrExpires) {
		o.Attrs = o.Attrs.Clone()
		o.Attrs.Delete(AttrExpires)
	}
	at, err := time.Parse(time.RFC3339, expires)
	if err != nil || protection.Expiry.Removed() {
		return a, time.Time{}
	}
	if !at.After(now) {
		o.Attrs = withActive(o.Attrs, false)
		return activityOff, time.Time{}
	}
	return a, at
}

// withActive gives a record that says whether the object is active.
func withActive(record Attributes, on bool) Attributes {
	record = record.Clone()
	record.Set(AttrActive, strconv.FormatBool(on))
	return record
}

// setExpires puts back what judgeActivity took out.
func setExpires(o *Object, due time.Time) {
	if due.IsZero() {
		return
	}
	o.Attrs = o.Attrs.Clone()
	o.Attrs.Set(AttrExpires, due.UTC().Format(time.RFC3339))
}
