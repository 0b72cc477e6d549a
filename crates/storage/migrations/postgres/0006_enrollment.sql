-- Enrollment: what clients demand of evidence, challenges that were given out, and evidence with its
-- verdict. An older program goes on beside it: nothing is demanded until a client says so.

ALTER TABLE clients ADD COLUMN attestation JSONB NOT NULL DEFAULT '{}';

-- Given out and not used yet; only their SHA-256.
CREATE TABLE challenges (
    hash BYTEA PRIMARY KEY,
    client_id UUID NOT NULL REFERENCES clients (id),
    purpose TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('enroll', 'rotate', 'assert')),
    expires_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX challenges_expiring ON challenges (expires_at);

-- What a generation of a device showed, as it was presented, and what came of judging it last.
CREATE TABLE evidence (
    id UUID PRIMARY KEY,
    device_id UUID NOT NULL REFERENCES devices (id),
    generation BIGINT NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('enroll', 'rotate', 'assert')),
    challenge TEXT COLLATE "C" NOT NULL,
    presented TEXT COLLATE "C" NOT NULL,
    presented_at TIMESTAMPTZ NOT NULL,
    judged_at TIMESTAMPTZ NOT NULL,
    level TEXT COLLATE "C" NOT NULL
        CHECK (level IN ('none', 'software', 'authenticator', 'app', 'hardware', 'strongbox')),
    shortfall TEXT COLLATE "C"
        CHECK (shortfall IN ('missing', 'invalid', 'unevaluated', 'timeout', 'level', 'stale')),
    failed_check TEXT COLLATE "C",
    facts TEXT COLLATE "C"
);

CREATE INDEX evidence_by_device ON evidence (device_id, generation, presented_at);

INSERT INTO settings (name, value) VALUES ('schema.oldest_reader', '6:5');
