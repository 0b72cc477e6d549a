-- Since when nothing of a user's devices changes but what ends them. An older program would let them change.

ALTER TABLE users ADD COLUMN frozen_at TIMESTAMPTZ;

UPDATE settings SET value = '13:13' WHERE name = 'schema.oldest_reader';
