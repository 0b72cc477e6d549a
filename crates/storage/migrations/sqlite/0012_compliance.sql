-- Whether devices meet the operator's rules. An older program would judge by none.

-- Every file that was applied; the one with the highest number is in force.
CREATE TABLE rule_files (
    id BLOB PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    version BLOB NOT NULL,
    text TEXT NOT NULL,
    note TEXT,
    applied_at INTEGER NOT NULL
) STRICT;
CREATE INDEX rule_files_by_version ON rule_files (version);

-- What is known of a device, one report of each source.
CREATE TABLE postures (
    device_id BLOB NOT NULL REFERENCES devices (id),
    source TEXT NOT NULL CHECK (source IN ('self', 'attested', 'mdm')),
    posture TEXT NOT NULL,
    -- Of the device's last report of its own.
    counter INTEGER NOT NULL,
    PRIMARY KEY (device_id, source)
) STRICT, WITHOUT ROWID;

-- Where a device stands, by which rules, and when that has to be looked at again.
CREATE TABLE standings (
    device_id BLOB PRIMARY KEY REFERENCES devices (id),
    standing TEXT,
    rules BLOB,
    next_change INTEGER
) STRICT;
CREATE INDEX standings_called ON standings (next_change) WHERE next_change IS NOT NULL;

-- What sessions are judged by.
ALTER TABLE devices ADD COLUMN compliance TEXT;
ALTER TABLE devices ADD COLUMN compliance_until INTEGER;
ALTER TABLE devices ADD COLUMN compliance_fall TEXT;

UPDATE settings SET value = CAST('12:12' AS BLOB) WHERE name = 'schema.oldest_reader';
