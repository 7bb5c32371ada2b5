// Package fakedir is a make-believe Active Directory for tests and
// demonstrations: real LDAP with TLS on loopback, and behind it a made-up
// company of any size that lives on from day to day.
//
// The same seed, size and day always give the same directory. It answers as
// Microsoft's product does where that differs from simpler servers: it refuses
// passwords without TLS, stops unpaged searches at 1,000 entries, gives large
// groups in ranges that nobody asked for, refers to other naming contexts, and
// answers DirSync in several rounds. What it does otherwise was measured on
// Samba and is held against it by a test.
//
// # Changes
//
// [Server.Change] alters the directory, [Server.Advance] lets the company live
// for a day, [Server.Pass] only lets time pass. Whatever really changes takes
// the next change number; the same value again does not.
//
//	err := s.Change(func(d *fakedir.Changes) error {
//		return errors.Join(d.Set(ada, "title", "Director"), d.Link(team, "member", ada), d.Remove(ben))
//	})
//
// A removed object leaves a tombstone in CN=Deleted Objects for
// Config.TombstoneLifetime by the directory's clock. Searches show it with the
// Show Deleted control to accounts with the right [ListDeleted].
// [Changes.Reanimate] brings it back.
//
// # DirSync
//
// The DirSync control works on naming contexts, with the flags OBJECT_SECURITY,
// ANCESTORS_FIRST_ORDER and INCREMENTAL_VALUES. A round looks at
// Config.DirSyncRound changed objects, before the filter: a round without
// entries is not the last one. Config.DirSyncValues spreads the members of one
// group over rounds as well. Without OBJECT_SECURITY it takes the right
// [ReplicateChanges], and then rights on attributes and subtrees do not count.
// A cookie holds the controller's identity and number and how much that one had
// heard of the others; the faults below refuse it.
//
// # Several controllers
//
// [Server.Another] starts a second controller with a certificate of the same
// authority. Nothing reaches it by itself:
//
//	dc2, err := dc1.Another("")
//	err = dc1.Change(...)        // dc2 lags behind
//	err = dc2.ReplicateFrom(dc1) // now it knows, by numbers of its own
//
// [Server.Backup] copies what a controller holds. [Server.Restore] puts it back
// with a new invocationId, [Server.RollBack] with the old one, which makes
// change numbers be given twice.
//
// # Faults
//
// They can be switched on while clients read, and [Server.Heal] ends them:
//
//	s.Inject(fakedir.Fault{DirSync: true, Search: 2, After: 10, Cut: true}) // in the second round
//	s.Inject(fakedir.Fault{DirSync: true, Continued: true, Code: 12})       // the cookie is refused
//	s.RefuseForeignCookies(53)                                              // of another controller
//	s.SlowAnswers(time.Second)                                              // every page, every round
//	s.HideAttributes("userAccountControl")                                  // a right withdrawn
//	s.HideAttributesBelow(s.PeopleDN(), "mail")                             // in one unit
//	s.HideBelow(s.PeopleDN())                                               // a unit reads as empty
//	s.Blind()                                                               // everything does
//	s.Revoke(s.BindDN(), fakedir.ListDeleted)                               // deletions cannot be seen
//
// It is no directory server: nothing is stored, clients cannot write, rights are
// the few named here, and it listens on loopback only. People, names and
// addresses are invented; the domains are example.com's.
package fakedir
