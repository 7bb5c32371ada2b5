package fakedir

import (
	"slices"

	"github.com/adsync/sdk/internal/fakedir/wire"
)

// Controls this directory knows ([MS-ADTS] section 3.1.1.3.4.1, RFC 2696).
const (
	oidPaging        = "1.2.840.113556.1.4.319"
	oidExtendedDN    = "1.2.840.113556.1.4.529"
	oidDomainScope   = "1.2.840.113556.1.4.1339"
	oidSearchOptions = "1.2.840.113556.1.4.1340"
	oidShowDeleted   = "1.2.840.113556.1.4.417"
	oidShowRecycled  = "1.2.840.113556.1.4.2064"
	oidDirSync       = "1.2.840.113556.1.4.841"
	oidManageDsaIT   = "2.16.840.1.113730.3.4.2"
)

var supportedControls = []string{
	oidPaging, oidExtendedDN, oidDomainScope, oidSearchOptions, oidShowDeleted, oidShowRecycled, oidDirSync, oidManageDsaIT,
}

// asked is what the controls of a search say.
type asked struct {
	paged       bool
	size        int
	cookie      string
	extended    extended
	domainScope bool
	tombstones  bool
	dirsync     *wire.DirSync // nil without the control
}

// asks decodes the controls; the answer is a refusal when one is critical and
// unknown, or cannot be read.
func (s *session) asks(list []wire.Control) (asked, answer) {
	var out asked
	for _, c := range list {
		var err error
		switch s.srv.knows(c.OID) {
		case oidPaging:
			out.paged = true
			out.size, out.cookie, err = wire.PageValue(c.Value)
		case oidExtendedDN:
			out.extended, err = extendedForm(c.Value)
		case oidDomainScope:
			out.domainScope = true
		case oidShowDeleted, oidShowRecycled:
			out.tombstones = true
		case oidDirSync:
			out.dirsync = new(wire.DirSync)
			*out.dirsync, err = wire.DirSyncValue(c.Value)
		case oidSearchOptions, oidManageDsaIT:
		default:
			if c.Critical {
				return out, refuse(codeUnavailableCritical, "00000057: LdapErr: DSID-0C090C3E, comment: Error processing control, data 0, v4563\x00")
			}
		}
		if err != nil {
			return out, refuse(codeProtocolError, "00000057: LdapErr: DSID-0C090A4D, comment: Error decoding ldap message, data 0, v4563\x00")
		}
	}
	return out, answer{}
}

// knows gives the identifier of a control, or "" when the server is configured not to
// know it.
func (s *Server) knows(oid string) string {
	if slices.Contains(s.cfg.WithoutControls, oid) {
		return ""
	}
	return oid
}

// controls lists what the server announces.
func (s *Server) controls() []string {
	return slices.DeleteFunc(slices.Clone(supportedControls), func(oid string) bool { return s.knows(oid) == "" })
}

// continued reports whether the search brought a cookie.
func (a asked) continued() bool {
	return a.cookie != "" || a.dirsync != nil && a.dirsync.Cookie != ""
}

// extendedForm reads the control's optional flag: 0 and no value ask for
// hexadecimal, 1 for text.
func extendedForm(value []byte) (extended, error) {
	if len(value) == 0 {
		return hexIDs, nil
	}
	n, err := wire.IntegerValue(value)
	if n == 1 {
		return textIDs, err
	}
	return hexIDs, err
}
