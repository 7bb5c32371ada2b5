package customsink

import (
	"bytes"
	"context"
	"net/http"
	"net/url"

	"github.com/adsync/sdk/adsync"
)

type PhoneBook struct{ URL string } // writes people to the phone book at URL

func (p PhoneBook) Apply(ctx context.Context, op adsync.Op) (r adsync.Receipt, err error) {
	method := map[adsync.Verb]string{adsync.Put: "PATCH", adsync.Deactivate: "POST", adsync.Delete: "DELETE"}[op.Verb]
	if op.Target == "" {
		method, op.Target = "PUT", adsync.TargetID(op.Anchor)
	}
	body, _ := op.Set.MarshalJSON() // attributes always marshal
	req, err := http.NewRequestWithContext(ctx, method, p.URL+"/people/"+url.PathEscape(string(op.Target)), bytes.NewReader(body))
	if err != nil {
		return r, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return r, err // the engine knows a network error without a code
	}
	defer answer.Body.Close()
	if codes := (map[int]adsync.Code{400: adsync.CodeInvalid, 404: adsync.CodeNotFound, 503: adsync.CodeUnavailable}); answer.StatusCode >= 300 {
		return r, adsync.Errorf(codes[answer.StatusCode], "phone book: %s of %s: %s", op.Verb, op.Target, answer.Status)
	}
	return adsync.Receipt{Target: op.Target}, nil
}
