// Package ldap reads people, groups, contacts and organizational units from
// Active Directory and other LDAP servers such as OpenLDAP.
//
//	source := &ldap.Source{
//		URL:      "ldaps://dc1.example.com",
//		Bind:     "sync@example.com",
//		Password: ldap.SecretFile("/etc/adsync/directory.password"),
//	}
//
// A read is a snapshot, the whole directory in scope, page by page, or what
// changed since the last read. Each has a connection of its own. The package
// never writes, follows no referral, and gives no credential to any host but
// those in its configuration, or those inside the domain that DNS names for it.
//
// # What is read
//
// On Active Directory: users that are people's accounts (sAMAccountType
// 805306368), groups, contacts and organizational units. Computers, trusts,
// managed service accounts and what the directory marks as a critical system
// object, such as Administrator and Domain Admins, are left out. On other
// servers: inetOrgPerson, person and posixAccount; groupOfNames,
// groupOfUniqueNames and posixGroup; contact; organizationalUnit.
// [Source.Filters] replaces the filter of a kind.
//
// Attributes come under the names that the mapping asks for: the directory's
// own, and those derived from them.
//
//	dn, distinguishedName  the entry's name
//	container              the parent's name
//	objectGUID, entryUUID  text, lower case
//	objectSid              text, S-1-5-21-…
//	accountEnabled         "true" or "false" from userAccountControl; absent where
//	                       that cannot be read, since unknown is not active
//	accountExpires         RFC 3339 in UTC; absent when the account never expires
//	pwdLastSet, lastLogon  and other FILETIME attributes likewise
//	primaryMail            the primary address of proxyAddresses, else mail
//	mailAliases            the other SMTP addresses
//	groupScope             "global", "domain-local" or "universal"
//	groupSecurity          "true" or "false"
//
// An attribute of DN syntax, by the server's schema, is a reference and comes
// as anchors: manager, assistant, managedBy, memberOf. A reference that leads
// to no object the account can see is left out. Binary attributes such as
// thumbnailPhoto stay bytes. A value that should be text and is not UTF-8
// makes the object a problem of its own; the others go on.
//
// Attributes that hold passwords or keys are never read: unicodePwd,
// userPassword, ms-Mcs-AdmPwd and msLAPS-*, msDS-ManagedPassword, msFVE-* and
// their like are errors in a configuration, in a mapping and in a filter.
//
// # Members
//
// A group's members come as anchors, also those that the server gives only in
// ranges (over 1,500 on Active Directory) and those whose primary group it is.
// A posixGroup's memberUid is looked up among the users. A member that does
// not exist is left out.
//
// A list that changes while it is read is read again; only a complete list is
// handed on. Beyond 50,000 members it is handed on while it arrives, and a
// change in between ends the read.
//
// # Changes
//
// After a snapshot, reads give what changed since. Which way is taken is found
// out at the snapshot, by what server and account can do, and shown in
// [adsync.Method] with the reasons; [Source.Delta] forces one, or full reads.
// Each way tells only which objects were touched. What they are is then read with
// the job's own filter and scope, 100 at a time, so that a change carries an object
// as a snapshot would. One that is not in scope any more is looked for without the
// filter: it is out of scope when it is seen, and deleted only when the server says
// so. One that cannot be seen at all is a problem of its own and never taken for
// gone.
//
// On Active Directory, the best first:
//
//   - dirsync, the DirSync control: tells also which members came and went. It
//     takes the right "Replicating Directory Changes" on the domain; without it, it
//     shows what the account may read.
//   - usn, objects with a newer uSNChanged: a changed group is read with all its
//     members. Bound to one controller and to its database.
//   - whenchanged, objects with a newer whenChanged: by the controller's clock, with
//     an overlap, and a sweep for those who left.
//   - full reads.
//
// To see who was deleted, an account has to list CN=Deleted Objects of the domain;
// on Microsoft's servers dirsync with the right above sees it without. Where it
// cannot, and where the anchor is an attribute that deletion takes away, a sweep
// from time to time ([Source.SweepEvery]) names all objects in scope, and the
// report says as of when removals are known. The same sweep joins usn, and dirsync
// without the right to replicate: they are told only of what the account may read,
// and somebody who is moved to where it may not look seems unchanged to them. What
// a changed access rule hides or shows, without a change to the objects, comes with
// the sweep and with full reads, and a sample is looked at in each run (Job.Audit).
//
// A renamed or moved unit counts as one change, and all below it has another name
// and perhaps another scope: it is read again. A selection by groups is worked out
// at each read and held against that of the last one, kept in [adsync.Notes]. Some
// attributes change without the object: the far ends of links, such as memberOf,
// are followed by dirsync, and keep a job from the other ways; what a server does
// not replicate or works out when asked, such as lastLogon, comes up to date with
// full reads, and the report names it.
//
// The cursor is CodeGone, and the engine reads everything under the guard, when the
// server refuses it, when it belongs to another controller or to a database that
// was restored, when deletions of that time are no longer remembered
// (tombstoneLifetime), when bases, filters, scope, kinds, attributes, anchors or
// the account changed, when the cursor itself was damaged, and when a part of the directory that showed objects shows none, which
// is how a lost right looks. The text says which.
//
// # Scope
//
// A scope's parts all have to hold: units, an LDAP filter, groups. Units and
// the filter's attributes compare as the directory compares them. The filter
// applies to users, contacts and groups. Units themselves are read whatever is
// selected. A scope of groups covers their members however deep, and not the
// named groups themselves; it is expanded here, cycles included. A base, unit
// or group of the scope that cannot be found ends the read: had it been
// renamed, all below it would look like leavers.
//
// # Controllers
//
// A source names its servers, with URL and Alternates, or their domain: with
// Domain, the controllers are found by DNS SRV records (RFC 2782), those of our
// site first. The certificate must bear the controller's own name, never the
// domain's. DNS can be forged, so a host outside Domain is not contacted unless
// ControllerDomains says that it is ours.
//
// Controllers hold the same only after a while. Reads therefore keep to the one
// that answered last, over runs as well, and to one address of its name; a read
// never changes the controller once its first page has come. Only when it does
// not answer, or fails before that page, the next is asked, under its own name
// for TLS and Kerberos. After a refused credential or certificate no other is.
// A controller that did not answer comes last for a while, from half a minute up
// to a quarter of an hour. The servers are gone through up to three times, with
// a pause, before a read gives up.
//
// A server that lacks changes which an earlier read may have seen, because it
// lags behind or was restored from a copy, is not read: people would look gone
// who are not. Active Directory says so by replUpToDateVector, OpenLDAP by
// contextCSN; an account can read both unless somebody forbade it. After
// LagLimit it is read all the same, and the run is unsure until a person accepts
// the read. Of servers that say neither, nothing of the kind is known.
//
// PageTimeout bounds each page and ReadTimeout the whole read, however little a
// server gives at a time.
//
// # Changes on OpenLDAP and its like
//
// Servers other than Active Directory are followed by syncrepl (RFC 4533,
// refreshOnly) where they offer it, as OpenLDAP does with the overlay syncprov;
// else by modifyTimestamp with an overlap, which does not see who was deleted
// and is joined by a sweep; else everything is read each time. The report says
// which way was taken and why not a better one.
//
// Syncrepl tells which entries changed. What they are is read afterwards, and an
// entry said to be deleted is looked for once more. Where the server does not
// remember what was deleted, it names what is still there; entries that are
// missing then count as gone only after a sweep. A larger syncprov-sessionlog
// saves that. Needed: notes between reads, entryUUID, and an account whose size
// limit lets it see what changes between two reads.
//
// Such servers write plain names into member, manager and memberUid. So the
// source notes what every entry of the naming context is called, about 40 bytes
// each, and reads again who mentions an entry that came, went or was renamed, and
// what lives below a renamed unit. An attribute that the server changes without
// marking the entry, such as memberOf, or a scope of groups, needs full reads.
//
// Not seen between full reads: entries that a changed access rule hides or
// shows, and, by modifyTimestamp, changes older than the overlap that arrive
// late from another provider.
//
// # Errors
//
// A read that was cut short in any way (cancelled, size or time limit, lost
// connection, a page that did not come) ends with an error and never with
// Done. Codes: Unauthenticated for refused credentials and certificates,
// Denied for missing rights, Unavailable for servers that do not answer,
// Incomplete for reads that could not be finished, Invalid for the
// configuration. The texts say what to do; for Active Directory's bind errors
// that includes its sub-codes, and 80090346, which is about channel binding
// and not about the password.
//
// # Passwords on the wire
//
// A password goes over TLS 1.2 or newer only, also on loopback, unless
// AllowInsecure is set. A refused StartTLS is an error. Kerberos needs TLS
// too, since the underlying client cannot sign or seal; where a controller
// demands channel binding, it refuses Kerberos, and a simple bind over LDAPS
// or a client certificate is the way.
package ldap
