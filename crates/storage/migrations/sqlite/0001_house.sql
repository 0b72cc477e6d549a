-- Text keys compare bytewise; times are microseconds since 1970-01-01T00:00:00Z.

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE clients (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    platform TEXT NOT NULL CHECK (platform IN ('ios', 'android', 'web', 'desktop')),
    proof_of_possession TEXT NOT NULL CHECK (proof_of_possession IN ('required', 'optional')),
    nonce_policy TEXT NOT NULL CHECK (nonce_policy IN ('when_needed', 'always')),
    origins TEXT NOT NULL,
    audience TEXT NOT NULL,
    access_secs INTEGER NOT NULL,
    idle_secs INTEGER NOT NULL,
    absolute_secs INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE api_keys (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE TABLE users (
    id BLOB PRIMARY KEY,
    external_id TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE devices (
    id BLOB PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES clients (id),
    installation_id BLOB NOT NULL,
    -- What the app presented when that id was somebody else's device.
    claimed_installation_id BLOB,
    app_id BLOB NOT NULL UNIQUE,
    generation INTEGER NOT NULL,
    jkt BLOB,
    secret_hash BLOB,
    state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'revoked', 'banned')),
    name TEXT,
    model TEXT,
    os_version TEXT,
    app_version TEXT,
    encryption TEXT CHECK (encryption IN ('enabled', 'disabled', 'unknown')),
    fingerprint BLOB,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    UNIQUE (client_id, installation_id),
    UNIQUE (client_id, jkt)
) STRICT;

CREATE INDEX devices_claimed ON devices (client_id, claimed_installation_id)
    WHERE claimed_installation_id IS NOT NULL;

-- Keys that a device gave up. A dead key stays dead.
CREATE TABLE retired_keys (
    client_id BLOB NOT NULL REFERENCES clients (id),
    jkt BLOB NOT NULL,
    device_id BLOB NOT NULL REFERENCES devices (id),
    retired_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, jkt)
) STRICT, WITHOUT ROWID;

CREATE TABLE ownerships (
    id BLOB PRIMARY KEY,
    device_id BLOB NOT NULL REFERENCES devices (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    client_id BLOB NOT NULL REFERENCES clients (id),
    name TEXT,
    is_recognised INTEGER NOT NULL,
    push_provider TEXT CHECK (push_provider IN ('apns', 'fcm')),
    push_address BLOB,
    created_at INTEGER NOT NULL,
    last_active_at INTEGER NOT NULL,
    last_ip TEXT,
    last_user_agent TEXT,
    last_city TEXT,
    last_country TEXT,
    ended_at INTEGER,
    end_cause TEXT CHECK (end_cause IN ('removed', 'evicted'))
) STRICT;
CREATE UNIQUE INDEX ownerships_active ON ownerships (device_id, user_id) WHERE ended_at IS NULL;
CREATE INDEX ownerships_by_user ON ownerships (user_id, id);

CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    ownership_id BLOB NOT NULL REFERENCES ownerships (id),
    device_id BLOB NOT NULL REFERENCES devices (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    client_id BLOB NOT NULL REFERENCES clients (id),
    app_id BLOB NOT NULL,
    jkt BLOB,
    amr TEXT NOT NULL,
    client_epoch INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_active_at INTEGER NOT NULL,
    access_secs INTEGER NOT NULL,
    idle_secs INTEGER NOT NULL,
    absolute_secs INTEGER NOT NULL,
    absolute_expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_cause TEXT,
    refresh_hash BLOB,
    previous_refresh_hash BLOB,
    previous_sealed_successor BLOB,
    previous_rotated_at INTEGER
) STRICT;
CREATE UNIQUE INDEX sessions_active ON sessions (ownership_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_active_by_device ON sessions (device_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_active_by_user ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_expiring ON sessions (absolute_expires_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_past ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- Every refresh token ever issued to a session that is still kept, so that a superseded one is
-- told from one that never was. Validity lives on the session row only.
CREATE TABLE refresh_tokens (
    hash BLOB PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- The backend's own tokens. A hash belongs to one session for ever.
CREATE TABLE adopted_tokens (
    hash BLOB PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('access', 'refresh')),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX adopted_tokens_by_session ON adopted_tokens (session_id);

-- Proofs used by logins and refreshes: each at most once.
CREATE TABLE proof_uses (
    replay_key BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX proof_uses_expiring ON proof_uses (expires_at);

CREATE TABLE signing_keys (
    id BLOB PRIMARY KEY,
    public_jwk TEXT NOT NULL,
    sealed_private BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    signs_from INTEGER NOT NULL,
    verifies_until INTEGER
) STRICT;

-- The revocation feed. Only the store prunes it.
CREATE TABLE feed (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('ended', 'changed')),
    subject TEXT NOT NULL CHECK (subject IN ('session', 'client', 'api_key', 'signing_keys')),
    subject_id BLOB,
    cause TEXT,
    denied_until INTEGER,
    written_at INTEGER NOT NULL
) STRICT;
CREATE INDEX feed_written ON feed (written_at);
CREATE INDEX feed_denied ON feed (denied_until) WHERE kind = 'ended';

CREATE TABLE activity (
    id BLOB PRIMARY KEY,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('api_key', 'user', 'system', 'operator')),
    actor_id BLOB,
    client_id BLOB,
    user_id BLOB,
    device_id BLOB,
    ownership_id BLOB,
    session_id BLOB,
    api_key_id BLOB,
    reason TEXT
) STRICT;
CREATE INDEX activity_by_user ON activity (user_id, id);
CREATE INDEX activity_by_device ON activity (device_id, id);
CREATE INDEX activity_at ON activity (at);
