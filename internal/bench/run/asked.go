package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
)

// listenIn lets the source begin a read through a relay, and takes down what it
// asks: the limits in C and go-ldap's loop are to ask for the same.
func listenIn(ctx context.Context, s setting) (filter string, attributes []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	defer l.Close()
	heard := make(chan *ber.Packet, 1)
	go relay(ctx, l, strings.TrimPrefix(s.url, "ldap://"), heard)
	s.url = "ldap://" + l.Addr().String()
	if err := begin(ctx, s); err != nil {
		return "", nil, err
	}
	select {
	case search := <-heard:
		return asked(search)
	case <-ctx.Done():
		return "", nil, errors.New("the source sent no paged search")
	}
}

// begin reads the first batch.
func begin(ctx context.Context, s setting) error {
	from := source(s, everything)
	if err := from.Open(ctx); err != nil {
		return err
	}
	defer from.Close()
	for _, err := range from.Read(ctx, request(s)) {
		return err
	}
	return errors.New("the source gave nothing")
}

func request(s setting) adsync.ReadRequest {
	return adsync.ReadRequest{Kinds: []adsync.Kind{adsync.User}, Attributes: mapper(s).Attributes()}
}

// relay passes on all connections and listens to what the client sends.
func relay(ctx context.Context, l net.Listener, to string, heard chan<- *ber.Packet) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(ctx, "tcp", to)
		if err != nil {
			client.Close()
			return
		}
		context.AfterFunc(ctx, func() { client.Close(); server.Close() })
		go func() { defer client.Close(); _, _ = io.Copy(client, server) }()
		go func() { defer server.Close(); listen(io.TeeReader(client, server), heard) }()
	}
}

// listen reads the client's messages to their end and gives the first paged
// search of a subtree.
func listen(client io.Reader, heard chan<- *ber.Packet) {
	for {
		message, err := ber.ReadPacket(client)
		if err != nil {
			return
		}
		if len(message.Children) < 3 || message.Children[1].Tag != goldap.ApplicationSearchRequest {
			continue
		}
		search := message.Children[1]
		scope, _ := search.Children[1].Value.(int64)
		if scope != goldap.ScopeWholeSubtree {
			continue
		}
		select {
		case heard <- search:
		default:
		}
	}
}

// asked takes a search request apart (RFC 4511, section 4.5.1).
func asked(search *ber.Packet) (filter string, attributes []string, err error) {
	if len(search.Children) != 8 {
		return "", nil, fmt.Errorf("a search request of %d parts", len(search.Children))
	}
	if filter, err = goldap.DecompileFilter(search.Children[6]); err != nil {
		return "", nil, err
	}
	for _, a := range search.Children[7].Children {
		attributes = append(attributes, a.Data.String())
	}
	return filter, attributes, nil
}
