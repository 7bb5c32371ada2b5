package simtest

import (
	"slices"
	"strings"
)

// Verbs lists everything that a line of a script may say, with what it means.
// Words in capitals are numbers: 1 to 99 are people, from 100 groups, from 200
// contacts, from 300 organizational units, and from 500 people of the second
// source.
func Verbs() []string {
	return []string{
		"world people=N groups=N contacts=N sources=1|2: who is there",
		"world read=delta|sweep|full members=diff|whole: what the source can tell",
		"world sink=batch|single see=both|find|list|blind replay=keyed|external|none swap=atomic|park|none flight=N batch=N pending=yes decides=yes marks=no: what the target can do",
		"world merge=keep|wins inactive=skip|create leavers=keep|delete: the job",
		"run: the program runs once, and again after each death",
		"run kill=N again=N: it dies before its N-th call; N+ right after it",
		"run suspend=N: it stands still for an hour before its N-th call, and another one takes over",
		"run with=N: another one starts at its N-th call",
		"run from=full: everything is read",
		"run read=FAULT,…: " + strings.Join(readFaults, ", ") + " (cut:N and error:N after N batches, attribute:NAME, unit:NAME)",
		"run sink=FAULT:N,…: " + strings.Join(sinkFaults, ", ") + ", at the N-th op",
		"plan: plan twice, and compare",
		"approve, accept: a person approves the held plan, or believes the next read",
		"add N, leave N, move N UNIT, disable N, enable N, expire N DAYS: people come and go",
		"change N ATTRIBUTE, blank N ATTRIBUTE, rename N, swap N M, duplicate N M, refer N MANAGER: objects change",
		"join GROUP N, part GROUP N: members change",
		"spoil N, mend N, odd N: one bad record; one that the mapping cannot map",
		"lag DC, replicate DC, serve DC, restore DC CHANGES: controllers",
		"byhand change|remove|match|twins|protected|inactive N, byhand member GROUP: somebody works in the target",
		"wait HOURS: time passes",
	}
}

// explain gives the lines of Verbs that speak of a verb, for errors.
func explain(verb string) string {
	lines := slices.DeleteFunc(Verbs(), func(l string) bool { return !strings.HasPrefix(l, verb+" ") && !strings.HasPrefix(l, verb+":") })
	return strings.Join(lines, "; ")
}
