package customsink_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/examples/customsink"
	"github.com/adsync/sdk/sink/sinktest"
)

var _ adsync.Sink = customsink.PhoneBook{}

// book is the vendor's system: entries of fields, by id.
type book struct {
	*httptest.Server
	mu     sync.Mutex
	people map[string]map[string][]string
}

func newBook() *book {
	b := &book{people: map[string]map[string][]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /people/{id}", b.put)
	mux.HandleFunc("PATCH /people/{id}", b.known(b.put))
	mux.HandleFunc("POST /people/{id}", b.known(func(_ http.ResponseWriter, r *http.Request) {
		b.people[r.PathValue("id")]["active"] = []string{"false"}
	}))
	mux.HandleFunc("DELETE /people/{id}", b.known(func(_ http.ResponseWriter, r *http.Request) {
		delete(b.people, r.PathValue("id"))
	}))
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	return b
}

// known answers 404 for entries that are not there.
func (b *book) known(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if b.people[r.PathValue("id")] == nil {
			http.Error(w, "no such entry", http.StatusNotFound)
			return
		}
		next(w, r)
	}
}

func (b *book) put(w http.ResponseWriter, r *http.Request) {
	var fields map[string][]string
	if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	id := r.PathValue("id")
	if b.people[id] == nil {
		b.people[id] = map[string][]string{}
	}
	for name, values := range fields {
		if b.people[id][name] = values; len(values) == 0 {
			delete(b.people[id], name)
		}
	}
}

// read shows the kit what the phone book holds.
func (b *book) read(context.Context, adsync.Kind) ([]adsync.Target, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []adsync.Target
	for id, fields := range b.people {
		t := adsync.Target{ID: adsync.TargetID(id), Kind: adsync.User}
		for name, values := range fields {
			t.Attrs.Set(name, values...)
		}
		t.Inactive = t.Attrs.Get(adsync.AttrActive) == "false"
		out = append(out, t)
	}
	return out, nil
}

func TestPhoneBookKeepsTheContract(t *testing.T) {
	sinktest.Run(t, sinktest.Config{New: func(t testing.TB) sinktest.Target {
		b := newBook()
		t.Cleanup(b.Close)
		return sinktest.Target{Sink: customsink.PhoneBook{URL: b.URL}, Read: b.read}
	}})
}

func ExamplePhoneBook() {
	b := newBook()
	defer b.Close()
	sink := customsink.PhoneBook{URL: b.URL}

	op := adsync.Op{Verb: adsync.Put, Kind: adsync.User, Anchor: "ada"}
	op.Set.Set("title", "Engineer")
	op.Set.Set("fax")
	receipt, err := sink.Apply(context.Background(), op)
	fmt.Println(receipt.Target, err)

	_, err = sink.Apply(context.Background(), adsync.Op{Verb: adsync.Delete, Kind: adsync.User, Target: "bob"})
	fmt.Println(adsync.CodeOf(err), err)
	// Output:
	// ada <nil>
	// not-found phone book: delete of bob: 404 Not Found
}
