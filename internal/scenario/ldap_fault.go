package scenario

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/adsync/sdk/internal/fakedir"
)

// doWrong makes a directory go wrong, at its first controller, from now on:
//
//	none
//	hide ATTRIBUTE…           a right to read is withdrawn
//	hide-deleted              deletions cannot be seen
//	answer PAGE CODE          that page of a search ends with a result code
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
	switch {
	case what == "none":
		return nil
	case what == "hide":
		server.HideAttributes(args...)
		return nil
	case what == "hide-deleted":
		return server.Revoke(server.BindDN(), fakedir.ListDeleted)
	case len(args) != 2:
		return fmt.Errorf("%q is nothing that goes wrong, or lacks something", what)
	}
	first, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	switch what {
	case "refuse-bind":
		server.RefuseBinds(first, args[1])
	case "answer":
		code, err := strconv.Atoi(args[1])
		server.Inject(fakedir.Fault{Paged: true, Search: first, Code: code, Diagnostic: "made up"})
		return err
	default:
		return fmt.Errorf("%q is nothing that goes wrong", what)
	}
	return nil
}
