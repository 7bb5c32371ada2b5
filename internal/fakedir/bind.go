package fakedir

import (
	"strconv"
	"strings"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// Sub-codes of a refused bind, as Active Directory writes them into the
// diagnostic message in hexadecimal: Windows error numbers.
const (
	subNoSuchUser   = "525"
	subBadPassword  = "52e"
	subDisabled     = "533"
	subExpired      = "701"
	subMustChange   = "773"
	subLockedOut    = "775"
	diagBindRefused = "80090308: LdapErr: DSID-0C090449, comment: AcceptSecurityContext error, data "
)

// notBound is what a search without a bind is told.
const notBound = "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind " +
	"must be completed on the connection., data 0, v4563\x00"

func (s *session) bind(id int64, b *wire.Bind) {
	s.who = nil
	s.pages.forget()
	s.send(wire.AppendBind(nil, id, s.login(b)))
}

func (s *session) login(b *wire.Bind) wire.Result {
	switch {
	case b.Version != 3:
		return wire.Result{Code: codeProtocolError, Diagnostic: "only LDAP version 3 is spoken"}
	case b.Mechanism != "":
		return wire.Result{Code: codeAuthMethod, Diagnostic: "00002027: LdapErr: DSID-0C090590, " +
			"comment: Invalid Authentication method, data 0, v4563"}
	case b.Password == "": // anonymous, with or without a name (RFC 4513 section 5.1)
		return wire.Result{}
	case !s.secure:
		return wire.Result{Code: codeStrongAuth, Diagnostic: "00002028: LdapErr: DSID-0C090276, comment: The server " +
			"requires binds to turn on integrity checking if SSL\\TLS are not already active on the connection, data 0, v4563\x00"}
	}
	if told := s.srv.faults.refusedBind(); told.Code != 0 {
		return told
	}
	s.srv.mu.RLock()
	defer s.srv.mu.RUnlock()
	e := s.srv.account(b.Name)
	if sub := s.srv.refusal(e, b.Password); sub != "" {
		return wire.Result{Code: codeInvalidCredentials, Diagnostic: diagBindRefused + sub + ", v4563\x00"}
	}
	s.who = e
	return wire.Result{}
}

// account finds who is meant by a DN, a user principal name, DOMAIN\name or
// name@DOMAIN. A bare account name means nobody.
func (s *Server) account(name string) *entry {
	if e := s.view.at(name); e != nil && !e.deleted && strings.Contains(name, "=") {
		return e
	}
	domain, login, found := strings.Cut(name, `\`)
	if found && !strings.EqualFold(domain, s.netbios()) {
		return nil
	}
	if !found {
		at := strings.LastIndexByte(name, '@')
		if at < 0 {
			return nil
		}
		login, domain = name[:at], name[at+1:]
		if !strings.EqualFold(domain, s.netbios()) && !strings.EqualFold(domain, s.cfg.Domain) {
			login = ""
		}
	}
	return s.named(login, name)
}

func (s *Server) named(login, upn string) *entry {
	account, principal := must("sAMAccountName"), must("userPrincipalName")
	for e := range s.view.all() {
		if e.deleted {
			continue
		}
		if login != "" && strings.EqualFold(first(e.get(account)), login) || strings.EqualFold(first(e.get(principal)), upn) {
			return e
		}
	}
	return nil
}

// refusal gives the sub-code, or "" when the bind is good. A wrong password
// tells nothing about the account.
func (s *Server) refusal(e *entry, password string) string {
	switch {
	case e == nil:
		return subNoSuchUser
	case e.password == "" || e.password != password:
		return subBadPassword
	case e.int("lockoutTime") > 0:
		return subLockedOut
	case e.int("userAccountControl")&uacDisabled != 0:
		return subDisabled
	case e.int("accountExpires") > 0 && e.int("accountExpires") < ticks(s.view.now):
		return subExpired
	case first(e.get(must("pwdLastSet"))) == "0":
		return subMustChange
	}
	return ""
}

func (e *entry) int(name string) int64 {
	n, err := strconv.ParseInt(first(e.get(must(name))), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
