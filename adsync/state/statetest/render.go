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
		return fmt.Sprintf("%x", v.Interface())
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
		if !v.Field(i).IsZero() {
			parts = append(parts, v.Type().Field(i).Name+":"+renderValue(v.Field(i)))
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
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
