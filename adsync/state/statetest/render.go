package statetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/adsync/sdk/adsync"
)

// render writes a value so that two values read the same exactly when a store
// may give one for the other: nil and empty lists are the same, instants are
// compared as instants, and every exported field counts.
func render(v any) string { return renderValue(reflect.ValueOf(v)) }

func renderValue(v reflect.Value) string {
	switch x := valueOf(v).(type) {
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	case adsync.Attributes:
		return renderAttributes(x)
	}
	switch v.Kind() {
	case reflect.Struct:
		return renderStruct(v)
	case reflect.Map:
		return renderMap(v)
	case reflect.Slice:
		return renderList(v)
	case reflect.Array:
		return renderBytes(v)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return renderValue(v.Elem())
	case reflect.String:
		return fmt.Sprintf("%q", v.String())
	case reflect.Invalid:
		return "nil"
	}
	return fmt.Sprintf("%#v", v.Interface())
}

func valueOf(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	return v.Interface()
}

func renderStruct(v reflect.Value) string {
	var parts []string
	for i := range v.NumField() {
		if text := renderValue(v.Field(i)); !v.Field(i).IsZero() && text != "[]" && text != "{}" && text != "<>" {
			parts = append(parts, v.Type().Field(i).Name+":"+text)
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func renderBytes(v reflect.Value) string {
	var b strings.Builder
	for i := range v.Len() {
		fmt.Fprintf(&b, "%02x", v.Index(i).Uint())
	}
	return b.String()
}

func renderMap(v reflect.Value) string {
	var parts []string
	for _, key := range v.MapKeys() {
		parts = append(parts, renderValue(key)+":"+renderValue(v.MapIndex(key)))
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, " ") + "}"
}

func renderList(v reflect.Value) string {
	parts := make([]string, v.Len())
	for i := range parts {
		parts[i] = renderValue(v.Index(i))
	}
	return "[" + strings.Join(parts, " ") + "]"
}

func renderAttributes(a adsync.Attributes) string {
	var parts []string
	for name, values := range a.All() {
		parts = append(parts, fmt.Sprintf("%q=%q", name, values))
	}
	return "<" + strings.Join(parts, " ") + ">"
}

// difference shows two texts around the place where they part.
func difference(got, want string) string {
	const before, after = 80, 240
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	cut := func(s string) string {
		from, to := max(0, at-before), min(len(s), at+after)
		return strings.Repeat("…", min(from, 1)) + strings.ToValidUTF8(s[from:to], "?") + strings.Repeat("…", min(len(s)-to, 1))
	}
	return "\n got " + cut(got) + "\nwant " + cut(want)
}
