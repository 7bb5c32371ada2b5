package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/adsync/sdk/internal/bench/report"
)

// consumerRows let a second slapd make itself a copy of all persons.
func (b *bench) consumerRows() []row {
	return []row{{
		name: "syncrepl consumer", what: "a second slapd copies all persons by syncrepl (its memory without the mapped file)",
		by: report.Others, before: b.consumerConfig, work: b.consume,
	}}
}

const consumerConf = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include %[1]s
pidfile %[2]s/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "%[3]s"
rootdn "cn=admin,%[3]s"
directory %[2]s
maxsize 8589934592
dbnosync
index objectClass,entryUUID,entryCSN,uid eq
sizelimit unlimited
syncrepl rid=001 provider=%[4]s type=refreshOnly interval=00:01:00:00 searchbase="%[3]s" bindmethod=simple binddn="%[5]s" credentials=%[6]s retry="5 3"
`

// consumerConfig writes the consumer's configuration.
func (b *bench) consumerConfig(_ context.Context, s setting) error {
	dir := at(s, "consumer")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	schema, err := filepath.Abs(filepath.Join("internal", "bench", "adlike.schema"))
	if err != nil {
		return err
	}
	password, err := os.ReadFile(b.writer.password)
	if err != nil {
		return err
	}
	text := fmt.Sprintf(consumerConf, schema, dir, s.base, s.url, b.writer.bind, password)
	return os.WriteFile(filepath.Join(dir, "slapd.conf"), []byte(text), 0o600)
}

// consume runs the second slapd until it says that it has everything, and stops
// it. It stays in the foreground, as a child whose figures the kernel tells.
func (b *bench) consume(ctx context.Context, s setting) (f figures, err error) {
	url := fmt.Sprintf("ldap://127.0.0.1:%d", 32000+os.Getpid()%500)
	cmd := exec.CommandContext(ctx, "slapd", "-d", "0", "-f", filepath.Join(at(s, "consumer"), "slapd.conf"), "-h", url)
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return f, err
	}
	s.url = url
	f.Peak, err = untilCopied(ctx, cmd.Process.Pid, s)
	f.Wall = time.Since(begin)
	if err == nil {
		err = b.allCopied(ctx, s)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait() // slapd ends by the signal
	f.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return f, err
}

// untilCopied waits for the suffix's contextCSN, which comes when the copy is
// whole, and reads the process's memory while it waits.
func untilCopied(ctx context.Context, pid int, s setting) (peak int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	line := append(searchLine(s), "-s", "base", "(objectClass=*)", "contextCSN")
	for {
		for range 10 {
			now, err := memoryOf(pid, "RssAnon:")
			if err != nil {
				return peak, fmt.Errorf("the consumer ended by itself; is %s taken? %w", s.url, err)
			}
			peak = max(peak, now)
			time.Sleep(10 * time.Millisecond)
		}
		out, err := exec.CommandContext(ctx, line[0], line[1:]...).Output()
		if err == nil && bytes.Contains(out, []byte("contextCSN: ")) {
			return peak, nil
		}
		if ctx.Err() != nil {
			return peak, fmt.Errorf("the consumer did not finish: %w", ctx.Err())
		}
	}
}

func (b *bench) allCopied(ctx context.Context, s setting) error {
	g := ground{setting: s}
	names, err := g.values(ctx, s, "dn", "(objectClass=inetOrgPerson)", "1.1")
	if err != nil {
		return err
	}
	return expect("persons copied", len(names), s.n, true)
}
