-- What speaks for devices. An older program would not know that a device is trusted, nor that it is no
-- longer.

-- What counts as a confirmation by a user.
ALTER TABLE clients ADD COLUMN trust JSONB NOT NULL DEFAULT '{}';

CREATE TABLE trust_evidence (
    id UUID PRIMARY KEY,
    device_id UUID NOT NULL REFERENCES devices (id),
    -- Of the device: another key has to be spoken for anew.
    generation BIGINT NOT NULL,
    -- Of the user who confirmed it; none, where it is for all.
    ownership_id UUID REFERENCES ownerships (id) ON DELETE CASCADE,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('mfa', 'mdm')),
    source TEXT COLLATE "C" NOT NULL CHECK (source IN ('login', 'backend')),
    note TEXT COLLATE "C",
    since TIMESTAMPTZ NOT NULL,
    until TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    end_cause TEXT COLLATE "C" CHECK (end_cause IN ('lapsed', 'withdrawn'))
);
-- Until when what stands counts is found at its end, however much there is.
CREATE INDEX trust_evidence_standing ON trust_evidence (device_id, generation, ownership_id, until) WHERE ended_at IS NULL;
CREATE INDEX trust_evidence_by_device ON trust_evidence (device_id);
CREATE INDEX trust_evidence_by_ownership ON trust_evidence (ownership_id);
-- What lapses, and what is past. Not by time alone: a planner would look for the latest of a device
-- from the end of that.
CREATE INDEX trust_evidence_by_end ON trust_evidence (ended_at, until);

UPDATE settings SET value = '11:11' WHERE name = 'schema.oldest_reader';
