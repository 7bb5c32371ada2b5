-- What reading changes only needs: finding few rows among many without walking
-- all of them.

-- +goose Up
CREATE TABLE {}tally ( -- how many links there are
	target INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	state INTEGER NOT NULL,
	n INTEGER NOT NULL,
	PRIMARY KEY (target, kind, state)
) WITHOUT ROWID;

INSERT INTO {}tally (target, kind, state, n) SELECT target, kind, state, count(*) FROM {}link GROUP BY target, kind, state;

CREATE INDEX {}member_waiting ON {}member (target, source, grp, member) WHERE waiting > 0;

-- The index by member is made at the end of the first run, like that of links
-- by tid.

ALTER TABLE {}run ADD COLUMN slim INTEGER NOT NULL DEFAULT 0; -- 1: what only the newest runs keep is gone
CREATE INDEX {}run_slim ON {}run (target, id) WHERE slim = 0;

-- +goose Down
DROP INDEX {}run_slim;
ALTER TABLE {}run DROP COLUMN slim;
DROP INDEX IF EXISTS {}member_member;
DROP INDEX {}member_waiting;
DROP TABLE {}tally;
