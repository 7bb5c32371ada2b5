// Package phone is a normaliser of phone numbers for package mapping. It is a
// package of its own because the numbering plans of the world take 6 MB: only
// a program that hands its normaliser to a map links them.
//
//	m, err := mapping.Load(text, mapping.With(phone.Format{Region: "DE"}.Normalizer()))
//
// Rules then name it: normalize: [text, phone]. It knows numbering plans, not
// who holds a number or whether it can be called.
package phone

import (
	"errors"
	"fmt"

	"github.com/nyaruka/phonenumbers"

	"github.com/adsync/sdk/mapping"
)

// Style is how numbers are written.
type Style uint8

const (
	// E164 is digits with a leading plus sign: +493012345.
	E164 Style = iota
	// International has spaces: +49 30 12345.
	International
	// National leaves the country code out: 030 12345.
	National
)

// Format says how numbers are read and written.
type Format struct {
	// Region is the country of numbers without a country code, in two letters
	// (ISO 3166-1). Empty: only numbers with a plus sign can be read.
	Region string
	// Style is how a number is written. The zero value is E164.
	Style Style
	// Refuse makes a number that cannot be read, or that no numbering plan
	// has, an error of the object. Otherwise it is kept as it was typed.
	Refuse bool
}

// version is part of the map's digest. It changes with this package and with
// the numbering plans.
const version = "1/phonenumbers-1.8.1"

// Normalizer gives the normaliser "phone". An extension stays behind the
// number: +493012345 x12.
func (f Format) Normalizer() mapping.Normalizer {
	return mapping.Normalizer{
		Name:    "phone",
		Version: fmt.Sprintf("%s/%s/%d/%t", version, f.Region, f.Style, f.Refuse),
		Value:   f.format,
	}
}

func (f Format) format(typed string) (string, error) {
	number, err := phonenumbers.Parse(typed, f.Region)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		if f.Refuse {
			return "", errors.New("the value is no phone number; write it with its country code, such as +49 30 12345")
		}
		return typed, nil
	}
	extension := number.GetExtension()
	number.Extension = nil
	written := phonenumbers.Format(number, f.style())
	if extension != "" {
		written += " x" + extension
	}
	return written, nil
}

func (f Format) style() phonenumbers.PhoneNumberFormat {
	switch f.Style {
	case International:
		return phonenumbers.INTERNATIONAL
	case National:
		return phonenumbers.NATIONAL
	}
	return phonenumbers.E164
}
