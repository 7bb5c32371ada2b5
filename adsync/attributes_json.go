package adsync

import (
	"encoding/base64"
	"encoding/json"
	"unicode/utf8"
)

// binaryValue is how a value that is no UTF-8 stands in JSON.
type binaryValue struct {
	Base64 string `json:"base64"`
}

// MarshalJSON writes an object of arrays, in order of names. A value that is
// not UTF-8 is written as {"base64": "…"}.
func (a Attributes) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, e := range a.list {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(e.Name)
		if err != nil {
			return nil, err
		}
		out = append(append(out, name...), ':')
		if out, err = appendValues(out, e.Values); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

func appendValues(out []byte, values []string) ([]byte, error) {
	out = append(out, '[')
	for i, v := range values {
		if i > 0 {
			out = append(out, ',')
		}
		var value any = v
		if !utf8.ValidString(v) {
			value = binaryValue{base64.StdEncoding.EncodeToString([]byte(v))}
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		out = append(out, text...)
	}
	return append(out, ']'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (a *Attributes) UnmarshalJSON(text []byte) error {
	var raw map[string][]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	list := make([]Attribute, 0, len(raw))
	for name, items := range raw {
		values, err := parseValues(items)
		if err != nil {
			return err
		}
		list = append(list, Attribute{Name: name, Values: values})
	}
	*a = MakeAttributes(list...)
	return nil
}

func parseValues(items []json.RawMessage) ([]string, error) {
	values := make([]string, 0, len(items))
	for _, item := range items {
		var s string
		if json.Unmarshal(item, &s) == nil {
			values = append(values, s)
			continue
		}
		var b binaryValue
		if err := json.Unmarshal(item, &b); err != nil {
			return nil, err
		}
		bytes, err := base64.StdEncoding.DecodeString(b.Base64)
		if err != nil {
			return nil, err
		}
		values = append(values, string(bytes))
	}
	return values, nil
}

// IsZero lets omitzero leave empty attributes out.
func (a Attributes) IsZero() bool { return len(a.list) == 0 }
