-- One row for each process that may answer requests, and what it acknowledges to have read.

CREATE TABLE nodes (
    id UUID PRIMARY KEY,
    renewal UUID NOT NULL,
    acknowledged TEXT COLLATE "C",
    host TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    joined_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50);
