-- What clients use other services with, sealed to its row. An older program goes on beside it: it
-- knows no such service.

CREATE TABLE client_credentials (
    client_id UUID NOT NULL REFERENCES clients (id),
    service TEXT COLLATE "C" NOT NULL CHECK (service IN ('play_integrity')),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('response_keys', 'service_account')),
    sealed BYTEA NOT NULL,
    set_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (client_id, service)
);

INSERT INTO settings (name, value) VALUES ('schema.oldest_reader', '8:7')
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
