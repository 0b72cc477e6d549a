-- Who is let in: bans, approvals, suspensions that lift by themselves, and the identity of a machine
-- where its platform attests one. An older program does not know why these sessions end.

-- Approval of new devices, what a ban means for a user's other devices, what bad proofs cost.
ALTER TABLE clients ADD COLUMN admission JSONB NOT NULL DEFAULT '{}';

-- SHA-256 of what the platform attests of the machine itself.
ALTER TABLE devices ADD COLUMN hardware_identity BYTEA;
-- When a suspension lifts, or the last one lifted, by itself; a suspension by hand has none.
ALTER TABLE devices ADD COLUMN suspended_until TIMESTAMPTZ;
-- Proofs that were wrong, of requests with a live token of the device, since when, and how many
-- suspensions in a row they have led to.
ALTER TABLE devices ADD COLUMN bad_proofs BIGINT NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN bad_proofs_since TIMESTAMPTZ;
ALTER TABLE devices ADD COLUMN suspensions BIGINT NOT NULL DEFAULT 0;

CREATE INDEX devices_by_hardware ON devices (hardware_identity) WHERE hardware_identity IS NOT NULL;
CREATE INDEX devices_lifting ON devices (suspended_until) WHERE state = 'suspended' AND suspended_until IS NOT NULL;
CREATE INDEX ownerships_by_device ON ownerships (device_id);

-- What stays refused: a key, the machine that it was on, or one user on a device.
CREATE TABLE bans (
    id UUID PRIMARY KEY,
    scope TEXT COLLATE "C" NOT NULL CHECK (scope IN ('device', 'key', 'user_on_device')),
    client_id UUID REFERENCES clients (id),
    device_id UUID REFERENCES devices (id),
    user_id UUID REFERENCES users (id),
    jkt BYTEA,
    hardware_identity BYTEA,
    reason TEXT COLLATE "C",
    banned_at TIMESTAMPTZ NOT NULL,
    lifted_at TIMESTAMPTZ
);
CREATE INDEX bans_by_key ON bans (jkt) WHERE lifted_at IS NULL;
CREATE INDEX bans_by_hardware ON bans (hardware_identity) WHERE lifted_at IS NULL;
CREATE INDEX bans_by_device ON bans (device_id);
CREATE INDEX bans_by_user ON bans (user_id);

-- Devices, and users on devices, that wait for somebody to look or that somebody has looked at.
CREATE TABLE approvals (
    id UUID PRIMARY KEY,
    client_id UUID NOT NULL REFERENCES clients (id),
    device_id UUID NOT NULL REFERENCES devices (id),
    user_id UUID REFERENCES users (id),
    cause TEXT COLLATE "C" NOT NULL CHECK (cause IN ('activation', 'after_ban')),
    asked_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    decision TEXT COLLATE "C" CHECK (decision IN ('approved', 'rejected', 'expired')),
    decided_at TIMESTAMPTZ
);
CREATE INDEX approvals_by_device ON approvals (device_id);
CREATE INDEX approvals_open ON approvals (expires_at) WHERE decision IS NULL;

-- By what evidence was judged last: the client's version, and the list of what Google took back.
ALTER TABLE evidence ADD COLUMN judged_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE evidence ADD COLUMN judged_list TIMESTAMPTZ;
CREATE INDEX evidence_by_judgement ON evidence (judged_at);

UPDATE settings SET value = '7:7' WHERE name = 'schema.oldest_reader';
