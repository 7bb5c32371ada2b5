package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/adsync/sdk/adsync"
)

// screen is what a person sees. With -json it shows the report only.
type screen struct {
	out, err io.Writer
	json     bool
	planOnly bool
	reverts  int64 // the run to undo, or 0
	own      bool  // the directory is one's own, and not the made-up one
	live     bool  // standard error is a terminal
	drawn    bool
}

func newScreen(o *options, stdout, stderr io.Writer) *screen {
	return &screen{out: stdout, err: stderr, json: o.json, planOnly: o.planOnly, reverts: o.revert, own: o.url != "", live: isTerminal(stderr)}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (s *screen) line(format string, args ...any) {
	if !s.json {
		fmt.Fprintf(s.out, format+"\n", args...)
	}
}

// text prints a sentence over as many lines as it needs.
func (s *screen) text(indent, format string, args ...any) {
	s.line("%s", wrapped(indent, printable(fmt.Sprintf(format, args...))))
}

// begin says what is read and where it goes.
func (s *screen) begin(d *directory, f *folder) {
	s.line("directory   %s", printable(d.says))
	s.line("target      %s", printable(f.target()))
	s.line("remembered  %s", printable(f.state()))
	s.line("")
}

// progress draws how far it has come over one line of standard error.
func (s *screen) progress(p adsync.Progress) {
	if !s.live {
		return
	}
	s.drawn = true
	if p.Total > 0 {
		fmt.Fprintf(s.err, "\r\x1b[K%s: %d of %d", p.Stage, p.Done, p.Total)
	} else {
		fmt.Fprintf(s.err, "\r\x1b[K%s: %d", p.Stage, p.Done)
	}
}

func (s *screen) progressDone() {
	if s.drawn {
		fmt.Fprint(s.err, "\r\x1b[K")
		s.drawn = false
	}
}

// report shows how it ended, and what waits for a person.
func (s *screen) report(r *adsync.Report) {
	s.progressDone()
	if !s.json {
		s.issues(r)
		s.result(r)
		return
	}
	text, err := json.Marshal(r)
	if err != nil {
		fmt.Fprintln(s.err, "quickstart:", err)
		return
	}
	fmt.Fprintf(s.out, "%s\n", text)
}
