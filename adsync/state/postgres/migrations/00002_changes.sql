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

ALTER TABLE {}run ADD COLUMN slim bigint NOT NULL DEFAULT 0; -- 1: what only the newest runs keep is gone
CREATE INDEX {}run_slim ON {}run (target, id) WHERE slim = 0;

-- +goose Down
DROP INDEX {}run_slim;
ALTER TABLE {}run DROP COLUMN slim;
DROP INDEX {}member_member;
DROP INDEX {}member_waiting;
DROP TABLE {}tally;
