package ldap

import (
	"context"
	"errors"

	goldap "github.com/go-ldap/ldap/v3"

	asn1 "github.com/go-asn1-ber/asn1-ber"

	"github.com/adsync/sdk/source/ldap/internal/ber"
	"github.com/adsync/sdk/source/ldap/internal/wire"
)

// ownSearcher reads the socket itself.
type ownSearcher struct {
	c    *conn
	wire *wire.Conn
}

type ownPending struct {
	o   ownSearcher
	r   request
	req *wire.Request
	err error
}

func (o ownSearcher) begin(r request, ahead bool) pending {
	p := &ownPending{o: o, r: r}
	var q ber.Search
	if q, p.err = r.encoded(); p.err == nil {
		p.req, p.err = o.wire.Search(q)
	}
	if p.err == nil && ahead {
		p.req.Ahead()
	}
	return p
}

func (p *ownPending) abandon() {
	if p.err == nil {
		p.req.Abandon()
	}
}

func (p *ownPending) whole(ctx context.Context) (answer, error) {
	a, err := p.answer(ctx)
	if err != nil {
		return answer{}, p.o.c.failed(ctx, p.r.doing, err)
	}
	return a, nil
}

func (p *ownPending) answer(ctx context.Context) (a answer, err error) {
	if p.err != nil {
		return a, ownFault(p.err)
	}
	got, err := p.req.Wait(ctx)
	if err == nil {
		err = saysNo(got.Result)
	}
	if err != nil {
		return a, ownFault(err)
	}
	a.bytes, a.release, a.entries = got.Bytes, got.Release, make([]entry, len(got.Entries))
	for i, e := range got.Entries {
		a.entries[i] = entry{e.DN, e.Attributes}
	}
	a.controls, err = decodeControls(got.Controls)
	return a, err
}

func (o ownSearcher) stream(ctx context.Context, r request, take func(*entry, []goldap.Control) error) error {
	q, err := r.encoded()
	if err != nil {
		return err
	}
	req, err := o.wire.Stream(q)
	if err != nil {
		return ownFault(err)
	}
	got, err := req.Each(ctx, func(e wire.Event) error { return handOn(e, take) })
	if err == nil {
		err = saysNo(got.Result)
	}
	if err != nil {
		return ownFault(err)
	}
	controls, err := decodeControls(got.Controls)
	if err == nil && len(controls) > 0 {
		err = take(nil, controls)
	}
	return err
}

// handOn gives one message the form that go-ldap gives it.
func handOn(e wire.Event, take func(*entry, []goldap.Control) error) error {
	controls, err := decodeControls(e.Controls)
	if e.Intermediate != nil {
		controls, err = decodeControls([]ber.Control{{Whole: e.Intermediate}})
	}
	if err != nil {
		return err
	}
	if e.Entry == nil {
		return take(nil, controls)
	}
	return take(&entry{e.Entry.DN, e.Entry.Attributes}, controls)
}

func (o ownSearcher) whoAmI(ctx context.Context) (string, error) {
	result, err := o.wire.Extended(ctx, oidWhoAmI)
	switch {
	case err != nil:
		return "", o.c.failed(ctx, doingWhoAmI, ownFault(err))
	case result.Code != goldap.LDAPResultSuccess: // it offers this and does not do it
		return "", nil
	}
	return string(result.Value), nil
}

// encoded is the request as it goes to the server, but for its number.
func (r *request) encoded() (ber.Search, error) {
	filter, err := goldap.CompileFilter(r.filter)
	if err != nil {
		return ber.Search{}, err
	}
	q := ber.Search{Base: r.base, Scope: r.scope, Deref: goldap.NeverDerefAliases, Filter: filter.Bytes(), Attrs: r.attrs}
	for _, c := range r.controls {
		q.Controls = append(q.Controls, c.Encode().Bytes())
	}
	return q, nil
}

// decodeControls leaves what a control means to go-ldap, in both forms.
func decodeControls(list []ber.Control) (out []goldap.Control, err error) {
	for _, c := range list {
		if state := usualSyncState(c); state != nil {
			out = append(out, state)
			continue
		}
		packet, err := asn1.DecodePacketErr(c.Whole)
		if err != nil {
			return nil, err
		}
		control, err := goldap.DecodeControl(packet)
		if err != nil {
			return nil, err
		}
		out = append(out, control)
	}
	return out, nil
}

// saysNo makes a result that is no success the error that go-ldap makes of it.
func saysNo(r ber.Result) error {
	if r.Code == goldap.LDAPResultSuccess {
		return nil
	}
	return &goldap.Error{ResultCode: r.Code, MatchedDN: r.MatchedDN, Err: errors.New(r.Text)}
}

// ownFault gives an answer that was too large the error that it has here.
func ownFault(err error) error {
	if errors.Is(err, wire.ErrTooLarge) {
		return errPageTooLarge
	}
	return err
}
