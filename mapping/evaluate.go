package mapping

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
)

// values gives the result as the values of an attribute.
func (e *expression) values(s *scratch, multi Multi) ([]string, error) {
	result, err := e.run(s, multi)
	if err != nil {
		return nil, err
	}
	return texts(result)
}

// holds gives the result of a condition.
func (e *expression) holds(s *scratch) (bool, error) {
	result, err := e.run(s, One)
	yes, _ := result.(bool)
	return yes, err
}

// run gives the result for the object in s.
func (e *expression) run(s *scratch, multi Multi) (any, error) {
	for _, in := range e.inputs {
		value, err := in.value(s.slots[in.slot], multi)
		if err != nil {
			return nil, err
		}
		s.env[in.name] = value
	}
	out, err := s.vm.Run(e.program, s.env)
	if err != nil {
		return nil, runError(err)
	}
	return out, nil
}

func (in input) value(s slot, multi Multi) (any, error) {
	if in.form == isPresent {
		return len(s.values) > 0, nil
	}
	for _, v := range s.values {
		if !utf8.ValidString(v) {
			return nil, fmt.Errorf("%s: %w", in.name, errNotText)
		}
	}
	if in.form == allValues {
		return s.values, nil
	}
	if len(s.values) > 1 && multi != First {
		return nil, misfit{fmt.Errorf("%s has %d values where one is expected; say multi: first, or read it with valuesOf", in.name, len(s.values))}
	}
	if len(s.values) == 0 {
		return "", nil
	}
	return s.values[0], nil
}

// safeCauses are the causes that hold no values, which are personal.
var safeCauses = []string{"index out of range", "memory budget exceeded", "there is no such table"}

// runError gives the place in the expression, and the cause where it is safe.
func runError(err error) error {
	f, ok := errors.AsType[*file.Error](err)
	if !ok {
		return misfit{errors.New("the expression fails")}
	}
	cause := ""
	for _, c := range safeCauses {
		if strings.Contains(f.Message, c) {
			cause = ": " + c
		}
	}
	return misfit{fmt.Errorf("the expression fails at %d:%d%s%s", f.Line, f.Column+1, cause, f.Snippet)}
}

// texts turns a result into values.
func texts(result any) ([]string, error) {
	switch v := result.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{v}, nil
	case []string:
		return v, nil
	case bool:
		return []string{strconv.FormatBool(v)}, nil
	case int:
		return []string{strconv.Itoa(v)}, nil
	case []any:
		return textList(v)
	}
	return nil, misfit{fmt.Errorf("the expression gives %T; an attribute takes text, a list of texts, a whole number, or true and false", result)}
}

func textList(list []any) ([]string, error) {
	out := make([]string, 0, len(list))
	for _, item := range list {
		s, ok := item.(string)
		if !ok {
			return nil, misfit{fmt.Errorf("the expression gives a list with %T in it; an attribute takes texts", item)}
		}
		out = append(out, s)
	}
	return out, nil
}
