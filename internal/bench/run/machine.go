package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// machine says on what was measured: no names, no paths.
func (b *bench) machine(ctx context.Context) []string {
	facts := []string{
		fmt.Sprintf("%d cores (%s), %s, %s/%s", runtime.NumCPU(), processor(), memory(), runtime.GOOS, runtime.GOARCH),
		fmt.Sprintf("%s; slapd %s; SQLite %s in Go", runtime.Version(), version(ctx, "slapd", "-VV"), sqliteVersion(ctx)),
	}
	if b.limit != "" {
		facts[1] += fmt.Sprintf(", %s in C", version(ctx, filepath.Join(b.limit, "rows"), "version"))
	}
	if b.admin != "" {
		facts = append(facts, "PostgreSQL "+version(ctx, "psql", "--version"))
	}
	return append(facts,
		fmt.Sprintf("pages of %d; loopback without TLS; the server runs on the same cores", b.page),
		fmt.Sprintf("asked by all readers but ldapsearch: %s, %d attributes", b.filter, len(strings.Split(b.ask, ","))))
}

var number = regexp.MustCompile(`\d+(\.\d+)+`)

// version gives the first version in what a program says of itself.
func version(ctx context.Context, name string, args ...string) string {
	if _, err := exec.LookPath(name); err != nil {
		name = "/usr/sbin/" + name // not in everybody's path
	}
	said, _ := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if v := number.Find(said); v != nil {
		return string(v)
	}
	return "unknown"
}

func sqliteVersion(ctx context.Context) string {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return "unknown"
	}
	defer db.Close()
	list, err := texts(ctx, db, "SELECT sqlite_version()")
	if err != nil || len(list) != 1 {
		return "unknown"
	}
	return list[0]
}

func processor() string {
	if model := fact("/proc/cpuinfo", "model name"); model != "" {
		return model
	}
	return "unknown processor"
}

func memory() string {
	kilobytes, err := strconv.ParseInt(strings.TrimSuffix(fact("/proc/meminfo", "MemTotal"), " kB"), 10, 64)
	if err != nil {
		return "unknown memory"
	}
	return fmt.Sprintf("%.0f GiB", float64(kilobytes)/(1<<20))
}

// fact gives the first value of a name in one of the kernel's files.
func fact(file, name string) string {
	text, _ := os.ReadFile(file)
	for line := range bytes.Lines(text) {
		if key, value, ok := bytes.Cut(line, []byte(":")); ok && string(bytes.TrimSpace(key)) == name {
			return string(bytes.TrimSpace(value))
		}
	}
	return ""
}
