package simtest

import "testing"

// What the simulation found in the engine, in the order of finding, each as the
// shortest script that failed.
func TestFoundBefore(t *testing.T) {
	for name, script := range map[string]string{
		"members of a group that could not be made are not lost":                 "world contacts=1 sink=single sources=2\nrun sink=down:12\nrun",
		"members that were refused are not lost":                                 "world\nrun sink=refuse:12",
		"an adoption has another key than the create whose answer was lost":      "world\nrun sink=short:6",
		"an exchange is no larger than a batch":                                  "world batch=2 swap=atomic\nrun\nchange 2 displayName\nswap 4 1",
		"what could not be cleared is cleared later":                             "world merge=wins\nrun\nblank 2 title\nrun sink=down:1\nrun",
		"an exchange that cannot be done stays listed":                           "world swap=none\nrun\nswap 1 3\ndisable 3",
		"a leaver whose op was refused leaves later":                             "world\nrun\nleave 4\nrun sink=refuse:1",
		"a leaver whose account is not settled yet leaves later":                 "world pending=yes\nrun sink=unauth:4\nleave 5",
		"a change of an account that is not settled yet is done later":           "world pending=yes\nrun\nchange 5 title\nrun",
		"a deactivation that failed does not undo what came after":               "world merge=wins\nrun\nblank 4 phone\ndisable 4\nrun sink=large:1",
		"what was sent to be made is written again when it has changed":          "world see=blind\nrun sink=lose:5,down:6\nchange 4 title",
		"an unsettled account's manager is not forgotten":                        "world flight=2 pending=yes\nrun sink=panic:2,down:8\nrun",
		"who was made without an answer and leaves, leaves":                      "world\nrun sink=short:2\nleave 1",
		"members of a group made anew have keys of their own":                    "world leavers=delete\nrun\nleave 100\nrun kill=39\nrestore dc1 2\nrun",
		"a source that falls silent clears nothing of what was sent":             "world read=full\nrun sink=down:2\nrun read=attribute:title",
		"an exchange that cannot be done forgets no reference":                   "world flight=3 batch=3 swap=none\nrun sink=wrongid:4,refuse:9\nswap 2 6\nrun\nplan",
		"who is gone is not put back into a group that is read again":            "world groups=2 read=sweep pending=yes\nrun\nmove 1 Hidden\nrun kill=10\nrename 101\nplan",
		"who is not shown while his account is unsettled leaves later":           "world pending=yes\nduplicate 3 1\nrun\nleave 2\nrun read=gone",
		"an adoption whose answer was lost has another key the next time":        "world\nadd 8\nbyhand match 6\nrun sink=short:12,before:5",
		"who is to leave later is looked for before he does":                     "world pending=yes\nrun\nrestore dc1 2\naccept\nrun read=unit:People\nrun suspend=3\nrun",
		"who was out of scope for a while is a member again":                     "world read=sweep\nrun\nrun\nmove 6 Hidden\nrun\nmove 6 Sales",
		"a reference in doubt is no plain value":                                 "world\nrun sink=short:12\nleave 4",
		"a plan that is not applied ends no issue":                               "world read=sweep pending=yes\nrun\nrun\naccept\nrun read=empty\nplan",
		"what was wanted is void once the object cannot be read":                 "world people=9 merge=wins pending=yes\nrun\nblank 7 title\nrun\nspoil 7\nchange 7 title",
		"a reference that waits keeps all that is wanted":                        "world people=9 merge=wins pending=yes\nodd 7\nrun\nblank 8 title\nrun\nwait 100\nplan",
		"what was found in order is over for who takes the plan up":              "world people=9 sources=2 pending=yes\nrun\nleave 502\ndisable 7\nrun\nenable 7\nrun kill=8+",
		"the clock ends no issue":                                                "world pending=yes\nexpire 4 1\nrun\nodd 4\nwait 100",
		"a value that could not be set aside is no wish":                         "world people=7\nrun\nswap 7 6\nrun sink=deny:1",
		"an op that was refused the second time may have been done the first":    "world people=4 groups=2 read=sweep\nrun\nleave 3\njoin 101 2\nadd 6\nrun sink=lose:2,deny:3",
		"who was sent and is inactive now is a question where nobody can look":   "world see=blind batch=6\nrun sink=lose:7,short:12\ndisable 1",
		"an exchange with who is gone makes nobody else be gone":                 "world swap=atomic\nrun\nbyhand remove 3\nswap 4 3\nrun\nleave 4",
		"a reference does not make good what was set aside":                      "world read=full flight=3 batch=2\nlag dc1\nrefer 1 3\nduplicate 3 1\nswap 4 1\nrun",
		"two failures of one code keep what both wanted":                         "world people=7 merge=wins\nrun\nblank 5 title\nrefer 5 7\nrun sink=panic:2,down:1",
		"what was done at a first try and found invalid at a second is in doubt": "world people=9\nrun\nswap 7 3\nrun sink=refuse:6,lose:1\nswap 1 7",
		"who is taken out of a group while he waits for it is not added":         "world see=blind pending=yes\nmove 2 Hidden\nrun\npart 100 2\nmove 2 Sales\nswap 2 3\nrun",
		"who was deleted and comes back is made anew":                            "world leavers=delete\nrun\nleave 100\nrun\nadd 100\nrun",
		"a unit that changes filled is not lost with its right":                  "world people=5\nleave 3\nrun\nadd 3\nrun\nserve dc2\nrun read=unit:Sales",
		"what a late call overtook, nobody can know":                             "world people=9\nrun\nswap 2 9\nrun sink=deny:2,later:1 kill=34+",
		"a reference after a dropped change has a key of its own":                "world people=8 swap=none\nrestore dc1 4\nserve dc2\nswap 6 8\nrefer 8 6\nrun\nserve dc1\nrun",
		"who was disabled when he was shown last is deactivated":                 "world pending=yes\nrun\ndisable 5\nplan\nenable 5\nrun read=unit:People\nwait 30\nplan",
		"who leaves as his manager is made anew is not brought back":             "world see=blind\nrun\nduplicate 4 1\nswap 6 1\nbyhand remove 5\nswap 4 5\nrun\nleave 6",
		"a group whose list was not read is looked at again":                     "world people=8 pending=yes\nrun sink=down:8\nrun read=empty\nleave 7\nplan",
		"who is not settled yet is missed in a unit that is hidden":              "world read=sweep pending=yes\nbyhand match 202\nrun read=unit:People\nrun\nrun\nrefer 4 1\nrun\nrun read=unit:People",
		"a day that was full refuses until it is over":                           "world people=9 pending=yes\nbyhand twins 10\nrun read=attribute:title\nswap 2 1\nrun\nrun\nwait 100\nswap 9 6\nchange 5 logon\nrun read=attribute:title\nlag dc1\nduplicate 1 8\nrun\nrun",
		"a group that left is not made again because its list was not read":      "world read=sweep sources=2 leavers=delete\nrun sink=slow:6,down:10\nleave 100",
		"a reference that waits for who cannot be written is listed":             "world people=9 read=full flight=3 batch=3\nrun sink=short:2\nswap 7 6\nduplicate 6 2",
	} {
		t.Run(name, func(t *testing.T) { Replay(t, script, Options{}) })
	}
}
