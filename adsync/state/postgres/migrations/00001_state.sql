-- The first schema. {} is the table prefix. Names, anchors and ids are byte
-- strings; instants are seconds with nanoseconds that count from one, where
-- none is no instant; lease_until is in microseconds since 1970.

-- +goose Up
CREATE TABLE {}target (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name bytea NOT NULL UNIQUE,
	secret bytea NOT NULL,
	runs bigint NOT NULL DEFAULT 0, -- the newest run's number
	owner bytea NOT NULL DEFAULT '',
	lease_until bigint NOT NULL DEFAULT 0,
	fence bigint NOT NULL DEFAULT 0
);

CREATE TABLE {}name ( -- of attributes
	target bigint NOT NULL,
	id bigint NOT NULL,
	name bytea NOT NULL,
	PRIMARY KEY (target, id),
	UNIQUE (target, name)
);

CREATE TABLE {}source (
	target bigint NOT NULL,
	id bigint NOT NULL,
	name bytea NOT NULL,
	state bytea, -- packed; NULL until the first run that moves the cursor
	PRIMARY KEY (target, id),
	UNIQUE (target, name)
);

CREATE TABLE {}link (
	target bigint NOT NULL,
	source bigint NOT NULL,
	link_key bytea NOT NULL,
	kind bigint NOT NULL,
	state bigint NOT NULL,
	departed bigint NOT NULL,
	digest bytea,
	config bytea,
	generation bigint NOT NULL,
	due bigint NOT NULL,
	due_nanos bigint NOT NULL,
	run bigint NOT NULL,
	identity bytea,
	anchor bytea, -- NULL when it is the UUID in link_key
	tid bytea NOT NULL,
	applied bytea NOT NULL, -- packed
	PRIMARY KEY (target, source, link_key)
);

ALTER TABLE {}link ALTER COLUMN applied SET STORAGE EXTERNAL;
CREATE INDEX {}link_target ON {}link (tid);
CREATE INDEX {}link_due ON {}link (target, source, link_key) WHERE due_nanos > 0;

CREATE TABLE {}member (
	target bigint NOT NULL,
	source bigint NOT NULL,
	grp bytea NOT NULL,
	member bytea NOT NULL,
	waiting bigint NOT NULL,
	PRIMARY KEY (target, source, grp, member)
);

CREATE TABLE {}run (
	target bigint NOT NULL,
	id bigint NOT NULL,
	state bigint NOT NULL, -- 1 planning, 2 sealed, 3 applying, 4 ended, 5 superseded
	recorded bigint NOT NULL, -- batches whose outcome is stored
	applied bytea NOT NULL, -- packed
	info bytea NOT NULL, -- packed
	PRIMARY KEY (target, id)
);

CREATE TABLE {}plan (
	target bigint NOT NULL,
	run bigint NOT NULL,
	n bigint NOT NULL,
	body bytea NOT NULL, -- packed and compressed: one batch
	PRIMARY KEY (target, run, n)
);
ALTER TABLE {}plan ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE {}issue (
	target bigint NOT NULL,
	source bytea NOT NULL,
	anchor bytea NOT NULL,
	code bytea NOT NULL,
	attr bytea NOT NULL,
	since bigint NOT NULL,
	run bigint NOT NULL,
	body bytea NOT NULL, -- packed
	PRIMARY KEY (target, source, anchor, code, attr)
);

CREATE TABLE {}answer (
	target bigint NOT NULL,
	source bytea NOT NULL,
	anchor bytea NOT NULL,
	body bytea NOT NULL, -- packed
	PRIMARY KEY (target, source, anchor)
);

CREATE TABLE {}note (
	target bigint NOT NULL,
	source bigint NOT NULL,
	name bytea NOT NULL,
	value bytea NOT NULL,
	PRIMARY KEY (target, source, name)
);

CREATE TABLE {}note_pending ( -- an empty value removes the note
	target bigint NOT NULL,
	run bigint NOT NULL,
	source bigint NOT NULL,
	name bytea NOT NULL,
	value bytea NOT NULL,
	PRIMARY KEY (target, run, source, name)
);

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
