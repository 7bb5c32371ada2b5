package adsync_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/adsync/sdk/adsync"
)

// I11: the same directory, target, state and instant give the same plan, byte
// for byte.
//
// Red when findDuplicates walks holders in the order of a map, and when
// sortedNames does not sort; each process has an order of its own.
func TestI11SamePlanInEveryProcess(t *testing.T) {
	if os.Getenv("ADSYNC_TELL_PLAN") != "" {
		fmt.Print("PLAN\n", wideStory(t), "PLAN\n")
		return
	}
	self, err := os.Executable()
	require.NoError(t, err)
	var first string
	for n := range 6 {
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestI11SamePlanInEveryProcess$")
		cmd.Env = append(os.Environ(), "ADSYNC_TELL_PLAN=1")
		out, err := cmd.Output()
		require.NoError(t, err, "%s", out)
		_, plan, _ := strings.Cut(string(out), "PLAN\n")
		plan, _, found := strings.Cut(plan, "PLAN\n")
		require.True(t, found, "%s", out)
		if n == 0 {
			first = plan
			for _, intent := range []string{"create", "update", "rename", "leave", "deactivate", "reactivate", "adopt", "members", "reference", "park", "delete"} {
				require.Contains(t, plan, `"intent":"`+intent+`"`)
			}
			require.Contains(t, plan, "source-duplicate")
		}
		require.Equal(t, first, plan)
	}
}

// wideStory makes a plan with everything in it, twice, and gives its lines, the
// issues and the findings.
func wideStory(t *testing.T) string {
	w := newWorld(t)
	w.hook()
	w.hooks.secret = bytes.Repeat([]byte{7}, 32)
	w.sink.Rules.Swap = adsync.SwapPark
	second := newWorld(t)
	w.with(func(j *adsync.Job) {
		j.Sources = append(j.Sources, adsync.SourceConfig{Name: "second", Source: second.source()})
		j.Leavers = map[adsync.Kind]adsync.LeaverPolicy{adsync.Group: {OutOfScope: adsync.LeaverDelete, Deleted: adsync.LeaverDelete}}
		j.Guard = adsync.Guard{Leaving: adsync.Limit{Off: true}, Creates: adsync.Limit{Off: true}, Updates: adsync.Limit{Off: true}, Adoptions: adsync.Limit{Off: true}}
	})
	w.crowd(1, 60).group(100, "staff", ids(1, 30)...).group(101, "old")
	w.person(31, "active", "false")
	second.crowd(200, 240)
	w.people["not a uuid"] = object(adsync.User, "not a uuid", map[string]string{"logon": "x@example.com", "active": "true"})
	w.with(func(j *adsync.Job) { j.CreateInactive = true })
	w.run()
	for n := 300; n < 330; n++ { // adoptions and duplicates
		w.person(n)
		w.existing(n)
		second.person(n+100, "email", fmt.Sprintf("user%d@example.com", 500+n%7))
	}
	for n := 600; n < 620; n += 2 { // shares its logon with one and its address with another
		w.person(n, "logon", "shared"+fmt.Sprint(n)+"@example.com", "email", "shared@example.com")
		second.person(n+1, "logon", "shared"+fmt.Sprint(n)+"@example.com")
	}
	for n := 1; n < 20; n += 2 { // exchanges, a ring, a chain
		w.person(n, "email", fmt.Sprintf("user%d@example.com", n+1)).person(n+1, "email", fmt.Sprintf("user%d@example.com", n))
	}
	for n := 20; n < 25; n++ {
		w.person(n, "logon", fmt.Sprintf("user%d@example.com", 20+(n-19)%5))
		w.refer(n, "manager", id(n+1))
	}
	w.person(31).person(32, "active", "false", "title", "Clerk").crowd(61, 90)
	w.refer(61, "manager", id(62))
	w.leave(40, 41, 42)
	delete(w.people, id(101))
	w.group(100, "staff", ids(10, 70)...).group(102, "new", ids(300, 310)...)
	e := w.engine()
	var told string
	for range 2 {
		plan, err := e.Plan(context.Background())
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, plan.WriteLines(context.Background(), &b))
		now := plan.ID() + "\n" + b.String() + fmt.Sprintf("%v\n%+v\n", codes(plan.Report()), plan.Report().Counts)
		require.True(t, told == "" || told == now)
		told = now
	}
	return told
}
