package directory

import "strings"

// Forbidden tells whether an attribute is never read, even when configured,
// because it holds passwords or keys.
func Forbidden(name string) bool {
	name = strings.ToLower(BaseName(name))
	if forbidden[name] {
		return true
	}
	for _, prefix := range [...]string{"ms-mcs-admpwd", "mslaps-", "msds-managedpassword", "msfve-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

var forbidden = set(
	"unicodePwd", "userPassword", "supplementalCredentials", "dBCSPwd", "lmPwdHistory", "ntPwdHistory",
	"clearTextPassword", "orclPassword", "sambaNTPassword", "sambaLMPassword", "sambaPasswordHistory",
	"krbPrincipalKey", "krbExtraData", "authPassword", "pwdHistory", "msDS-ExecuteScriptPassword",
	"msDS-KeyCredentialLink", "trustAuthIncoming", "trustAuthOutgoing", "initialAuthIncoming",
	"initialAuthOutgoing", "currentValue", "priorValue", "2.5.4.35", "1.2.840.113556.1.4.90",
)

// IsReference tells whether the values of an attribute are distinguished names
// of other objects. Members of groups are none here: see IsMember.
func IsReference(name string) bool { return references[strings.ToLower(BaseName(name))] }

var references = set(
	"manager", "assistant", "secretary", "managedBy", "owner", "seeAlso", "roleOccupant", "directReports",
	"managedObjects", "memberOf", "publicDelegates", "publicDelegatesBL", "authOrig", "unauthOrig",
	"dLMemSubmitPerms", "dLMemRejectPerms", "altRecipient", "msExchDelegateListLink", "msExchCoManagedByLink",
	"creatorsName", "modifiersName",
)

// IsMember tells whether an attribute lists the members of a group by name.
func IsMember(name string) bool {
	name = BaseName(name)
	return strings.EqualFold(name, "member") || strings.EqualFold(name, "uniqueMember")
}

var guids = set("objectGUID", "mS-DS-ConsistencyGuid", "msExchMailboxGuid", "msExchArchiveGUID")

var sids = set("objectSid", "sIDHistory", "securityIdentifier")

var filetimes = set(
	"accountExpires", "pwdLastSet", "lockoutTime", "lastLogon", "lastLogoff", "lastLogonTimestamp",
	"badPasswordTime", "msDS-UserPasswordExpiryTimeComputed", "msDS-LastSuccessfulInteractiveLogonTime",
	"msDS-LastFailedInteractiveLogonTime",
)

// binaries hold bytes. Everything else is text.
var binaries = set(
	"thumbnailPhoto", "jpegPhoto", "photo", "audio", "thumbnailLogo", "userCertificate", "userSMIMECertificate",
	"userPKCS12", "cACertificate", "logonHours", "userParameters", "nTSecurityDescriptor", "dSASignature",
	"replPropertyMetaData", "repsFrom", "repsTo", "msExchSafeSendersHash", "msExchSafeRecipientsHash",
	"msExchBlockedSendersHash", "msExchMailboxSecurityDescriptor", "msExchUMSpokenName", "msDS-Cached-Membership",
	"msDS-GenerationId", "userCert", "attributeSecurityGUID", "schemaIDGUID", "tokenGroups", "objectClassGuid",
	"x500uniqueIdentifier", "terminalServer", "msRTCSIP-UserRoutingGroupId",
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[strings.ToLower(n)] = true
	}
	return m
}

// BaseName gives an attribute's name without options: "cn" for "cn;lang-de".
func BaseName(description string) string {
	name, _, _ := strings.Cut(description, ";")
	return name
}

// HasOption tells whether an attribute description carries an option, such as
// "binary".
func HasOption(description, option string) bool {
	_, options, _ := strings.Cut(description, ";")
	for o := range strings.SplitSeq(options, ";") {
		if strings.EqualFold(o, option) {
			return true
		}
	}
	return false
}

// TrimOption drops one option: "userCertificate" for "userCertificate;binary".
func TrimOption(description, option string) string {
	if !HasOption(description, option) {
		return description
	}
	name, options, _ := strings.Cut(description, ";")
	for o := range strings.SplitSeq(options, ";") {
		if !strings.EqualFold(o, option) {
			name += ";" + o
		}
	}
	return name
}
