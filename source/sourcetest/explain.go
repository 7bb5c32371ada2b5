package sourcetest

import "github.com/adsync/sdk/adsync"

// explainChecks are for sources that implement adsync.ScopeExplainer; others
// pass them.
var explainChecks = []Check{
	{Name: "explain/who is read is in scope", run: func(s *subject) {
		explainer, ok := s.source.(adsync.ScopeExplainer)
		objects := s.full(s.request()).objects()
		for n, c := range objects {
			if !ok || n == 5 {
				return
			}
			r := s.request()
			r.Only = []adsync.Anchor{c.Object.Anchor}
			found, err := explainer.ExplainScope(s.Context(), r, "")
			s.must(err, "ExplainScope")
			if len(found) == 0 || found[0].Change.Object.Anchor != c.Object.Anchor {
				s.Errorf("%s %s is in a read, and ExplainScope does not know it", c.Object.Kind, c.Object.Anchor)
				return
			}
			s.inScope(found[0], c)
		}
	}},
	{Name: "explain/nobody is made up", run: func(s *subject) {
		explainer, ok := s.source.(adsync.ScopeExplainer)
		if !ok {
			return
		}
		r := s.request()
		found, err := explainer.ExplainScope(s.Context(), r, "a name that nobody has 00000000dead")
		if err != nil || len(found) > 0 {
			s.Errorf("a name that nobody has was answered with %d objects, error %v", len(found), err)
		}
		r.Only = []adsync.Anchor{"00000000-0000-4000-8000-00000000dead"}
		if found, err = explainer.ExplainScope(s.Context(), r, ""); err != nil || len(found) > 0 {
			s.Errorf("an anchor that nobody has was answered with %d objects, error %v", len(found), err)
		}
	}},
}

// inScope holds a sighting against what a read shows of the same object.
func (s *subject) inScope(found adsync.Sighting, c adsync.Change) {
	s.Helper()
	if found.Change.Presence != adsync.Present || len(found.Left) > 0 {
		s.Errorf("%s %s is in a read, and ExplainScope says %q leaves it out", c.Object.Kind, c.Object.Anchor, found.Left)
	}
	if found.Change.Members != nil {
		s.Errorf("ExplainScope gives the members of %s; it gives none", c.Object.Anchor)
	}
	s.onlyAsked(found.Change.Object, s.options.attributes)
}
