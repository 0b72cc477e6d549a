-- Text keys compare bytewise; times are timestamptz.

CREATE TABLE settings (
    name TEXT COLLATE "C" PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE clients (
    id UUID PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    platform TEXT COLLATE "C" NOT NULL CHECK (platform IN ('ios', 'android', 'web', 'desktop')),
    proof_of_possession TEXT COLLATE "C" NOT NULL CHECK (proof_of_possession IN ('required', 'optional')),
    nonce_policy TEXT COLLATE "C" NOT NULL CHECK (nonce_policy IN ('when_needed', 'always')),
    origins JSONB NOT NULL,
    audience TEXT COLLATE "C" NOT NULL,
    access_secs BIGINT NOT NULL,
    idle_secs BIGINT NOT NULL,
    absolute_secs BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    disabled_at TIMESTAMPTZ
);

CREATE TABLE api_keys (
    id UUID PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    scopes JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);

CREATE TABLE users (
    id UUID PRIMARY KEY,
    external_id TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    disabled_at TIMESTAMPTZ
);

CREATE TABLE devices (
    id UUID PRIMARY KEY,
    client_id UUID NOT NULL REFERENCES clients (id),
    installation_id UUID NOT NULL,
    -- What the app presented when that id was somebody else's device.
    claimed_installation_id UUID,
    app_id UUID NOT NULL UNIQUE,
    generation BIGINT NOT NULL,
    jkt BYTEA,
    secret_hash BYTEA,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'suspended', 'revoked', 'banned')),
    name TEXT COLLATE "C",
    model TEXT COLLATE "C",
    os_version TEXT COLLATE "C",
    app_version TEXT COLLATE "C",
    encryption TEXT COLLATE "C" CHECK (encryption IN ('enabled', 'disabled', 'unknown')),
    fingerprint BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    UNIQUE (client_id, installation_id),
    UNIQUE (client_id, jkt)
);

CREATE INDEX devices_claimed ON devices (client_id, claimed_installation_id)
    WHERE claimed_installation_id IS NOT NULL;

-- Keys that a device gave up. A dead key stays dead.
CREATE TABLE retired_keys (
    client_id UUID NOT NULL REFERENCES clients (id),
    jkt BYTEA NOT NULL,
    device_id UUID NOT NULL REFERENCES devices (id),
    retired_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (client_id, jkt)
);

CREATE TABLE ownerships (
    id UUID PRIMARY KEY,
    device_id UUID NOT NULL REFERENCES devices (id),
    user_id UUID NOT NULL REFERENCES users (id),
    client_id UUID NOT NULL REFERENCES clients (id),
    name TEXT COLLATE "C",
    is_recognised BOOLEAN NOT NULL,
    push_provider TEXT COLLATE "C" CHECK (push_provider IN ('apns', 'fcm')),
    push_address BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    last_active_at TIMESTAMPTZ NOT NULL,
    last_ip TEXT COLLATE "C",
    last_user_agent TEXT COLLATE "C",
    last_city TEXT COLLATE "C",
    last_country TEXT COLLATE "C",
    ended_at TIMESTAMPTZ,
    end_cause TEXT COLLATE "C" CHECK (end_cause IN ('removed', 'evicted'))
);
CREATE UNIQUE INDEX ownerships_active ON ownerships (device_id, user_id) WHERE ended_at IS NULL;
CREATE INDEX ownerships_by_user ON ownerships (user_id, id);

CREATE TABLE sessions (
    id UUID PRIMARY KEY,
    ownership_id UUID NOT NULL REFERENCES ownerships (id),
    device_id UUID NOT NULL REFERENCES devices (id),
    user_id UUID NOT NULL REFERENCES users (id),
    client_id UUID NOT NULL REFERENCES clients (id),
    app_id UUID NOT NULL,
    jkt BYTEA,
    amr JSONB NOT NULL,
    client_epoch BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_active_at TIMESTAMPTZ NOT NULL,
    access_secs BIGINT NOT NULL,
    idle_secs BIGINT NOT NULL,
    absolute_secs BIGINT NOT NULL,
    absolute_expires_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    end_cause TEXT COLLATE "C",
    refresh_hash BYTEA,
    previous_refresh_hash BYTEA,
    previous_sealed_successor BYTEA,
    previous_rotated_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX sessions_active ON sessions (ownership_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_active_by_device ON sessions (device_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_active_by_user ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_expiring ON sessions (absolute_expires_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_past ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- Every refresh token ever issued to a session that is still kept, so that a superseded one is
-- told from one that never was. Validity lives on the session row only.
CREATE TABLE refresh_tokens (
    hash BYTEA PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- The backend's own tokens. A hash belongs to one session for ever.
CREATE TABLE adopted_tokens (
    hash BYTEA PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('access', 'refresh')),
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX adopted_tokens_by_session ON adopted_tokens (session_id);

-- Proofs used by logins and refreshes: each at most once.
CREATE TABLE proof_uses (
    replay_key BYTEA PRIMARY KEY,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX proof_uses_expiring ON proof_uses (expires_at);

CREATE TABLE signing_keys (
    id UUID PRIMARY KEY,
    public_jwk JSONB NOT NULL,
    sealed_private BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    signs_from TIMESTAMPTZ NOT NULL,
    verifies_until TIMESTAMPTZ
);

-- The revocation feed. Only the store prunes it.
CREATE TABLE feed (
    position XID8 NOT NULL DEFAULT pg_current_xact_id(),
    id UUID PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('ended', 'changed')),
    subject TEXT COLLATE "C" NOT NULL CHECK (subject IN ('session', 'client', 'api_key', 'signing_keys')),
    subject_id UUID,
    cause TEXT COLLATE "C",
    denied_until TIMESTAMPTZ,
    written_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX feed_position ON feed (position);
CREATE INDEX feed_written ON feed (written_at);
CREATE INDEX feed_denied ON feed (denied_until) WHERE kind = 'ended';

CREATE TABLE activity (
    id UUID PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    actor_kind TEXT COLLATE "C" NOT NULL CHECK (actor_kind IN ('api_key', 'user', 'system', 'operator')),
    actor_id UUID,
    client_id UUID,
    user_id UUID,
    device_id UUID,
    ownership_id UUID,
    session_id UUID,
    api_key_id UUID,
    reason TEXT COLLATE "C"
);
CREATE INDEX activity_by_user ON activity (user_id, id);
CREATE INDEX activity_by_device ON activity (device_id, id);
CREATE INDEX activity_at ON activity (at);
