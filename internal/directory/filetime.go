package directory

import (
	"errors"
	"math"
	"strconv"
	"time"
)

const (
	ticksPerSecond = 10_000_000
	// epochSeconds is from 1601-01-01 to 1970-01-01.
	epochSeconds = 11_644_473_600
	// lastTick is the end of the year 9999, after which RFC 3339 has no form.
	lastTick = (253_402_300_800+epochSeconds)*ticksPerSecond - 1
)

// Filetime reads a count of 100 ns since 1601 in decimal digits. It gives
// false for the two values that mean never, 0 and 2⁶³-1, and for anything
// after the year 9999, which can mean nothing else.
func Filetime(value string) (at time.Time, ok bool, err error) {
	ticks, err := strconv.ParseInt(value, 10, 64)
	switch {
	case err != nil:
		return time.Time{}, false, errors.New("not a whole number of 64 bits")
	case ticks < 0:
		return time.Time{}, false, errors.New("a time before 1601")
	case ticks == 0 || ticks == math.MaxInt64 || ticks > lastTick:
		return time.Time{}, false, nil
	}
	return time.Unix(ticks/ticksPerSecond-epochSeconds, ticks%ticksPerSecond*100).UTC(), true, nil
}

// FiletimeText gives the time in RFC 3339, UTC, or "" for never. Fractions of
// a second are dropped.
func FiletimeText(value string) (string, error) {
	at, ok, err := Filetime(value)
	if !ok {
		return "", err
	}
	return at.Format(time.RFC3339), nil
}
