-- Notes lie beside the index by their names, and not in it: a step of a search
-- through an index reads the whole entry that it compares with, and a note is
-- some ten thousand bytes where it holds a bucket of objects.

-- +goose Up
CREATE TABLE {}note_beside (
	target INTEGER NOT NULL,
	source INTEGER NOT NULL,
	name BLOB NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (target, source, name)
);

INSERT INTO {}note_beside (target, source, name, value) SELECT target, source, name, value FROM {}note ORDER BY target, source, name;

DROP TABLE {}note;

ALTER TABLE {}note_beside RENAME TO {}note;

CREATE TABLE {}note_pending_beside ( -- an empty value removes the note
	target INTEGER NOT NULL,
	run INTEGER NOT NULL,
	source INTEGER NOT NULL,
	name BLOB NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (target, run, source, name)
);

INSERT INTO {}note_pending_beside (target, run, source, name, value) SELECT target, run, source, name, value FROM {}note_pending ORDER BY target, run, source, name;

DROP TABLE {}note_pending;

ALTER TABLE {}note_pending_beside RENAME TO {}note_pending;

-- +goose Down
CREATE TABLE {}note_within (
	target INTEGER NOT NULL,
	source INTEGER NOT NULL,
	name BLOB NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (target, source, name)
) WITHOUT ROWID;

INSERT INTO {}note_within (target, source, name, value) SELECT target, source, name, value FROM {}note;

DROP TABLE {}note;

ALTER TABLE {}note_within RENAME TO {}note;

CREATE TABLE {}note_pending_within (
	target INTEGER NOT NULL,
	run INTEGER NOT NULL,
	source INTEGER NOT NULL,
	name BLOB NOT NULL,
	value BLOB NOT NULL,
	PRIMARY KEY (target, run, source, name)
) WITHOUT ROWID;

INSERT INTO {}note_pending_within (target, run, source, name, value) SELECT target, run, source, name, value FROM {}note_pending;

DROP TABLE {}note_pending;

ALTER TABLE {}note_pending_within RENAME TO {}note_pending;
