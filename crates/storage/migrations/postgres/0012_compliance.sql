-- Whether devices meet the operator's rules. An older program would judge by none.

-- Every file that was applied; the one with the highest number is in force.
CREATE TABLE rule_files (
    id UUID PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    version BYTEA NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C",
    applied_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX rule_files_by_version ON rule_files (version);

-- What is known of a device, one report of each source.
CREATE TABLE postures (
    device_id UUID NOT NULL REFERENCES devices (id),
    source TEXT COLLATE "C" NOT NULL CHECK (source IN ('self', 'attested', 'mdm')),
    posture JSONB NOT NULL,
    -- Of the device's last report of its own.
    counter BIGINT NOT NULL,
    PRIMARY KEY (device_id, source)
);

-- Where a device stands, by which rules, and when that has to be looked at again.
CREATE TABLE standings (
    device_id UUID PRIMARY KEY REFERENCES devices (id),
    standing JSONB,
    rules BYTEA,
    next_change TIMESTAMPTZ
);
CREATE INDEX standings_called ON standings (next_change) WHERE next_change IS NOT NULL;

-- What sessions are judged by.
ALTER TABLE devices ADD COLUMN compliance TEXT COLLATE "C";
ALTER TABLE devices ADD COLUMN compliance_until TIMESTAMPTZ;
ALTER TABLE devices ADD COLUMN compliance_fall TEXT COLLATE "C";

UPDATE settings SET value = '12:12' WHERE name = 'schema.oldest_reader';
