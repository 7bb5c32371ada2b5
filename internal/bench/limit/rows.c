/* The limit of writing: one statement for each row of a file, by SQLite's own C API.
 *   cc -O2 -o rows rows.c -lsqlite3
 *   ./rows DATABASE SETUP STATEMENT ROWS [sorted]
 *   ./rows version
 * SETUP and STATEMENT are files of SQL: what is done first, and what is done with
 * each row, 500 rows to a transaction. ROWS is text as PostgreSQL's COPY has it:
 * tabs between columns, \N for NULL, \t \n \r \\ for those signs. "sorted" reads
 * all rows first and sorts them by their first column. Prints how many rows of
 * the database changed. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 500 };

static sqlite3 *db;
static sqlite3_stmt *put;
static unsigned long in_batch;
static unsigned long long changed;

static void fail(const char *doing) {
	fprintf(stderr, "rows: %s: %s\n", doing, db ? sqlite3_errmsg(db) : "failed");
	exit(1);
}

static void run(const char *sql) {
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql);
}

static char *text_of(const char *path) {
	FILE *f = fopen(path, "rb");
	long size;
	char *text;
	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0) fail(path);
	rewind(f);
	if (!(text = malloc(size + 1)) || fread(text, 1, size, f) != (size_t)size) fail(path);
	text[size] = 0;
	fclose(f);
	return text;
}

/* unescape works in place and gives the length, or -1 for NULL. */
static int unescape(char *s) {
	char *from = s, *to = s;
	if (!strcmp(s, "\\N")) return -1;
	if (!strchr(s, '\\')) return strlen(s);
	for (; *from; from++) {
		if (*from == '\\' && from[1]) {
			from++;
			*to++ = *from == 't' ? '\t' : *from == 'n' ? '\n' : *from == 'r' ? '\r' : *from;
		} else {
			*to++ = *from;
		}
	}
	*to = 0;
	return to - s;
}

static void write_row(char *line) {
	char *column = line;
	if (in_batch == 0) run("BEGIN IMMEDIATE");
	for (int i = 1; column; i++) {
		char *end = strchr(column, '\t');
		if (end) *end = 0;
		int n = unescape(column);
		int rc = n < 0 ? sqlite3_bind_null(put, i) : sqlite3_bind_text(put, i, column, n, SQLITE_STATIC);
		if (rc != SQLITE_OK) fail("binding");
		column = end ? end + 1 : NULL;
	}
	if (sqlite3_step(put) != SQLITE_DONE) fail("a row");
	changed += sqlite3_changes(db);
	sqlite3_reset(put);
	if (++in_batch == BATCH) {
		run("COMMIT");
		in_batch = 0;
	}
}

static int by_key(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void write_sorted(FILE *f) {
	char **lines = NULL, *line = NULL;
	size_t n = 0, room = 0, size = 0;
	ssize_t length;
	while ((length = getline(&line, &size, f)) > 0) {
		line[length - 1] = 0;
		if (n == room && !(lines = realloc(lines, (room = room ? 2 * room : 1024) * sizeof *lines))) fail("memory");
		if (!(lines[n++] = strdup(line))) fail("memory");
	}
	qsort(lines, n, sizeof *lines, by_key);
	for (size_t i = 0; i < n; i++) write_row(lines[i]);
}

static void write_as_read(FILE *f) {
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	while ((length = getline(&line, &size, f)) > 0) {
		line[length - 1] = 0;
		write_row(line);
	}
}

int main(int argc, char **argv) {
	if (argc == 2 && !strcmp(argv[1], "version")) {
		puts(sqlite3_libversion());
		return 0;
	}
	if (argc < 5) {
		fprintf(stderr, "usage: rows DATABASE SETUP STATEMENT ROWS [sorted]\n");
		return 2;
	}
	FILE *f = fopen(argv[4], "rb");
	if (!f) fail(argv[4]);
	if (sqlite3_open(argv[1], &db) != SQLITE_OK) fail(argv[1]);
	run(text_of(argv[2]));
	if (sqlite3_prepare_v2(db, text_of(argv[3]), -1, &put, NULL) != SQLITE_OK) fail("the statement");
	if (argc > 5) write_sorted(f); else write_as_read(f);
	if (in_batch > 0) run("COMMIT");
	sqlite3_finalize(put);
	if (sqlite3_close(db) != SQLITE_OK) fail("closing");
	printf("%llu rows changed\n", changed);
	return 0;
}
