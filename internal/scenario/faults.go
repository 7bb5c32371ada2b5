package scenario

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/adsync/sdk/adsync"
)

func (w *world) doFault(args, _ []string) (string, error) {
	if len(args) < 2 {
		return "", errors.New("fault SOURCE WHAT")
	}
	d := w.source(args[0])
	d.fault = fault{cut: -1}
	return ok, w.faultSource(&d.fault, args[1], args[2:])
}

// faultSource sets what goes wrong in the reads from now on:
//
//	none
//	cut N                 the read ends after N changes, without Done
//	fails CODE [N]        the same with an error
//	nothing               success, and not one object
//	unreadable-base       says the witness
//	resync                the position of the last read is not taken back
//	without ATTRIBUTE     no object has it any more
//	broken NAME…          these cannot be read
func (w *world) faultSource(f *fault, what string, args []string) (err error) {
	switch what {
	case "none":
	case "nothing":
		f.nothing = true
	case "resync":
		f.resync = true
	case "unreadable-base":
		f.base = "no such object"
	case "cut":
		f.cut, err = strconv.Atoi(strings.Join(args, ""))
	case "fails":
		return f.fails(args)
	case "without":
		f.without = strings.Join(args, "")
	case "broken":
		f.broken = map[adsync.Anchor]bool{}
		for _, name := range args {
			f.broken[w.names.anchor(name)] = true
		}
	default:
		return fmt.Errorf("%q is no fault", what)
	}
	return err
}

func (f *fault) fails(args []string) (err error) {
	if len(args) == 0 {
		return errors.New("fails CODE [N]")
	}
	code, err := codeOf(args[0])
	f.err, f.cut = adsync.Errorf(code, "the directory says %s", args[0]), 0
	if err == nil && len(args) > 1 {
		f.cut, err = strconv.Atoi(args[1])
	}
	return err
}

func codeOf(word string) (adsync.Code, error) {
	for c := adsync.CodeOther; c <= adsync.CodeIncomplete; c++ {
		if c.String() == word {
			return c, nil
		}
	}
	return 0, fmt.Errorf("%q is no code", word)
}

func (w *world) doRefuse(args, _ []string) (string, error) {
	if len(args) < 2 {
		return "", errors.New("refuse NAME CODE [PROBLEM]")
	}
	code, err := codeOf(args[1])
	if err != nil {
		return "", err
	}
	refusal := adsync.Errorf(code, "the target says %s", args[1])
	if len(args) > 2 {
		refusal.Problem = args[2]
	}
	w.refuse[w.names.anchor(args[0])] = refusal
	return ok, nil
}

func (w *world) doLose(args, _ []string) (string, error) {
	for _, name := range args {
		w.lose[w.names.anchor(name)] = true
	}
	return ok, nil
}

func (w *world) doDeaf(args, _ []string) (string, error) {
	for _, name := range args {
		w.deaf[w.names.anchor(name)] = true
	}
	return ok, nil
}

func (w *world) doHeal(_, _ []string) (string, error) {
	clear(w.deaf)
	clear(w.refuse)
	clear(w.lose)
	return ok, nil
}
