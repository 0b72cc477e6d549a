-- How many devices a user may have. An older program would let more in, and does not know why the
-- sessions of a device end that made room for another.

ALTER TABLE clients ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
-- What the backend last said the user is.
ALTER TABLE users ADD COLUMN roles TEXT NOT NULL DEFAULT '[]';

-- Tickets of users whom a limit refused; whoever deletes the row has it.
CREATE TABLE limit_tickets (
    hash BLOB PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    jkt BLOB,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX limit_tickets_by_user ON limit_tickets (user_id);
CREATE INDEX limit_tickets_expiring ON limit_tickets (expires_at);

-- Another cause; SQLite cannot change a check.
CREATE TABLE approvals_with_limits (
    id BLOB PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    device_id BLOB NOT NULL REFERENCES devices (id),
    user_id BLOB REFERENCES users (id),
    cause TEXT NOT NULL CHECK (cause IN ('activation', 'after_ban', 'limit')),
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    decision TEXT CHECK (decision IN ('approved', 'rejected', 'expired')),
    decided_at INTEGER
) STRICT;
INSERT INTO approvals_with_limits (id, client_id, device_id, user_id, cause, asked_at, expires_at, decision, decided_at)
    SELECT id, client_id, device_id, user_id, cause, asked_at, expires_at, decision, decided_at FROM approvals;
DROP TABLE approvals;
ALTER TABLE approvals_with_limits RENAME TO approvals;
CREATE INDEX approvals_by_device ON approvals (device_id);
CREATE INDEX approvals_open ON approvals (expires_at) WHERE decision IS NULL;

UPDATE settings SET value = CAST('10:10' AS BLOB) WHERE name = 'schema.oldest_reader';
