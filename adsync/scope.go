package adsync

import "errors"

var errTwoSelections = errors.New("both the job and the target select, and their selections cannot be joined; leave the job's Scope empty, or switch the target's off")

// narrow joins the job's selection with the target's, which may take away and
// never add. Two selections of one sort cannot be joined here.
func narrow(ours, theirs *Scope) (*Scope, error) {
	switch {
	case theirs == nil:
		return ours, nil
	case ours == nil:
		return theirs, nil
	}
	out := *ours
	if len(theirs.Units) > 0 {
		if len(ours.Units) > 0 {
			return nil, errTwoSelections
		}
		out.Units = theirs.Units
	}
	if theirs.Filter != "" {
		if ours.Filter != "" {
			return nil, errTwoSelections
		}
		out.Filter = theirs.Filter
	}
	if len(theirs.Groups) > 0 {
		if len(ours.Groups) > 0 {
			return nil, errTwoSelections
		}
		out.Groups = theirs.Groups
	}
	return &out, nil
}
