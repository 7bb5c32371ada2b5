-- The first schema. {} is the table prefix. Names, anchors and ids are byte
-- strings; instants are seconds with nanoseconds that count from one, where
-- none is no instant; lease_until is in microseconds since 1970.

-- +goose Up
CREATE TABLE {}target (
	id INTEGER PRIMARY KEY,
	name BLOB NOT NULL UNIQUE,
	secret BLOB NOT NULL,
	runs INTEGER NOT NULL DEFAULT 0, -- the newest run's number
	owner BLOB NOT NULL DEFAULT x'',
	lease_until INTEGER NOT NULL DEFAULT 0,
	fence INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE {}name ( -- of attributes
	target INTEGER NOT NULL,
	id INTEGER NOT NULL,
	name BLOB NOT NULL,
	PRIMARY KEY (target, id),
	UNIQUE (target, name)
) WITHOUT ROWID;

CREATE TABLE {}source (
	target INTEGER NOT NULL,
	id INTEGER NOT NULL,
	name BLOB NOT NULL,
	state BLOB, -- packed; NULL until the first run that moves the cursor
	PRIMARY KEY (target, id),
	UNIQUE (target, name)
) WITHOUT ROWID;

CREATE TABLE {}link (
	target INTEGER NOT NULL,
	source INTEGER NOT NULL,
	link_key BLOB NOT NULL,
	kind INTEGER NOT NULL,
	state INTEGER NOT NULL,
	departed INTEGER NOT NULL,
	digest BLOB,
	config BLOB,
	generation INTEGER NOT NULL,
	due INTEGER NOT NULL,
	due_nanos INTEGER NOT NULL,
	run INTEGER NOT NULL,
	identity BLOB,
	anchor BLOB, -- NULL when it is the UUID in link_key
	tid BLOB NOT NULL,
	applied BLOB NOT NULL, -- packed
	PRIMARY KEY (target, source, link_key)
) WITHOUT ROWID;

-- The index by tid is made at the end of the first run: kept up while that
-- writes, it would cost more than everything else.

CREATE INDEX {}link_due ON {}link (target, source, link_key) WHERE due_nanos > 0;

CREATE TABLE {}member (
	target INTEGER NOT NULL,
	source INTEGER NOT NULL,
	grp BLOB NOT NULL,
	member BLOB NOT NULL,
	waiting INTEGER NOT NULL,
	PRIMARY KEY (target, source, grp, member)
) WITHOUT ROWID;

CREATE TABLE {}run (
	target INTEGER NOT NULL,
	id INTEGER NOT NULL,
	state INTEGER NOT NULL, -- 1 planning, 2 sealed, 3 applying, 4 ended, 5 superseded
	recorded INTEGER NOT NULL, -- batches whose outcome is stored
	applied BLOB NOT NULL, -- packed
	info BLOB NOT NULL, -- packed
	PRIMARY KEY (target, id)
) WITHOUT ROWID;

CREATE TABLE {}plan (
	target INTEGER NOT NULL,
	run INTEGER NOT NULL,
	n INTEGER NOT NULL,
	body BLOB NOT NULL, -- packed and compressed: one batch
	PRIMARY KEY (target, run, n)
);

CREATE TABLE {}issue (
	target INTEGER NOT NULL,
	source BLOB NOT NULL,
	anchor BLOB NOT NULL,
	code BLOB NOT NULL,
	attr BLOB NOT NULL,
	since INTEGER NOT NULL,
	run INTEGER NOT NULL,
	body BLOB NOT NULL, -- packed
	PRIMARY KEY (target, source, anchor, code, attr)
) WITHOUT ROWID;

CREATE TABLE {}answer (
	target INTEGER NOT NULL,
	source BLOB NOT NULL,
	anchor BLOB NOT NULL,
	body BLOB NOT NULL, -- packed
	PRIMARY KEY (target, source, anchor)
) WITHOUT ROWID;

CREATE TABLE {}note (
	target INTEGER NOT NULL,
	source INTEGER NOT NULL,
	name BLOB NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (target, source, name)
) WITHOUT ROWID;

CREATE TABLE {}note_pending ( -- an empty value removes the note
	target INTEGER NOT NULL,
	run INTEGER NOT NULL,
	source INTEGER NOT NULL,
	name BLOB NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (target, run, source, name)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE {}note_pending;
DROP TABLE {}note;
DROP TABLE {}answer;
DROP TABLE {}issue;
DROP TABLE {}plan;
DROP TABLE {}run;
DROP TABLE {}member;
DROP TABLE {}link;
DROP TABLE {}source;
DROP TABLE {}name;
DROP TABLE {}target;
