-- How many devices a user may have. An older program would let more in, and does not know why the
-- sessions of a device end that made room for another.

ALTER TABLE clients ADD COLUMN limits JSONB NOT NULL DEFAULT '{}';
-- What the backend last said the user is.
ALTER TABLE users ADD COLUMN roles JSONB NOT NULL DEFAULT '[]';

-- Tickets of users whom a limit refused; whoever deletes the row has it.
CREATE TABLE limit_tickets (
    hash BYTEA PRIMARY KEY,
    client_id UUID NOT NULL REFERENCES clients (id),
    user_id UUID NOT NULL REFERENCES users (id),
    jkt BYTEA,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX limit_tickets_by_user ON limit_tickets (user_id);
CREATE INDEX limit_tickets_expiring ON limit_tickets (expires_at);

-- Another cause.
ALTER TABLE approvals DROP CONSTRAINT approvals_cause_check;
ALTER TABLE approvals ADD CONSTRAINT approvals_cause_check CHECK (cause IN ('activation', 'after_ban', 'limit'));

UPDATE settings SET value = '10:10' WHERE name = 'schema.oldest_reader';
