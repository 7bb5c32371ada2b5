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

CREATE INDEX {}run_held ON {}run (state);

ALTER TABLE {}target ADD COLUMN slimmed INTEGER NOT NULL DEFAULT 0; -- the newest run that lost its witnesses with age

-- +goose Down
ALTER TABLE {}target DROP COLUMN slimmed;
DROP INDEX {}run_held;
DROP INDEX IF EXISTS {}member_member;
DROP INDEX {}member_waiting;
DROP TABLE {}tally;
