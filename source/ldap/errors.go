package ldap

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"unicode"

	goldap "github.com/go-ldap/ldap/v3"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/internal/protection"
	"github.com/adsync/sdk/source/ldap/internal/ber"
	"github.com/adsync/sdk/source/ldap/internal/wire"
)

// isLDAP tells whether the server itself answered with a result code.
func isLDAP(err error) bool {
	e, ok := errors.AsType[*goldap.Error](err)
	return ok && e.ResultCode < goldap.ErrorNetwork
}

// isNetwork tells whether the connection failed, as go-ldap says it: with a
// code of its own, or with text only.
func isNetwork(err error) bool {
	if _, coded := errors.AsType[*adsync.Error](err); coded {
		return false
	}
	e, ok := errors.AsType[*goldap.Error](err)
	return !ok || e.ResultCode == goldap.ErrorNetwork
}

// explain gives an error its code and says what to do about it. The server's
// own words stand at the end.
func explain(host, doing string, err error) error {
	if _, coded := errors.AsType[*adsync.Error](err); coded {
		return err
	}
	if errors.Is(err, errPageTooLarge) {
		return adsync.Errorf(adsync.CodeIncomplete, "ldap: %s: %w; lower PageSize or raise MaxPageBytes", doing, err)
	}
	if isLDAP(err) {
		e, _ := errors.AsType[*goldap.Error](err)
		return answered(host, doing, e)
	}
	if e, ok := errors.AsType[*goldap.Error](err); ok && e.ResultCode == goldap.ErrorFilterCompile {
		return invalid("%s: the filter does not parse: %v", doing, e.Err)
	}
	return unreachable(host, doing, err)
}

func unreachable(host, doing string, err error) error {
	advice := "see that the server runs and that nothing on the way blocks the port"
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return adsync.Errorf(adsync.CodeUnavailable, "ldap: %s: the name %s cannot be resolved; check URL and the name servers", doing, dns.Name)
	}
	_, noticed := errors.AsType[*wire.Disconnected](err)
	switch {
	case noticed:
		advice = "the server is going down, or does not want this connection; see its log"
	case errors.Is(err, ber.ErrMalformed):
		advice = "what answers there does not speak LDAP, or something on the way changes it; check URL"
	case errors.Is(err, os.ErrDeadlineExceeded):
		advice = "the server did not answer in time; if it is slow rather than dead, raise PageTimeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		advice = "the server closed the connection"
	}
	return adsync.Errorf(adsync.CodeUnavailable, "ldap: %s (%s) failed: %s: %w", doing, host, advice, err)
}

// verdict is what a result code (RFC 4511, appendix A) means to us.
type verdict struct {
	code   adsync.Code
	advice string
}

var verdicts = map[uint16]verdict{
	goldap.LDAPResultOperationsError:              {adsync.CodeOther, "the server could not carry it out"},
	goldap.LDAPResultTimeLimitExceeded:            {adsync.CodeIncomplete, "the server's time limit ended the read before its end; narrow BaseDNs or raise the limit"},
	goldap.LDAPResultSizeLimitExceeded:            {adsync.CodeIncomplete, "the server's size limit ended the read before its end; lower PageSize or raise the limit for this account"},
	goldap.LDAPResultAdminLimitExceeded:           {adsync.CodeIncomplete, "a limit of the server ended the read before its end; lower PageSize or raise the limit for this account"},
	goldap.LDAPResultAuthMethodNotSupported:       {adsync.CodeUnauthenticated, "the server does not offer this way to bind"},
	goldap.LDAPResultStrongAuthRequired:           {adsync.CodeUnauthenticated, "the server demands encryption or signing; use ldaps:// or StartTLS"},
	goldap.LDAPResultConfidentialityRequired:      {adsync.CodeUnauthenticated, "the server demands encryption; use ldaps:// or StartTLS"},
	goldap.LDAPResultInappropriateAuthentication:  {adsync.CodeUnauthenticated, "the server does not accept this way to bind for this account"},
	goldap.LDAPResultInvalidCredentials:           {adsync.CodeUnauthenticated, "the name or the password is wrong"},
	goldap.LDAPResultReferral:                     {adsync.CodeIncomplete, "this part of the directory lives on another server, and referrals are never followed; set URL to that server"},
	goldap.LDAPResultUnavailableCriticalExtension: {adsync.CodeUnsupported, "the server does not know a control that the read needs"},
	goldap.LDAPResultNoSuchObject:                 {adsync.CodeIncomplete, "it does not exist, or the account may not see it"},
	goldap.LDAPResultInvalidDNSyntax:              {adsync.CodeInvalid, "the server does not take this distinguished name; check BaseDNs and the scope"},
	goldap.LDAPResultInsufficientAccessRights:     {adsync.CodeDenied, "the account may not do this; give it read rights"},
	goldap.LDAPResultBusy:                         {adsync.CodeUnavailable, "the server is busy; try again later"},
	goldap.LDAPResultUnavailable:                  {adsync.CodeUnavailable, "the server is shutting down or not ready"},
	goldap.LDAPResultUnwillingToPerform:           {adsync.CodeIncomplete, "the server refused; if it was in mid-read, its paging cookie has expired: run again"},
}

func answered(host, doing string, e *goldap.Error) error {
	said := clean(e.Err.Error())
	v, known := verdicts[e.ResultCode]
	if !known {
		v = verdict{adsync.CodeOther, goldap.LDAPResultCodeMap[e.ResultCode]}
	}
	if special, ok := microsoft(e.ResultCode, said); ok && !protection.BindCauses.Removed() {
		v = special
	}
	out := adsync.Errorf(v.code, "ldap: %s (%s) failed: %s; result code %d: %s", doing, host, v.advice, e.ResultCode, said)
	out.Problem = problemNames[e.ResultCode]
	return out
}

var problemNames = map[uint16]string{
	goldap.LDAPResultInvalidCredentials: "bind-refused",
	goldap.LDAPResultReferral:           "base-elsewhere",
	goldap.LDAPResultNoSuchObject:       "base-not-found",
	goldap.LDAPResultInvalidDNSyntax:    "name-invalid",
	goldap.LDAPResultSizeLimitExceeded:  "size-limit",
}

// bindCodes are the sub-codes that Active Directory adds to code 49 as "data
// XXX": Windows error numbers in hexadecimal.
var bindCodes = map[string]string{
	"52e": "the password is wrong (or, on some servers, the name)",
	"525": "the directory does not know this name; use a UPN, DOMAIN\\name or a DN",
	"530": "the account may not log on at this hour; change its logon hours",
	"531": "the account may not log on from this computer; change its list of workstations",
	"532": "the password has expired; set a new one",
	"533": "the account is disabled; enable it",
	"534": "the account lacks the logon right",
	"568": "the account is in too many groups",
	"701": "the account has expired; extend accountExpires",
	"773": "the account must change its password at the next logon; set one without that mark",
	"775": "the account is locked; unlock it, and find out what used a wrong password",
}

// microsoft reads what Active Directory says only in its diagnostic text.
func microsoft(code uint16, said string) (verdict, bool) {
	switch {
	case strings.Contains(said, "80090346"):
		return verdict{adsync.CodeUnauthenticated, "the server demands channel binding (LdapEnforceChannelBinding), which this way to bind does not do; the password may well be right: use a simple bind over ldaps://, or a client certificate"}, true
	case code == goldap.LDAPResultInvalidCredentials:
		if advice, ok := bindCodes[subCode(said)]; ok {
			return verdict{adsync.CodeUnauthenticated, advice}, true
		}
	case code == goldap.LDAPResultOperationsError && strings.Contains(said, "authentication"),
		code == goldap.LDAPResultOperationsError && strings.Contains(said, "successful bind must be completed"):
		return verdict{adsync.CodeUnauthenticated, "the server answers nobody who is not bound; set Bind and Password"}, true
	}
	return verdict{}, false
}

// subCode finds XXX in "… AcceptSecurityContext error, data XXX, v4563".
func subCode(said string) string {
	_, rest, ok := strings.Cut(said, "data ")
	if !ok {
		return ""
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return !unicode.In(r, unicode.ASCII_Hex_Digit) })
	if end >= 0 {
		rest = rest[:end]
	}
	return strings.ToLower(rest)
}

// clean makes a server's text fit for a log and a terminal.
func clean(text string) string {
	if isPlain(text) {
		return text
	}
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.TrimRight(text, "\x00\r\n "))
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:300]) + "…"
	}
	return strings.TrimSpace(text)
}

// isPlain tells of the usual short word of printable ASCII that it is clean.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return len(text) <= 300
}
