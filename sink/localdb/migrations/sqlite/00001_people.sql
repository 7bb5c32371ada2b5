-- +goose Up

-- The columns whose names end in _key hold a value as it is compared: without
-- case, composed, without surrounding blanks. Whoever inserts rows by hand may
-- leave them empty; they are filled in when the sink opens.

CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    source        TEXT,
    external_id   TEXT,
    logon         VARCHAR(1024) NOT NULL,
    logon_key     TEXT UNIQUE,
    email         VARCHAR(256),
    email_key     TEXT UNIQUE,
    sam_name      VARCHAR(256),
    employee_id   VARCHAR(512),
    first_name    VARCHAR(256),
    middle_name   VARCHAR(256),
    last_name     VARCHAR(256),
    display_name  VARCHAR(256),
    aliases       TEXT,
    phone         VARCHAR(128),
    mobile        VARCHAR(128),
    fax           VARCHAR(128),
    other_phone   VARCHAR(128),
    title         VARCHAR(128),
    department    VARCHAR(128),
    company       VARCHAR(128),
    office        VARCHAR(128),
    street        VARCHAR(1024),
    city          VARCHAR(128),
    state         VARCHAR(128),
    zip           VARCHAR(40),
    country       VARCHAR(128),
    description   VARCHAR(1024),
    manager_id    BIGINT REFERENCES accounts (id) ON DELETE SET NULL,
    active        INTEGER NOT NULL DEFAULT 1,
    protected     INTEGER NOT NULL DEFAULT 0,
    created_at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (external_id, source)
);

CREATE TABLE contacts (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    source        TEXT,
    external_id   TEXT,
    email         VARCHAR(256),
    email_key     TEXT,
    first_name    VARCHAR(256),
    middle_name   VARCHAR(256),
    last_name     VARCHAR(256),
    display_name  VARCHAR(256),
    aliases       TEXT,
    phone         VARCHAR(128),
    mobile        VARCHAR(128),
    fax           VARCHAR(128),
    other_phone   VARCHAR(128),
    title         VARCHAR(128),
    department    VARCHAR(128),
    company       VARCHAR(128),
    office        VARCHAR(128),
    street        VARCHAR(1024),
    city          VARCHAR(128),
    state         VARCHAR(128),
    zip           VARCHAR(40),
    country       VARCHAR(128),
    description   VARCHAR(1024),
    manager_id    BIGINT REFERENCES accounts (id) ON DELETE SET NULL,
    active        INTEGER NOT NULL DEFAULT 1,
    protected     INTEGER NOT NULL DEFAULT 0,
    created_at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (external_id, source)
);

CREATE TABLE "groups" (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    source        TEXT,
    external_id   TEXT,
    name          VARCHAR(256) NOT NULL,
    display_name  VARCHAR(256),
    email         VARCHAR(256),
    email_key     TEXT,
    sam_name      VARCHAR(256),
    description   VARCHAR(1024),
    manager_id    BIGINT REFERENCES accounts (id) ON DELETE SET NULL,
    active        INTEGER NOT NULL DEFAULT 1,
    protected     INTEGER NOT NULL DEFAULT 0,
    created_at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (external_id, source)
);

CREATE TABLE organizational_units (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    source        TEXT,
    external_id   TEXT,
    name                VARCHAR(256) NOT NULL,
    display_name        VARCHAR(256),
    description         VARCHAR(1024),
    distinguished_name  VARCHAR(2048),
    parent_id           BIGINT REFERENCES organizational_units (id) ON DELETE SET NULL,
    active        INTEGER NOT NULL DEFAULT 1,
    protected     INTEGER NOT NULL DEFAULT 0,
    created_at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (external_id, source)
);

CREATE TABLE memberships (
    group_id  BIGINT NOT NULL REFERENCES "groups" (id) ON DELETE CASCADE,
    account_id  BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, account_id)
) WITHOUT ROWID;

CREATE INDEX memberships_by_member ON memberships (account_id);

CREATE TABLE contact_memberships (
    group_id  BIGINT NOT NULL REFERENCES "groups" (id) ON DELETE CASCADE,
    contact_id  BIGINT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, contact_id)
) WITHOUT ROWID;

CREATE INDEX contact_memberships_by_member ON contact_memberships (contact_id);

CREATE TABLE group_memberships (
    group_id  BIGINT NOT NULL REFERENCES "groups" (id) ON DELETE CASCADE,
    member_group_id  BIGINT NOT NULL REFERENCES "groups" (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, member_group_id)
) WITHOUT ROWID;

CREATE INDEX group_memberships_by_member ON group_memberships (member_group_id);

CREATE INDEX contacts_by_email ON contacts (email_key);
CREATE INDEX groups_by_email ON "groups" (email_key);

-- What refers to a row is looked up when the row is deleted.
CREATE INDEX accounts_by_manager ON accounts (manager_id) WHERE manager_id IS NOT NULL;
CREATE INDEX contacts_by_manager ON contacts (manager_id) WHERE manager_id IS NOT NULL;
CREATE INDEX groups_by_manager ON "groups" (manager_id) WHERE manager_id IS NOT NULL;
CREATE INDEX organizational_units_by_parent ON organizational_units (parent_id) WHERE parent_id IS NOT NULL;

-- +goose Down

DROP TABLE group_memberships;
DROP TABLE contact_memberships;
DROP TABLE memberships;
DROP TABLE organizational_units;
DROP TABLE "groups";
DROP TABLE contacts;
DROP TABLE accounts;
