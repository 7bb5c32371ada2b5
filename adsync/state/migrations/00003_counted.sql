-- How many links each source has, so that a walk over them that ends too early
-- is noticed.

-- +goose Up
ALTER TABLE {}source ADD COLUMN links INTEGER NOT NULL DEFAULT 0;

UPDATE {}source SET links = (SELECT count(*) FROM {}link WHERE {}link.target = {}source.target AND {}link.source = {}source.id);

-- +goose Down
ALTER TABLE {}source DROP COLUMN links;
