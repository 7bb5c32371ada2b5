package statetest

import (
	"fmt"
	"reflect"
	"time"

	"github.com/adsync/sdk/adsync"
)

// instant gives the n-th instant of a time that only the kit knows. Instants
// have nanoseconds: a store that cuts them off would see changes where there
// are none.
func instant(n int) time.Time {
	return time.Date(2031, 3, 5, 7, 9, 11, 100_203_007, time.UTC).Add(time.Duration(n) * time.Hour)
}

// filled gives a T whose every field, also inside lists and maps, holds
// something of its own, so that a field that is lost or mixed up shows. Fields
// that the contract gets one day are covered without a change here.
func filled[T any](seed int) T {
	var v T
	n := seed
	fill(reflect.ValueOf(&v).Elem(), &n)
	return v
}

func fill(v reflect.Value, n *int) {
	*n++
	if fillKnown(v, *n) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Map:
		fillMap(v, n)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(*n+i) % 256)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("Zoë \"%d\" \\ ' %%s", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8: // a named constant
		v.SetUint(uint64(*n%3 + 1))
	case reflect.Uint64, reflect.Uint32, reflect.Uint:
		v.SetUint(uint64(*n) << 20)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(int64(*n) << 10)
	default:
		panic("statetest: cannot fill " + v.Type().String())
	}
}

func fillKnown(v reflect.Value, n int) bool {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(instant(n)))
	case adsync.Attributes:
		v.Set(reflect.ValueOf(person(n)))
	default:
		return false
	}
	return true
}

func fillMap(v reflect.Value, n *int) {
	v.Set(reflect.MakeMap(v.Type()))
	for range 2 {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, n)
		fill(value, n)
		v.SetMapIndex(key, value)
	}
}

// person gives the attributes of a made-up person.
func person(n int) adsync.Attributes {
	return adsync.MakeAttributes(
		adsync.Attribute{Name: "displayName", Values: []string{fmt.Sprintf("Zoë Number %d", n)}},
		adsync.Attribute{Name: "mail", Values: []string{fmt.Sprintf("p%d@example.com", n)}},
		adsync.Attribute{Name: "proxyAddresses", Values: []string{"smtp:a@example.com", "", "smtp:b@example.com"}},
		adsync.Attribute{Name: "telephoneNumber"}, // asks to be cleared
		adsync.Attribute{Name: "thumbnailPhoto", Values: []string{"\x00\xff\xfe\x80 no text"}},
	)
}

// key gives the n-th key in key order.
func key(n int) adsync.LinkKey {
	return adsync.LinkKey{0: byte(n >> 8), 1: byte(n), 15: 0x2a}
}

// link gives a plain link under the n-th key.
func link(n int) adsync.Link {
	return adsync.Link{
		Source: src, Key: key(n), Anchor: adsync.Anchor(fmt.Sprintf("anchor-%d", n)), Kind: adsync.User,
		Target: adsync.TargetID(fmt.Sprintf("t%d", n)), Generation: 1, Applied: person(n),
	}
}

func links(ns ...int) []adsync.Link {
	list := make([]adsync.Link, len(ns))
	for i, n := range ns {
		list[i] = link(n)
	}
	return list
}

func member(group, m int, waiting bool) adsync.MembershipOf {
	return adsync.MembershipOf{Source: src, Membership: adsync.Membership{Group: key(group), Member: key(m), Waiting: waiting}}
}

func issue(anchor, code, attr string, run int64) adsync.Issue {
	return adsync.Issue{
		Source: src, Anchor: adsync.Anchor(anchor), Kind: adsync.User, Code: adsync.IssueCode(code), Attr: attr,
		Detail: "made up", Run: run,
	}
}

func op(n int) adsync.PlannedOp {
	return adsync.PlannedOp{
		Phase: adsync.PhasePeople, Verb: adsync.Put, Intent: adsync.IntentCreate, Kind: adsync.User,
		Source: src, Anchor: adsync.Anchor(fmt.Sprintf("anchor-%d", n)), Link: key(n), Full: person(n),
	}
}

func batch(n int, ops ...int) adsync.PlanBatch {
	b := adsync.PlanBatch{N: n}
	for _, i := range ops {
		b.Ops = append(b.Ops, op(i))
	}
	return b
}
