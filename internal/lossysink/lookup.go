package lossysink

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/adsync/sdk/adsync"
)

// lookup is for people, who can find what no program can. It never fails.
func (s *Server) lookup(w http.ResponseWriter, r *http.Request) {
	var anchor adsync.Anchor
	if err := json.NewDecoder(r.Body).Decode(&anchor); err != nil {
		http.Error(w, "whom?", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var found adsync.TargetID
	for id, o := range s.objects {
		if o.external == anchor {
			found = id
		}
	}
	json.NewEncoder(w).Encode(found)
}

// Lookup gives the id of an object as a person finds it, who looks for
// somebody; the second value tells whether there is one.
func Lookup(ctx context.Context, url string, anchor adsync.Anchor) (id adsync.TargetID, found bool, err error) {
	body, err := json.Marshal(anchor)
	if err != nil {
		return "", false, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/lookup", bytes.NewReader(body))
	if err != nil {
		return "", false, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", false, err
	}
	defer resp.Body.Close()
	err = json.NewDecoder(resp.Body).Decode(&id)
	return id, id != "", err
}
