package ldap

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/adsync/sdk/adsync"
)

// cursorVersion changes when the meaning of a cursor does.
const cursorVersion = 1

// cursor is where the next read of changes starts. It is text for the engine,
// and nothing that a person has to understand.
type cursor struct {
	Version int    `json:"v"`
	Rung    string `json:"rung"`
	// Print is what the cursor was taken under; see fingerprint.
	Print fingerprint `json:"print"`
	// Server is its name, Invocation the identity of its database.
	Server     string `json:"server,omitempty"`
	Invocation string `json:"invocation,omitempty"`
	// Context is the naming context that the changes are of.
	Context  string `json:"context,omitempty"`
	Position []byte `json:"position"`
	// At is the server's own time of the read, zero where it does not say.
	At time.Time `json:"at,omitzero"`
	// Blind says what the rung does not see, empty when it sees everything;
	// Partly that it sees only what the account may read. Swept is when all objects
	// were last seen, by our own clock.
	Blind  string    `json:"blind,omitempty"`
	Partly bool      `json:"partly,omitempty"`
	Swept  time.Time `json:"swept,omitzero"`
	// Canaries are objects that the account could see; see canaries.
	Canaries canaries `json:"canaries,omitempty"`
	// Why says, for the report, why no better rung was taken.
	Why []string `json:"why,omitempty"`
}

// why gives the reasons for the report.
func (c cursor) why() []string {
	why := slices.Clone(c.Why)
	if c.Partly {
		why = append(why, c.Rung+" does not see who is moved to where the account may not look; a look at all objects finds them, as of "+c.Swept.Format(time.RFC3339))
	}
	if c.Blind != "" {
		why = append(why, c.Rung+" "+c.Blind)
	}
	return why
}

func (c cursor) encode() (adsync.Cursor, error) {
	c.Version = cursorVersion
	text, err := json.Marshal(c)
	if err != nil {
		return "", adsync.Errorf(adsync.CodeOther, "ldap: writing the cursor: %w", err)
	}
	return adsync.Cursor(base64.RawURLEncoding.EncodeToString(append(checksum(text), text...))), nil
}

// checksum comes before the text of a cursor. Servers take damaged positions for
// good ones, of another time, and then say that nothing changed.
func checksum(text []byte) []byte {
	sum := sha256.Sum256(text)
	return sum[:8]
}

// decodeCursor reads what encode wrote. Whatever else it is given, the answer
// is that the cursor is gone: a full read is always right.
func decodeCursor(text adsync.Cursor) (c cursor, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(string(text))
	size := min(len(raw), len(checksum(nil)))
	sum, raw := raw[:size], raw[size:]
	switch {
	case err != nil || !bytes.Equal(sum, checksum(raw)):
		return cursor{}, gone("the cursor was not written by this source, or was damaged")
	case json.Unmarshal(raw, &c) != nil || c.Version != cursorVersion:
		return cursor{}, gone("the cursor was written by another version of this program")
	case c.Rung == "" || len(c.Position) == 0:
		return cursor{}, gone("the cursor names no position")
	}
	return c, nil
}

// gone asks the engine for a full read in place of the changes.
func gone(format string, args ...any) error {
	return adsync.Errorf(adsync.CodeGone, "ldap: "+format, args...)
}
