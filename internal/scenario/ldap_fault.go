package scenario

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/fakedir"
)

// doWrong makes a directory go wrong, at its first controller:
//
//	none
//	blind                     every search succeeds and finds nothing
//	hide ATTRIBUTE…           a right to read is withdrawn
//	hide-below UNIT           a unit reads as empty
//	hide-deleted              deletions cannot be seen
//	cut SEARCH AFTER          the connection breaks in a paged search
//	end SEARCH AFTER          the server says too early that it was all
//	answer SEARCH CODE        a paged search ends with a result code
//	round-cut N               the connection breaks in a round of DirSync
//	refuse-cookie CODE        the position of the last read is not taken back
//	refuse-bind CODE TEXT     whoever binds is told this
func (w *world) doWrong(args, _ []string) (string, error) {
	if len(args) < 2 || w.place(args[0]) == nil {
		return "", errors.New("wrong NAME WHAT, of a directory that ldap started")
	}
	return ok, w.place(args[0]).wrong(args[1], args[2:])
}

func (p *place) wrong(what string, args []string) error {
	server := p.servers[0]
	server.Heal()
	numbers := make([]int, 3)
	for i := range min(len(args), len(numbers)) {
		numbers[i], _ = strconv.Atoi(args[i])
	}
	fault := fakedir.Fault{Paged: true, Search: numbers[0], After: numbers[1]}
	switch what {
	case "none":
		return nil
	case "blind":
		server.Blind()
		return nil
	case "hide":
		server.HideAttributes(args...)
		return nil
	case "hide-below":
		return server.HideBelow(p.below(strings.Join(args, "")))
	case "hide-deleted":
		return server.Revoke(server.BindDN(), fakedir.ListDeleted)
	case "refuse-bind":
		server.RefuseBinds(numbers[0], strings.Join(args[1:], " "))
		return nil
	case "cut":
		fault.Cut = true
	case "end":
	case "answer":
		fault.Code, fault.After = numbers[1], 0
	case "round-cut":
		fault = fakedir.Fault{DirSync: true, Search: numbers[0], Cut: true}
	case "refuse-cookie":
		fault = fakedir.Fault{DirSync: true, Continued: true, Code: numbers[0], Times: -1}
	default:
		return fmt.Errorf("%q is nothing that goes wrong", what)
	}
	server.Inject(fault)
	return nil
}
