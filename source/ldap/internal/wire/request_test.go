package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/source/ldap/internal/ber"
)

func search(t *testing.T, c *Conn) *Request {
	t.Helper()
	r, err := c.Search(everybody(t))
	require.NoError(t, err)
	return r
}

func TestAnAnswerIsWholeWithItsEnd(t *testing.T) {
	c, server := connect(t, usual)
	r := search(t, c)
	id, tag := server.asked()
	require.EqualValues(t, 3, tag)
	server.entry(id, "cn=a")
	server.send(message(id, operation(19, octets("ldap://other/"))), message(id, between("1.2.3", "x")), message(id, operation(9)), message(id+7, entry("cn=of another")))
	server.entry(id, "cn=b")
	server.done(id)
	answer, err := r.Wait(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"cn=a", "cn=b"}, namesOf(answer))
	require.Equal(t, [][]string{{"ldap://other/"}}, answer.References)
	require.Zero(t, answer.Result)
}

func namesOf(a Answer) (list []string) {
	for _, e := range a.Entries {
		list = append(list, e.DN)
	}
	return list
}

// Whatever ends an answer before its end, there is none.
func TestAnAnswerWithoutItsEndIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		then func(*peer, int64)
		is   error
	}{
		"closed":            {func(p *peer, _ int64) { p.Close() }, io.EOF},
		"cut in a message":  {func(p *peer, id int64) { p.send(message(id, entry("cn=b"))[:9]); p.Close() }, io.ErrUnexpectedEOF},
		"no LDAP":           {func(p *peer, _ int64) { p.send([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }, ber.ErrMalformed},
		"too much":          {func(p *peer, id int64) { p.send(message(id, entry("cn=b", []string{"a", strings.Repeat("x", 3<<10)}))) }, ErrTooLarge},
		"too much in all":   {func(p *peer, id int64) { p.send(big(id), big(id), big(id)) }, ErrTooLarge},
		"the end of others": {func(p *peer, id int64) { p.done(id + 1); p.Close() }, io.EOF},
	} {
		for _, ahead := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " ahead ", ahead), func(t *testing.T) {
				conn, server := connect(t, Limits{Time: time.Minute, Bytes: 3 << 10})
				r := search(t, conn)
				if ahead {
					r.Ahead()
				}
				id, _ := server.asked()
				server.entry(id, "cn=a")
				c.then(server, id)
				answer, err := r.Wait(t.Context())
				require.ErrorIs(t, err, c.is)
				require.Empty(t, answer)
				_, err = conn.Search(everybody(t))
				require.ErrorIs(t, err, c.is, "and the connection is not used again")
			})
		}
	}
}

func big(id int64) []byte {
	return message(id, entry("cn=b", []string{"a", strings.Repeat("x", 1500)}))
}

func TestANoticeOfDisconnectionIsTheError(t *testing.T) {
	c, server := connect(t, usual)
	r := search(t, c)
	id, _ := server.asked()
	server.entry(id, "cn=a")
	server.send(message(0, result(24, 0, "", notification("1.2.3.4"))), message(0, operation(9)), message(0, result(24, 52, "going down", notification(oidDisconnection))))
	_, err := r.Wait(t.Context())
	notice, ok := errors.AsType[*Disconnected](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, Disconnected{52, "going down"}, *notice)
}

// A context that ends makes the answer none, tells the server and closes.
func TestCancelling(t *testing.T) {
	why := errors.New("enough")
	for _, ahead := range []bool{false, true} {
		c, server := connect(t, usual)
		ctx, cancel := context.WithCancelCause(t.Context())
		r := search(t, c)
		if ahead {
			r.Ahead()
		}
		id, _ := server.asked()
		server.entry(id, "cn=a")
		go cancel(why)
		answer, err := r.Wait(ctx)
		require.ErrorIs(t, err, why)
		require.Empty(t, answer)
		_, tag := server.asked()
		require.EqualValues(t, 16, tag, "an AbandonRequest")
		_, err = server.Read(make([]byte, 1))
		require.Error(t, err, "the connection is closed")
	}
}

// Also when all of it had come.
func TestAnAnswerIsNotGivenAfterTheContextEnded(t *testing.T) {
	c, server := connect(t, usual)
	ctx, cancel := context.WithCancel(t.Context())
	r := search(t, c)
	r.Ahead()
	id, _ := server.asked()
	server.done(id)
	<-r.done
	cancel()
	_, err := r.Wait(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

// Requests of one connection do not wait for each other, whoever reads.
func TestRequestsAnsweredInAnyOrder(t *testing.T) {
	c, server := connect(t, usual)
	var list []*Request
	for i := range 5 {
		r := search(t, c)
		if list = append(list, r); i%2 == 0 {
			r.Ahead()
		}
		server.asked()
	}
	for _, id := range []int64{3, 1, 5, 2, 4, 2, 5, 1, 3, 4} {
		server.entry(id, fmt.Sprintf("cn=%d", id))
	}
	for _, id := range []int64{4, 1, 5, 3, 2} {
		server.done(id)
		answer, err := list[id-1].Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprintf("cn=%d", id), fmt.Sprintf("cn=%d", id)}, namesOf(answer))
	}
}

// The one that reads may be done long before the others.
func TestTheTurnToReadIsHandedOn(t *testing.T) {
	c, server := connect(t, usual)
	first, second := search(t, c), search(t, c)
	first.Ahead()
	second.Ahead()
	server.done(1)
	_, err := first.Wait(t.Context())
	require.NoError(t, err)
	server.entry(2, "cn=a")
	server.done(2)
	answer, err := second.Wait(t.Context())
	require.NoError(t, err)
	require.Len(t, answer.Entries, 1)
}

// After a request was given up the connection serves the next.
func TestAbandoning(t *testing.T) {
	c, server := connect(t, usual)
	r := search(t, c)
	r.Ahead()
	id, _ := server.asked()
	server.entry(id, "cn=a")
	r.Abandon()
	_, tag := server.asked()
	require.EqualValues(t, 16, tag)
	_, err := r.Wait(t.Context())
	require.ErrorIs(t, err, ErrClosed)
	next := search(t, c)
	server.entry(id, "cn=late")
	server.done(id)
	id, _ = server.asked()
	server.entry(id, "cn=b")
	server.done(id)
	answer, err := next.Wait(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"cn=b"}, namesOf(answer))
}

func TestEachGivesMessagesAsTheyCome(t *testing.T) {
	c, server := connect(t, usual)
	r, err := c.Stream(everybody(t))
	require.NoError(t, err)
	id, _ := server.asked()
	seen := make(chan Event)
	go func() {
		server.entry(id, "cn=a")
		require.Equal(t, "cn=a", (<-seen).Entry.DN)
		server.send(message(id, between("1.2.3", "x")), message(id, operation(19, octets("ldap://other/"))))
		require.Equal(t, between("1.2.3", "x").Bytes(), (<-seen).Intermediate)
		require.Equal(t, []string{"ldap://other/"}, (<-seen).References)
		server.done(id)
	}()
	answer, err := r.Each(t.Context(), func(e Event) error {
		seen <- e
		return nil
	})
	require.NoError(t, err)
	require.Zero(t, answer.Result)
}

func TestAStreamEndsWithAnErrorOfItsReader(t *testing.T) {
	c, server := connect(t, usual)
	r, err := c.Stream(everybody(t))
	require.NoError(t, err)
	id, _ := server.asked()
	server.entry(id, "cn=a")
	fault := errors.New("cannot use it")
	_, err = r.Each(t.Context(), func(Event) error { return fault })
	require.ErrorIs(t, err, fault)
	_, tag := server.asked()
	require.EqualValues(t, 16, tag)
}

func TestExtendedRequests(t *testing.T) {
	c, server := connect(t, usual)
	go func() {
		id, _ := server.asked()
		server.entry(id, "cn=out of place")
		value := notification("dn:cn=me")
		value.Tag = 11
		server.send(message(id, result(24, 0, "", value)))
	}()
	r, err := c.Extended(t.Context(), "1.3.6.1.4.1.4203.1.11.3")
	require.NoError(t, err)
	require.Equal(t, "dn:cn=me", string(r.Value))
}
