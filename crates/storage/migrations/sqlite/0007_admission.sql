-- Who is let in: bans, approvals, suspensions that lift by themselves, and the identity of a machine
-- where its platform attests one. An older program does not know why these sessions end.

-- Approval of new devices, what a ban means for a user's other devices, what bad proofs cost.
ALTER TABLE clients ADD COLUMN admission TEXT NOT NULL DEFAULT '{}';

-- SHA-256 of what the platform attests of the machine itself.
ALTER TABLE devices ADD COLUMN hardware_identity BLOB;
-- When a suspension lifts, or the last one lifted, by itself; a suspension by hand has none.
ALTER TABLE devices ADD COLUMN suspended_until INTEGER;
-- Proofs that were wrong, of requests with a live token of the device, since when, and how many
-- suspensions in a row they have led to.
ALTER TABLE devices ADD COLUMN bad_proofs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN bad_proofs_since INTEGER;
ALTER TABLE devices ADD COLUMN suspensions INTEGER NOT NULL DEFAULT 0;

CREATE INDEX devices_by_hardware ON devices (hardware_identity) WHERE hardware_identity IS NOT NULL;
CREATE INDEX devices_lifting ON devices (suspended_until) WHERE state = 'suspended' AND suspended_until IS NOT NULL;
CREATE INDEX ownerships_by_device ON ownerships (device_id);

-- What stays refused: a key, the machine that it was on, or one user on a device.
CREATE TABLE bans (
    id BLOB PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('device', 'key', 'user_on_device')),
    client_id BLOB REFERENCES clients (id),
    device_id BLOB REFERENCES devices (id),
    user_id BLOB REFERENCES users (id),
    jkt BLOB,
    hardware_identity BLOB,
    reason TEXT,
    banned_at INTEGER NOT NULL,
    lifted_at INTEGER
) STRICT;
CREATE INDEX bans_by_key ON bans (jkt) WHERE lifted_at IS NULL;
CREATE INDEX bans_by_hardware ON bans (hardware_identity) WHERE lifted_at IS NULL;
CREATE INDEX bans_by_device ON bans (device_id);
CREATE INDEX bans_by_user ON bans (user_id);

-- Devices, and users on devices, that wait for somebody to look or that somebody has looked at.
CREATE TABLE approvals (
    id BLOB PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    device_id BLOB NOT NULL REFERENCES devices (id),
    user_id BLOB REFERENCES users (id),
    cause TEXT NOT NULL CHECK (cause IN ('activation', 'after_ban')),
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    decision TEXT CHECK (decision IN ('approved', 'rejected', 'expired')),
    decided_at INTEGER
) STRICT;
CREATE INDEX approvals_by_device ON approvals (device_id);
CREATE INDEX approvals_open ON approvals (expires_at) WHERE decision IS NULL;

-- By what evidence was judged last: the client's version, and the list of what Google took back.
ALTER TABLE evidence ADD COLUMN judged_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE evidence ADD COLUMN judged_list INTEGER;
CREATE INDEX evidence_by_judgement ON evidence (judged_at);

UPDATE settings SET value = CAST('7:7' AS BLOB) WHERE name = 'schema.oldest_reader';
