-- Enough rows that PostgreSQL's planner tells a good index from a bad one, and few enough that its
-- statistics look at all of them, so that plans are the same each time.

CREATE FUNCTION nth_id(n BIGINT) RETURNS UUID LANGUAGE sql IMMUTABLE AS $$ SELECT CAST(md5(CAST(n AS TEXT)) AS UUID) $$;
CREATE FUNCTION nth_hash(n BIGINT) RETURNS BYTEA LANGUAGE sql IMMUTABLE AS $$ SELECT sha256(CAST(CAST(n AS TEXT) AS BYTEA)) $$;
CREATE FUNCTION nth_time(n BIGINT) RETURNS TIMESTAMPTZ LANGUAGE sql IMMUTABLE AS $$ SELECT to_timestamp(1800000000 + n) $$;

INSERT INTO clients (id, name, platform, proof_of_possession, nonce_policy, origins, audience,
    access_secs, idle_secs, absolute_secs, epoch, created_at, version)
SELECT nth_id(n), 'client', 'web', 'optional', 'always', '[]', 'api', 300, 3600, 86400, 0, nth_time(n), 1
FROM generate_series(1, 3) n;

INSERT INTO api_keys (id, name, hash, scopes, created_at)
SELECT nth_id(n), 'key', nth_hash(n), '[]', nth_time(n) FROM generate_series(1, 500) n;

INSERT INTO users (id, external_id, created_at)
SELECT nth_id(n), CAST(n AS TEXT), nth_time(n) FROM generate_series(1, 2000) n;

INSERT INTO devices (id, client_id, installation_id, app_id, generation, jkt, state, created_at, last_seen_at)
SELECT nth_id(n), nth_id(1 + n % 3), nth_id(-n), nth_id(n), 1, nth_hash(n), 'active', nth_time(n), nth_time(n)
FROM generate_series(1, 4000) n;

-- Two devices a user, and as many past ownerships.
INSERT INTO ownerships (id, device_id, user_id, client_id, is_recognised, created_at, last_active_at, ended_at)
SELECT nth_id(n), nth_id(1 + n % 4000), nth_id(1 + n % 2000), nth_id(1 + n % 3), false, nth_time(n), nth_time(n),
    CASE WHEN n > 4000 THEN nth_time(n) END
FROM generate_series(1, 8000) n;

INSERT INTO sessions (id, ownership_id, device_id, user_id, client_id, app_id, amr, client_epoch, created_at,
    last_active_at, access_secs, idle_secs, absolute_secs, absolute_expires_at, ended_at)
SELECT nth_id(n), nth_id(1 + n % 4000), nth_id(1 + n % 4000), nth_id(1 + n % 2000), nth_id(1 + n % 3),
    nth_id(n), '[]', 0, nth_time(n), nth_time(n), 300, 3600, 86400, nth_time(n + 86400),
    CASE WHEN n > 4000 THEN nth_time(n) END
FROM generate_series(1, 12000) n;

INSERT INTO refresh_tokens (hash, session_id, issued_at)
SELECT nth_hash(n), nth_id(n), nth_time(n) FROM generate_series(1, 12000) n;

INSERT INTO adopted_tokens (hash, session_id, kind, expires_at)
SELECT nth_hash(n), nth_id(n), 'access', nth_time(n) FROM generate_series(1, 12000) n;

-- Far fewer transactions than entries would be unlike a feed, whose position is its transaction.
INSERT INTO feed (position, id, kind, subject, denied_until, written_at)
SELECT CAST(CAST(n AS TEXT) AS XID8), nth_id(n), CASE WHEN n % 2 = 0 THEN 'ended' ELSE 'changed' END, 'session',
    CASE WHEN n % 2 = 0 THEN nth_time(n) END, nth_time(n)
FROM generate_series(1, 12000) n;

ANALYZE;
