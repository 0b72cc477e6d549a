-- Enrollment: what clients demand of evidence, challenges that were given out, and evidence with its
-- verdict. An older program goes on beside it: nothing is demanded until a client says so.

ALTER TABLE clients ADD COLUMN attestation TEXT NOT NULL DEFAULT '{}';

-- Given out and not used yet; only their SHA-256.
CREATE TABLE challenges (
    hash BLOB PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('enroll', 'rotate', 'assert')),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX challenges_expiring ON challenges (expires_at);

-- What a generation of a device showed, as it was presented, and what came of judging it last.
CREATE TABLE evidence (
    id BLOB PRIMARY KEY,
    device_id BLOB NOT NULL REFERENCES devices (id),
    generation INTEGER NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('enroll', 'rotate', 'assert')),
    challenge TEXT NOT NULL,
    presented TEXT NOT NULL,
    presented_at INTEGER NOT NULL,
    judged_at INTEGER NOT NULL,
    level TEXT NOT NULL
        CHECK (level IN ('none', 'software', 'authenticator', 'app', 'hardware', 'strongbox')),
    shortfall TEXT
        CHECK (shortfall IN ('missing', 'invalid', 'unevaluated', 'timeout', 'level', 'stale')),
    failed_check TEXT,
    facts TEXT
) STRICT;

CREATE INDEX evidence_by_device ON evidence (device_id, generation, presented_at);

INSERT INTO settings (name, value) VALUES ('schema.oldest_reader', CAST('6:5' AS BLOB));
