-- Assertions: how often the key that evidence attests was used. An older program does not know why the
-- sessions of a device end that gave its key up.

ALTER TABLE evidence ADD COLUMN counter BIGINT NOT NULL DEFAULT 0;

INSERT INTO settings (name, value) VALUES ('schema.oldest_reader', '9:9')
    ON CONFLICT (name) DO UPDATE SET value = excluded.value;
