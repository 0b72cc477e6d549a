-- Since when nothing of a user's devices changes but what ends them. An older program would let them change.

ALTER TABLE users ADD COLUMN frozen_at INTEGER;

UPDATE settings SET value = CAST('13:13' AS BLOB) WHERE name = 'schema.oldest_reader';
