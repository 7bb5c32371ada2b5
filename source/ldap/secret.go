package ldap

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
)

// maxSecret bounds a secret's file: a password, not a document.
const maxSecret = 64 << 10

// Secret says where a password comes from. It is fetched anew at each bind, so
// that a rotated password needs no restart, and it is never kept. However a
// Secret is printed, logged or encoded, only its origin shows.
//
// The zero Secret is none.
type Secret struct {
	from string
	// A function, not the value: printing a struct shows unexported fields,
	// and a function shows as an address.
	read func(context.Context) (string, error)
}

// SecretFile reads the secret from a file, without the line break at its end.
// A file that the group or others may read is refused, other than on Windows,
// where the file's access list is the administrator's business.
func SecretFile(path string) Secret {
	return Secret{from: "file " + path, read: func(context.Context) (string, error) { return readSecret(path) }}
}

// SecretEnv takes the secret from an environment variable.
func SecretEnv(name string) Secret {
	return Secret{from: "environment " + name, read: func(context.Context) (string, error) {
		value, ok := os.LookupEnv(name)
		if !ok || value == "" {
			return "", fmt.Errorf("the environment variable %s is not set", name)
		}
		return value, nil
	}}
}

// SecretFunc asks a function, such as one that reads a vault. The function's
// error text must not hold the secret.
func SecretFunc(read func(context.Context) (string, error)) Secret {
	return Secret{from: "function", read: read}
}

// IsZero tells whether there is no secret.
func (s Secret) IsZero() bool { return s.read == nil }

// String gives the origin and never the value.
func (s Secret) String() string {
	if s.read == nil {
		return "no secret"
	}
	return "redacted (" + s.from + ")"
}

// Format prints what String gives, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText writes what String gives.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON writes what String gives.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// LogValue logs what String gives.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

func (s Secret) reveal(ctx context.Context) (string, error) {
	if s.read == nil {
		return "", nil
	}
	return s.read(ctx)
}

func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := private(f, path); err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxSecret {
		return "", fmt.Errorf("%s is larger than %d bytes: this is no password file", path, maxSecret)
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if value == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	return value, nil
}

// privateFile judges a file that something else will read.
func privateFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return private(f, path)
}

// private judges the open file, not the path, so that nobody can exchange it
// in between.
func private(f *os.File, path string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file", path)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s may be read by others (mode %04o): run chmod 600 on it", path, info.Mode().Perm())
	}
	return nil
}
