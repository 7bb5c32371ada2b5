package state_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/adsync/state"
)

// A job keeps its state in a file of its own.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	store, err := state.Open(filepath.Join(dir, "state.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	job := adsync.Job{Target: "panel", State: store} // and sources, a mapper, a sink
	fmt.Println(job.Target)
	// Output: panel
}

// A program that has an SQLite database already keeps the state in it.
func ExampleNew() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1) // a database in memory belongs to one connection
	defer db.Close()

	store, err := state.New(db, "sync_")
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	panel, err := store.Open(ctx, "panel")
	if err != nil {
		log.Fatal(err)
	}
	defer panel.Close()
	if err := panel.Acquire(ctx, "example", time.Minute); err != nil {
		log.Fatal(err)
	}
	run, err := panel.Begin(ctx, time.Now())
	fmt.Println(run, err)
	// Output: 1 <nil>
}

// An operator looks whether a copy of the state is sound.
func ExampleStore_Check() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	defer db.Close()
	store, err := state.New(db, "")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Check(context.Background()))
	// Output: <nil>
}
