package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	packets "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

// outcome is what came of an answer, in a form in which two readers compare.
type outcome struct {
	Entries    []string
	References []string
	Events     []string // of a stream: with intermediates and controls, in order
	Controls   []string
	Code       uint16
	Text       string
}

func (o *outcome) entry(dn string, names []string, values [][]string) {
	line := fmt.Sprintf("%q", dn)
	for i, n := range names {
		line += fmt.Sprintf(" %q=%q", n, values[i])
	}
	o.Entries = append(o.Entries, line)
}

// play answers one request with these bytes, and ends.
func play(sent []byte) net.Conn {
	here, there := net.Pipe()
	go func() {
		defer there.Close()
		_ = there.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := packets.ReadPacket(there); err == nil {
			_, _ = io.Copy(there, bytes.NewReader(sent))
		}
	}()
	return here
}

func theirs(sent []byte) (o outcome, err error) {
	l := goldap.NewConn(play(sent), true)
	l.Start()
	defer l.Close()
	r, err := l.Search(goldap.NewSearchRequest("dc=example,dc=com", 2, 0, 0, 0, false, "(objectClass=*)", nil, nil))
	if r == nil {
		return o, err
	}
	for _, e := range r.Entries {
		o.goEntry(e)
	}
	o.References, o.Code, o.Text = append(o.References, r.Referrals...), r.ResultCode, r.DiagnosticMessage
	for _, c := range r.Controls {
		o.Controls = append(o.Controls, c.String())
	}
	if o.Code != 0 {
		err = nil // the answer is whole, and says no
	}
	return o, err
}

func (o *outcome) goEntry(e *goldap.Entry) {
	var names []string
	var values [][]string
	for _, a := range e.Attributes {
		names, values = append(names, a.Name), append(values, a.Values)
	}
	o.entry(e.DN, names, values)
}

func ours(sent []byte) (o outcome, err error) {
	c := New(play(sent), usual)
	c.last = 0
	defer c.Close()
	filter, _ := goldap.CompileFilter("(objectClass=*)")
	r, err := c.Search(ber.Search{Base: "dc=example,dc=com", Scope: 2, Filter: filter.Bytes()})
	if err != nil {
		return o, err
	}
	answer, err := r.Wait(context.Background())
	if err != nil {
		return o, err
	}
	for _, e := range answer.Entries {
		o.berEntry(&e)
	}
	for _, list := range answer.References {
		o.References = append(o.References, list[0])
	}
	o.Code, o.Text = answer.Result.Code, answer.Result.Text
	if o.Code == 0 {
		o.Controls, err = decoded(answer.Controls)
	}
	return o, err
}

func (o *outcome) berEntry(e *ber.Entry) {
	var names []string
	var values [][]string
	for _, a := range e.Attributes {
		names, values = append(names, a.Name), append(values, a.Values)
	}
	o.entry(e.DN, names, values)
}

// decoded reads controls as who uses this package does.
func decoded(list []ber.Control) (out []string, err error) {
	for _, c := range list {
		text, err := decode(c.Whole)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

func decode(whole []byte) (string, error) {
	p, err := packets.DecodePacketErr(whole)
	if err != nil {
		return "", err
	}
	c, err := goldap.DecodeControl(p)
	if err != nil {
		return "", err
	}
	return c.String(), nil
}

// theirStream and ourStream read the answer as it comes.
func theirStream(sent []byte) (o outcome, err error) {
	l := goldap.NewConn(play(sent), true)
	l.Start()
	defer l.Close()
	r := l.SearchAsync(context.Background(), goldap.NewSearchRequest("dc=example,dc=com", 2, 0, 0, 0, false, "(objectClass=*)", nil, nil), 0)
	for r.Next() {
		if e := r.Entry(); e != nil {
			o.goEntry(e)
		}
		if ref := r.Referral(); ref != "" {
			o.References = append(o.References, ref)
		}
		for _, c := range r.Controls() {
			o.Events = append(o.Events, fmt.Sprintf("%d %s", len(o.Entries), c))
		}
	}
	return o, r.Err()
}

func ourStream(sent []byte) (o outcome, err error) {
	c := New(play(sent), usual)
	c.last = 0
	defer c.Close()
	filter, _ := goldap.CompileFilter("(objectClass=*)")
	r, err := c.Stream(ber.Search{Base: "dc=example,dc=com", Scope: 2, Filter: filter.Bytes()})
	if err != nil {
		return o, err
	}
	answer, err := r.Each(context.Background(), o.event)
	if err == nil && answer.Result.Code != 0 {
		return o, goldap.NewError(answer.Result.Code, errors.New(answer.Result.Text))
	}
	ends, fault := decoded(answer.Controls)
	for _, c := range ends {
		o.Events = append(o.Events, fmt.Sprintf("%d %s", len(o.Entries), c))
	}
	return o, errors.Join(err, fault)
}

func (o *outcome) event(e Event) error {
	if e.Entry != nil {
		o.berEntry(e.Entry)
	}
	if len(e.References) > 0 && e.References[0] != "" {
		o.References = append(o.References, e.References[0])
	}
	list, err := decoded(e.Controls)
	if e.Intermediate != nil {
		list = []string{""}
		list[0], err = decode(e.Intermediate)
	}
	for _, c := range list {
		o.Events = append(o.Events, fmt.Sprintf("%d %s", len(o.Entries), c))
	}
	return err
}

// agree holds the two readers to the same outcome. Ours may refuse what is no
// LDAP though go-ldap takes it, and must say so. It may pass over bytes inside
// of what it does not look at, of which go-ldap cannot make sense.
func agree(t *testing.T, sent []byte) {
	t.Helper()
	want, theirErr := theirs(sent)
	got, ourErr := ours(sent)
	check(t, sent, want, got, theirErr, ourErr)
	want, theirErr = theirStream(sent)
	got, ourErr = ourStream(sent)
	if theirErr != nil && strings.Contains(theirErr.Error(), "unknown tag") {
		return // go-ldap passes over it in one of its two ways only
	}
	check(t, sent, want, got, theirErr, ourErr)
}

func check(t *testing.T, sent []byte, want, got outcome, theirErr, ourErr error) {
	t.Helper()
	switch {
	case ourErr == nil && theirErr == nil:
		require.Equal(t, want, got, "%x", sent)
	case ourErr == nil:
		require.True(t, senseless(sent), "go-ldap says %v to %x", theirErr, sent)
	case theirErr == nil:
		require.True(t, refuses(ourErr), "ours says %v to %x", ourErr, sent)
	}
}

func refuses(err error) bool {
	_, notice := errors.AsType[*Disconnected](err)
	return notice || errors.Is(err, ber.ErrMalformed) || errors.Is(err, ErrTooLarge)
}

// senseless tells a stream with bytes that the other library cannot decode.
func senseless(sent []byte) bool {
	for r := bytes.NewReader(sent); r.Len() > 0; {
		if _, err := packets.ReadPacket(r); err != nil {
			return true
		}
	}
	return false
}

// answers are what servers send, and should not send.
func answers() map[string][]byte {
	paging := goldap.NewControlPaging(0)
	paging.SetCookie([]byte("next"))
	state := string(sequence(packets.NewInteger(packets.ClassUniversal, packets.TypePrimitive, packets.TagEnumerated, 1, ""), octets("0123456789abcdef")))
	syncDone := string(sequence(octets("rid=000,csn=x"), packets.NewBoolean(packets.ClassUniversal, packets.TypePrimitive, packets.TagBoolean, true, "")))
	a, b := message(1, entry("cn=a,dc=x", []string{"cn", "a"}, []string{"sn"}, []string{"photo;binary", "\x00\xff", ""})), message(1, entry("", []string{"member;range=0-1", "x", "y"}))
	reference := message(1, operation(19, octets("ldap://a/"), octets("ldap://b/")))
	done := message(1, result(5, 0, ""))
	notice := message(0, result(24, 52, "going down", notification(oidDisconnection)))
	withState := message(1, entry("cn=a"), controls(goldap.NewControlString(goldap.ControlTypeSyncState, false, state)))
	info := message(1, between("1.3.6.1.4.1.4203.1.9.1.4", "\x80\x03abc"))
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	return map[string][]byte{
		"nothing": nil, "the end": done, "entries": join(a, b, done), "entries without end": join(a, b),
		"references": join(reference, a, reference, done), "an end of others": join(a, message(2, result(5, 0, "")), b, done),
		"size limit": join(a, message(1, result(5, 4, "enough"))), "referral": message(1, result(5, 10, "elsewhere", tagged(packets.ClassContext, 3, octets("ldap://c/")))),
		"paged": join(a, message(1, result(5, 0, "", []*packets.Packet{}...), controls(paging))), "unknown control": join(a, message(1, result(5, 0, "said"), controls(goldap.NewControlString("1.2.3", true, "v"), paging))),
		"a control that cannot be": join(a, message(1, result(5, 0, ""), controls(goldap.NewControlString(goldap.ControlTypePaging, false, "\x30\x00")))),
		"notice first":             join(notice, a, done), "notice then": join(a, notice), "another notice": join(message(0, result(24, 0, "", notification("1.2.3"))), a, done),
		"sync":               join(withState, info, message(1, result(5, 0, ""), controls(goldap.NewControlString(goldap.ControlTypeSyncDone, false, syncDone)))),
		"unknown operations": join(message(1, operation(9, octets("x"))), a, message(1, operation(30)), done), "extended response": join(message(1, result(24, 0, "")), a, done),
		"two ends": join(a, done, b, done), "long lengths": []byte("\x30\x88\x00\x00\x00\x00\x00\x00\x00\x0c\x02\x01\x01\x65\x07\x0a\x01\x00\x04\x00\x04\x00"),
		"indefinite": []byte("\x30\x80\x02\x01\x01\x65\x07\x0a\x01\x00\x04\x00\x04\x00\x00\x00"), "code 65536": message(1, result(5, 1<<16, "")),
		"deep": join(message(1, deep(200)), done), "a large entry": join(message(1, entry("cn=g", append([]string{"member"}, strings.Fields(strings.Repeat("cn=somebody,dc=x ", 9000))...))), done),
		"context class": join(message(1, tagged(packets.ClassContext, 4, octets("cn=a"))), done), "not LDAP": []byte("HTTP/1.1 400 Bad Request\r\n\r\n"),
		"more than a result": message(1, result(5, 0, "", octets("a"), octets("b"))), "60 MB": []byte("\x30\x84\x03\x90\x00\x00\x02\x01\x01\x64"),
	}
}

func sequence(parts ...*packets.Packet) []byte {
	return tagged(packets.ClassUniversal, packets.TagSequence, parts...).Bytes()
}

func deep(levels int) *packets.Packet {
	p := octets("down here")
	for range levels {
		p = tagged(packets.ClassContext, 5, p)
	}
	return operation(9, p)
}

func TestBothReadersAgree(t *testing.T) {
	for name, sent := range answers() {
		t.Run(name, func(t *testing.T) { agree(t, sent) })
	}
}

// Cut anywhere, neither takes an answer for whole.
func TestBothReadersAgreeOnWhatIsCut(t *testing.T) {
	for _, name := range []string{"entries", "references", "paged", "sync", "referral"} {
		whole := answers()[name]
		for end := range len(whole) {
			_, err := ours(whole[:end])
			require.Error(t, err, "%s, %d bytes", name, end)
			_, err = ourStream(whole[:end])
			require.Error(t, err, "%s, %d bytes", name, end)
		}
		for end := 0; end < len(whole); end += 7 {
			agree(t, whole[:end])
		}
	}
}

// A byte here and there is another, or gone, or twice.
func TestBothReadersAgreeOnWhatIsSpoilt(t *testing.T) {
	var list [][]byte
	for _, name := range slices.Sorted(maps.Keys(answers())) {
		if sent := answers()[name]; len(sent) > 0 && len(sent) < 4096 {
			list = append(list, sent)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 1500 {
		sent := slices.Clone(list[random.IntN(len(list))])
		for range 1 + random.IntN(2) {
			at := random.IntN(len(sent))
			switch random.IntN(4) {
			case 0:
				sent[at] = byte(random.Uint32())
			case 1:
				sent[at] ^= 1 << random.IntN(8)
			case 2:
				sent = slices.Insert(sent, at, sent[at])
			case 3:
				sent = append(sent[:at], sent[min(at+1, len(sent)-1):]...)
			}
		}
		agree(t, sent)
	}
}

func FuzzBothReadersAgree(f *testing.F) {
	for _, sent := range answers() {
		if len(sent) < 4096 {
			f.Add(sent)
		}
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		if len(sent) < 1<<16 {
			agree(t, sent)
		}
	})
}
