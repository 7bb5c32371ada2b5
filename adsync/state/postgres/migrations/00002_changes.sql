-- What reading changes only needs: finding few rows among many without walking
-- all of them.

-- +goose Up
CREATE TABLE {}tally ( -- how many links there are
	target bigint NOT NULL,
	kind bigint NOT NULL,
	state bigint NOT NULL,
	n bigint NOT NULL,
	PRIMARY KEY (target, kind, state)
);

INSERT INTO {}tally (target, kind, state, n) SELECT target, kind, state, count(*) FROM {}link GROUP BY target, kind, state;

CREATE INDEX {}member_waiting ON {}member (target, source, grp, member) WHERE waiting > 0;
CREATE INDEX {}member_member ON {}member (target, source, member, grp);

CREATE INDEX {}run_held ON {}run (state);

ALTER TABLE {}target ADD COLUMN slimmed bigint NOT NULL DEFAULT 0; -- the newest run that lost its witnesses with age

-- +goose Down
ALTER TABLE {}target DROP COLUMN slimmed;
DROP INDEX {}run_held;
DROP INDEX {}member_member;
DROP INDEX {}member_waiting;
DROP TABLE {}tally;
