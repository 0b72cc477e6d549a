-- What clients use other services with, sealed to its row. An older program goes on beside it: it
-- knows no such service.

CREATE TABLE client_credentials (
    client_id BLOB NOT NULL REFERENCES clients (id),
    service TEXT NOT NULL CHECK (service IN ('play_integrity')),
    kind TEXT NOT NULL CHECK (kind IN ('response_keys', 'service_account')),
    sealed BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, service)
) STRICT, WITHOUT ROWID;

INSERT INTO settings (name, value) VALUES ('schema.oldest_reader', CAST('8:7' AS BLOB))
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
